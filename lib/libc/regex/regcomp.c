/* From a pattern to nodes: recursive descent over POSIX.1-2017 9.5. */
#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "parse.h"

#define REPEAT_MAX	255		/* RE_DUP_MAX */
#define DEPTH_MAX	200		/* groups and repetitions in one another: a thread's stack may be small */

struct node *
__regex_node(struct parser *p, enum node_kind kind)
{
	struct node *node = calloc(1, sizeof(*node));

	if (node == NULL) {
		p->error = REG_ESPACE;
		return NULL;
	}
	node->kind = kind;
	node->all = p->program->nodes;
	p->program->nodes = node;
	return node;
}

static struct node *alternatives(struct parser *p, bool inside);

static bool
extended(const struct parser *p)
{
	return (p->program->flags & REG_EXTENDED) != 0;
}

/* Whether the next token is an operator: c alone in extended, \c in basic expressions. */
static bool
is_token(const struct parser *p, char c)
{
	return extended(p) ? *p->at == c : p->at[0] == '\\' && p->at[1] == c;
}

/* What is no character stands for itself: nothing matches it. */
wint_t
__regex_next(struct parser *p)
{
	wint_t code;

	p->at += __regex_character(p->program, p->at, p->at + strnlen(p->at, MB_LEN_MAX), &code);
	return code;
}

/* The next character, as itself. */
static struct node *
character(struct parser *p)
{
	struct node *node = __regex_node(p, NODE_SET);
	wint_t code = __regex_next(p);

	if (node != NULL) {
		__regex_set_add(p, &node->set, code, code);
		__regex_set_finish(p, &node->set, false);
	}
	return node;
}

static struct node *
group(struct parser *p)
{
	struct node *node = __regex_node(p, NODE_GROUP);

	p->at += extended(p) ? 1 : 2;
	if (node == NULL)
		return NULL;
	if (++p->depth > DEPTH_MAX) {
		p->error = REG_ESPACE;
		return NULL;
	}
	node->number = ++p->program->groups;
	node->left = alternatives(p, true);
	p->depth--;
	p->height++;
	if (p->error == 0 && !is_token(p, ')'))
		p->error = REG_EPAREN;
	p->at += extended(p) ? 1 : 2;
	return node;
}

/* Behind a backslash. */
static struct node *
escaped(struct parser *p)
{
	struct node *node;
	char c = *p->at;

	if (c == 0) {
		p->error = REG_EESCAPE;
		return NULL;
	}
	if (c == ')' && !extended(p)) {
		p->error = REG_EPAREN;
		return NULL;
	}
	if (c >= '1' && c <= '9') {
		p->at++;
		if (c - '0' > p->program->groups) {
			p->error = REG_ESUBREG;
			return NULL;
		}
		node = __regex_node(p, NODE_BACK);
		if (node != NULL)
			node->number = c - '0';
		p->program->back_references = true;
		return node;
	}
	if (strchr("<>bB", c) != NULL) {
		p->at++;
		node = __regex_node(p, NODE_WORD);
		if (node != NULL)
			node->number = c;
		return node;
	}
	if (c == 'w' || c == 'W' || c == 's' || c == 'S') {
		p->at++;
		node = __regex_node(p, NODE_SET);
		if (node == NULL)
			return NULL;
		__regex_set_add_class(p, &node->set, wctype((c | 32) == 'w' ? "alnum" : "space"));
		if ((c | 32) == 'w')
			__regex_set_add(p, &node->set, '_', '_');
		__regex_set_finish(p, &node->set, c < 'a');
		return node;
	}
	return character(p);
}

static struct node *
atom(struct parser *p, bool first)
{
	struct node *node;
	char c = *p->at;

	if (is_token(p, '('))
		return group(p);
	switch (c) {
	case '.':
		p->at++;
		node = __regex_node(p, NODE_SET);
		if (node != NULL)
			__regex_set_finish(p, &node->set, true);
		return node;
	case '[':
		p->at++;
		return __regex_bracket(p);
	case '\\':
		p->at++;
		return escaped(p);
	case '^':
		if (extended(p) || first) {
			p->at++;
			return __regex_node(p, NODE_BEGIN);
		}
		break;
	case '$':
		if (extended(p) || p->at[1] == 0 || (p->at[1] == '\\' && (p->at[2] == ')' || p->at[2] == '|'))) {
			p->at++;
			return __regex_node(p, NODE_END);
		}
		break;
	case '*': case '+': case '?': case '{':
		if (extended(p)) {
			p->error = REG_BADRPT;
			return NULL;
		}
	}
	return character(p);
}

