/* Sets of characters, and bracket expressions (POSIX.1-2017 9.3.5). */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "parse.h"

#define CLASS_NAME_MAX	16

/* --- building sets --- */

/* What the bits tell of: bytes, or ASCII. */
static wint_t
bits_end(const struct parser *p)
{
	return p->program->utf8 ? 128 : 256;
}

static void
add_bit(struct set *set, wint_t c)
{
	set->bits[c / 32] |= 1u << c % 32;
}

void
__regex_set_add(struct parser *p, struct set *set, wint_t first, wint_t last)
{
	struct range *more;

	for (; first <= last && first < bits_end(p); first++)
		add_bit(set, first);
	if (first > last)
		return;
	more = realloc(set->ranges, ((size_t)set->count + 1) * sizeof(*more));
	if (more == NULL) {
		p->error = REG_ESPACE;
		return;
	}
	set->ranges = more;
	more[set->count++] = (struct range){ first, last };
}

void
__regex_set_add_class(struct parser *p, struct set *set, wctype_t class)
{
	for (wint_t c = 0; c < bits_end(p); c++)
		if (iswctype(btowc((int)c), class))
			add_bit(set, c);
	set->classes |= 1u << class;
}

void
__regex_set_finish(struct parser *p, struct set *set, bool inverted)
{
	for (int c = 0; c < 128 && (p->program->flags & REG_ICASE) != 0; c++)
		if (isalpha(c) && bit_of(set->bits, (unsigned)c)) {
			add_bit(set, (wint_t)tolower(c));
			add_bit(set, (wint_t)toupper(c));
		}
	for (int i = 0; i < 8 && inverted; i++)
		set->bits[i] = ~set->bits[i];
	set->inverted = inverted;
	set->bits[0] &= ~1u;
	if (inverted && (p->program->flags & REG_NEWLINE) != 0)
		set->bits[0] &= ~(1u << '\n');
}

/* --- asking them --- */

static bool
listed(const struct set *set, wint_t code)
{
	for (int i = 0; i < set->count; i++)
		if (set->ranges[i].first <= code && code <= set->ranges[i].last)
			return true;
	for (uint32_t rest = set->classes; rest != 0; rest &= rest - 1)
		if (iswctype(code, (wctype_t)__builtin_ctz(rest)))
			return true;
	return false;
}

bool
__regex_in_set(const struct __regex_program *program, const struct set *set, wint_t code)
{
	bool found;

	if (code < (program->utf8 ? 128u : 256u))
		return bit_of(set->bits, code);
	if (code == WEOF)
		return false;
	found = listed(set, code);
	if (!found && (program->flags & REG_ICASE) != 0)
		found = listed(set, towlower(code)) || listed(set, towupper(code));
	return found != set->inverted;
}

/* --- bracket expressions --- */

/* [:class:]. Returns false when there is none here. */
static bool
class(struct parser *p, struct set *set)
{
	const char *name = p->at + 2, *end;
	char copy[CLASS_NAME_MAX] = "";
	wctype_t found;

	if (p->at[0] != '[' || p->at[1] != ':')
		return false;
	end = strstr(name, ":]");
	if (end != NULL && end - name < CLASS_NAME_MAX)
		memcpy(copy, name, (size_t)(end - name));
	found = wctype(copy);
	if (found == 0) {
		p->error = end == NULL ? REG_EBRACK : REG_ECTYPE;
		return true;
	}
	__regex_set_add_class(p, set, found);
	p->at = end + 2;
	return true;
}

/* A character, also as [.x.] or [=x=]. */
static wint_t
element(struct parser *p)
{
	char kind = p->at[1];
	wint_t code;

	if (p->at[0] != '[' || (kind != '.' && kind != '='))
		return __regex_next(p);
	p->at += 2;
	code = *p->at != 0 ? __regex_next(p) : WEOF;
	if (code == WEOF || p->at[0] != kind || p->at[1] != ']') {
		p->error = REG_ECOLLATE;
		return WEOF;
	}
	p->at += 2;
	return code;
}

struct node *
__regex_bracket(struct parser *p)
{
	struct node *node = __regex_node(p, NODE_SET);
	bool inverted = *p->at == '^', first = true;

	p->at += inverted;
	for (; node != NULL && p->error == 0 && (*p->at != ']' || first); first = false) {
		wint_t low, high;

		if (*p->at == 0) {
			p->error = REG_EBRACK;
			return NULL;
		}
		if (class(p, &node->set))
			continue;
		low = high = element(p);
		if (p->at[0] == '-' && p->at[1] != ']' && p->at[1] != 0) {
			p->at++;
			high = element(p);
			if (high < low || high == WEOF)
				p->error = REG_ERANGE;
		}
		if (p->error == 0)
			__regex_set_add(p, &node->set, low, high);
	}
	if (node == NULL || p->error != 0)
		return NULL;
	p->at++;
	__regex_set_finish(p, &node->set, inverted);
	return node;
}
