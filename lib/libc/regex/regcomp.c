/* From a pattern to nodes: recursive descent over POSIX.1-2017 9.5. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "parse.h"

#define REPEAT_MAX	255		/* RE_DUP_MAX */
#define DEPTH_MAX	200		/* nested groups */

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

static struct node *
character(struct parser *p, unsigned char c)
{
	struct node *node = __regex_node(p, NODE_SET);

	if (node != NULL) {
		set_add(node, c);
		__regex_set_finish(p, node, false);
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
	p->at++;
	if (c >= '1' && c <= '9') {
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
		node = __regex_node(p, NODE_WORD);
		if (node != NULL)
			node->number = c;
		return node;
	}
	if (c == 'w' || c == 'W' || c == 's' || c == 'S') {
		node = __regex_node(p, NODE_SET);
		for (int i = 0; node != NULL && i < 256; i++)
			if ((c | 32) == 'w' ? isalnum(i) || i == '_' : isspace(i))
				set_add(node, i);
		if (node != NULL)
			__regex_set_finish(p, node, c < 'a');
		return node;
	}
	return character(p, c);
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
			__regex_set_finish(p, node, true);
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
	p->at++;
	return character(p, c);
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

static struct node *
repeated(struct parser *p, bool first)
{
	int before = p->program->groups, least, most;
	struct node *node = atom(p, first), *repeat;

	if (node != NULL && node->kind == NODE_BEGIN && !extended(p))
		return node;
	while (p->error == 0 && node != NULL && repetition(p, &least, &most) && p->error == 0) {
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

	while (p->error == 0 && *p->at != 0 && !is_token(p, '|') && !(inside && is_token(p, ')'))) {
		bool star = first == NULL || (first->kind == NODE_BEGIN && first->next == NULL);

		if (!extended(p) && star && *p->at == '*') {
			*link = character(p, '*');
			p->at++;
		} else {
			*link = repeated(p, first == NULL);
		}
		if (*link == NULL)
			break;
		link = &(*link)->next;
	}
	return first != NULL || p->error != 0 ? first : __regex_node(p, NODE_EMPTY);
}

static struct node *
alternatives(struct parser *p, bool inside)
{
	struct node *left = sequence(p, inside), *node;

	while (p->error == 0 && is_token(p, '|')) {
		p->at += extended(p) ? 1 : 2;
		node = __regex_node(p, NODE_ALTERNATIVES);
		if (node == NULL)
			return NULL;
		node->left = left;
		node->right = sequence(p, inside);
		left = node;
	}
	return left;
}

int
regcomp(regex_t *restrict regex, const char *restrict pattern, int flags)
{
	struct parser p = { .at = pattern };

	regex->__program = p.program = calloc(1, sizeof(*p.program));
	if (p.program == NULL)
		return REG_ESPACE;
	p.program->flags = flags;
	p.program->first = alternatives(&p, false);
	if (p.error == 0 && *p.at != 0)
		p.error = REG_EPAREN;
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
		free(node);
	}
	free(regex->__program);
	regex->__program = NULL;
}
