/* Bracket expressions (POSIX.1-2017 9.3.5) as sets of bytes. */
#include <ctype.h>
#include <string.h>

#include "../misc/char_class.h"
#include "parse.h"

void
__regex_set_finish(struct parser *p, struct node *set, bool inverted)
{
	for (int c = 0; c < 256 && (p->program->flags & REG_ICASE) != 0; c++)
		if (isalpha(c) && set_has(set, c)) {
			set_add(set, tolower(c));
			set_add(set, toupper(c));
		}
	for (int i = 0; i < 8 && inverted; i++)
		set->set[i] = ~set->set[i];
	set->set[0] &= ~1u;
	if (inverted && (p->program->flags & REG_NEWLINE) != 0)
		set->set[0] &= ~(1u << '\n');
}

/* [:class:]. Returns false when there is none here. */
static bool
class(struct parser *p, struct node *set)
{
	const char *name = p->at + 2, *end;

	if (p->at[0] != '[' || p->at[1] != ':')
		return false;
	end = strstr(name, ":]");
	if (end == NULL || !__char_class_exists(name, end - name)) {
		p->error = end == NULL ? REG_EBRACK : REG_ECTYPE;
		return true;
	}
	for (int c = 0; c < 256; c++)
		if (__char_class(name, end - name, c))
			set_add(set, c);
	p->at = end + 2;
	return true;
}

/* A character, also as [.x.] or [=x=]. */
static int
element(struct parser *p)
{
	char kind = p->at[1];

	if (p->at[0] != '[' || (kind != '.' && kind != '='))
		return (unsigned char)*p->at++;
	if (p->at[2] == 0 || p->at[3] != kind || p->at[4] != ']') {
		p->error = REG_ECOLLATE;
		return 0;
	}
	p->at += 5;
	return (unsigned char)p->at[-3];
}

struct node *
__regex_bracket(struct parser *p)
{
	struct node *set = __regex_node(p, NODE_SET);
	bool inverted = *p->at == '^', first = true;

	p->at += inverted;
	for (; set != NULL && p->error == 0 && (*p->at != ']' || first); first = false) {
		int low, high;

		if (*p->at == 0) {
			p->error = REG_EBRACK;
			return NULL;
		}
		if (class(p, set))
			continue;
		low = high = element(p);
		if (p->at[0] == '-' && p->at[1] != ']' && p->at[1] != 0) {
			p->at++;
			high = element(p);
			if (high < low)
				p->error = REG_ERANGE;
		}
		for (; low <= high; low++)
			set_add(set, low);
	}
	if (set == NULL || p->error != 0)
		return NULL;
	p->at++;
	__regex_set_finish(p, set, inverted);
	return set;
}