static int
count(struct parser *p)
{
	int value = 0;

	while (isdigit((unsigned char)*p->at) && value <= REPEAT_MAX)
		value = value * 10 + (*p->at++ - '0');
	return value;
}

/* {least,most} behind the brace. */
static void
braces(struct parser *p, int *least, int *most)
{
	bool digits = isdigit((unsigned char)*p->at);

	*least = *most = count(p);
	if (*p->at == ',') {
		p->at++;
		*most = isdigit((unsigned char)*p->at) ? count(p) : -1;
	} else if (!digits) {
		p->error = REG_BADBR;
	}
	if (p->error == 0 && !is_token(p, '}'))
		p->error = *p->at == 0 ? REG_EBRACE : REG_BADBR;
	if (*least > REPEAT_MAX || *most > REPEAT_MAX || (*most >= 0 && *most < *least))
		p->error = REG_BADBR;
	p->at += extended(p) ? 1 : 2;
}

/* Returns false when no repetition stands here. */
static bool
repetition(struct parser *p, int *least, int *most)
{
	*least = 0;
	*most = -1;
	if (*p->at == '*') {
		p->at++;
		return true;
	}
	if (is_token(p, '+') || is_token(p, '?')) {
		p->at += !extended(p);
		*least = *p->at == '+';
		*most = *p->at == '+' ? -1 : 1;
		p->at++;
		return true;
	}
	if (is_token(p, '{') && (!extended(p) || isdigit((unsigned char)p->at[1]) || p->at[1] == ',')) {
		p->at += extended(p) ? 1 : 2;
		braces(p, least, most);
		return true;
	}
	return false;
}

/* An atom and the repetitions behind it; basic expressions have none behind an anchor. */
static struct node *
repeated(struct parser *p, bool first)
{
	int before = p->program->groups, least, most;
	struct node *node = atom(p, first), *repeat;

	if (node != NULL && node->kind == NODE_BEGIN && !extended(p))
		return node;
	while (p->error == 0 && node != NULL && repetition(p, &least, &most) && p->error == 0) {
		if (++p->height > DEPTH_MAX) {
			p->error = REG_ESPACE;
			return NULL;
		}
		repeat = __regex_node(p, NODE_REPEAT);
		if (repeat == NULL)
			return NULL;
		repeat->left = node;
		repeat->least = least;
		repeat->most = most;
		repeat->number = before + 1;
		repeat->last = p->program->groups + 1;
		node = repeat;
	}
	return node;
}

static struct node *
sequence(struct parser *p, bool inside)
{
	struct node *first = NULL, **link = &first;
	int height = p->height;

	while (p->error == 0 && *p->at != 0 && !is_token(p, '|') && !(inside && is_token(p, ')'))) {
		p->height = 0;
		*link = repeated(p, first == NULL);
		if (*link == NULL)
			break;
		link = &(*link)->next;
		height = p->height > height ? p->height : height;
	}
	p->height = height;
	return first != NULL || p->error != 0 ? first : __regex_node(p, NODE_EMPTY);
}

static struct node *
alternatives(struct parser *p, bool inside)
{
	struct node *all = NULL, **link = &all;

	for (;;) {
		struct node *one = sequence(p, inside);

		*link = one;
		if (p->error != 0 || !is_token(p, '|'))
			return all;
		p->at += extended(p) ? 1 : 2;
		*link = __regex_node(p, NODE_ALTERNATIVES);
		if (*link == NULL)
			return NULL;
		(*link)->left = one;
		link = &(*link)->right;
	}
}

int
regcomp(regex_t *restrict regex, const char *restrict pattern, int flags)
{
	struct parser p = { .at = pattern };

	regex->__program = p.program = calloc(1, sizeof(*p.program));
	if (p.program == NULL)
		return REG_ESPACE;
	p.program->flags = flags;
	p.program->utf8 = MB_CUR_MAX > 1;
	p.program->first = alternatives(&p, false);
	if (p.error == 0)
		p.error = __regex_program(p.program);
	if (p.error != 0) {
		regfree(regex);
		return p.error;
	}
	regex->re_nsub = p.program->groups;
	return 0;
}

void
regfree(regex_t *regex)
{
	struct node *next;

	if (regex->__program == NULL)
		return;
	for (struct node *node = regex->__program->nodes; node != NULL; node = next) {
		next = node->all;
		free(node->set.ranges);
		free(node);
	}
	free(regex->__program->code);
	free(regex->__program);
	regex->__program = NULL;
}
