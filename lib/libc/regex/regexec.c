/*
 * Matching: all ways are walked depth first, greedy first; the longest end is kept with the groups of the first way that
 * reached it. What is still to be matched behind a node is a chain of continuations on the stack. Without back references
 * a (continuation, place) that failed once for the same rest cannot succeed later, but it may be longer, so the walk stops
 * early only when the whole text is matched; the number of steps is limited instead.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "regex.h"

#define GROUPS_MAX	64
#define STEPS_MAX	20000000l
#define DEPTH_MAX	6000			/* about 100 bytes of stack each */

struct place {
	const char *start, *end;
};

/* What comes after the current sequence. */
struct then {
	const struct node *node;	/* GROUP: its end is here; REPEAT: one more turn; NULL: the end of the pattern */
	const struct then *after;
	const char *from;		/* where the group or the turn began */
	int turns;
};

struct matcher {
	const struct __regex_program *program;
	const char *text, *end;
	int flags, depth;
	long steps;
	struct place groups[GROUPS_MAX], best[GROUPS_MAX];
	const char *best_end;
	bool failed;			/* out of steps or stack */
};

static void walk(struct matcher *m, const struct node *node, const char *at, const struct then *then);

static bool
at_begin(const struct matcher *m, const char *at)
{
	if (at == m->text)
		return (m->flags & REG_NOTBOL) == 0;
	return (m->program->flags & REG_NEWLINE) != 0 && at[-1] == '\n';
}

static bool
at_end(const struct matcher *m, const char *at)
{
	if (at == m->end)
		return (m->flags & REG_NOTEOL) == 0;
	return (m->program->flags & REG_NEWLINE) != 0 && *at == '\n';
}

static bool
is_word(unsigned char c)
{
	return isalnum(c) || c == '_';
}

static bool
at_word(const struct matcher *m, const char *at, int kind)
{
	bool before = at > m->text && is_word(at[-1]), behind = at < m->end && is_word(*at);

	switch (kind) {
	case '<': return !before && behind;
	case '>': return before && !behind;
	case 'b': return before != behind;
	}
	return before == behind;
}

static void
accept(struct matcher *m, const char *at)
{
	if (m->best_end != NULL && at <= m->best_end)
		return;
	m->best_end = at;
	memcpy(m->best, m->groups, sizeof(m->best));
}

/* One more turn of a repetition, or what follows it. */
static void
turn(struct matcher *m, const struct node *node, const char *at, int turns, const struct then *after)
{
	struct then then = { node, after, at, turns + 1 };
	struct place saved[GROUPS_MAX];
	int first = node->number < GROUPS_MAX ? node->number : GROUPS_MAX;
	int last = node->last < GROUPS_MAX ? node->last : GROUPS_MAX;
	size_t size = last > first ? (last - first) * sizeof(saved[0]) : 0;

	if (node->most < 0 || turns < node->most) {
		memcpy(saved, m->groups + first, size);
		memset(m->groups + first, 0, size);
		walk(m, node->left, at, &then);
		memcpy(m->groups + first, saved, size);
	}
	if (turns >= node->least)
		walk(m, node->next, at, after);
}

/* A repetition of one byte needs no stack for its turns. */
static void
simple_turns(struct matcher *m, const struct node *node, const char *at, const struct then *after)
{
	const char *least = at + node->least, *far = at;

	while (far < m->end && (node->most < 0 || far - at < node->most) && set_has(node->left, *far))
		far++;
	for (; far >= least && !m->failed && m->best_end != m->end; far--)
		walk(m, node->next, far, after);
}

static void
go_on(struct matcher *m, const char *at, const struct then *then)
{
	const struct node *node = then->node;
	struct place saved;

	if (node == NULL) {
		accept(m, at);
	} else if (node->kind == NODE_GROUP) {
		if (node->number >= GROUPS_MAX) {
			walk(m, node->next, at, then->after);
			return;
		}
		saved = m->groups[node->number];
		m->groups[node->number] = (struct place){ then->from, at };
		walk(m, node->next, at, then->after);
		m->groups[node->number] = saved;
	} else if (at == then->from && then->turns > node->least) {
		/* an empty turn leads nowhere new */
		if (then->turns == 1)
			walk(m, node->next, at, then->after);
	} else {
		turn(m, node, at, then->turns, then->after);
	}
}

static const char *
back_reference(const struct matcher *m, const struct node *node, const char *at)
{
	const struct place *group = &m->groups[node->number];
	size_t length = group->end - group->start;

	if (group->start == NULL || (size_t)(m->end - at) < length)
		return NULL;
	if ((m->program->flags & REG_ICASE) != 0 ? strncasecmp(group->start, at, length) != 0 :
	    memcmp(group->start, at, length) != 0)
		return NULL;
	return at + length;
}

/* Nodes that have one way to match. Returns the place behind, or NULL. */
static const char *
single(const struct matcher *m, const struct node *node, const char *at)
{
	switch (node->kind) {
	case NODE_SET: return at < m->end && set_has(node, *at) ? at + 1 : NULL;
	case NODE_BEGIN: return at_begin(m, at) ? at : NULL;
	case NODE_END: return at_end(m, at) ? at : NULL;
	case NODE_WORD: return at_word(m, at, node->number) ? at : NULL;
	case NODE_BACK: return back_reference(m, node, at);
	default: return at;
	}
}

static void
branch(struct matcher *m, const struct node *node, const char *at, const struct then *then)
{
	if (node->kind == NODE_GROUP) {
		walk(m, node->left, at, &(struct then){ node, then, at, 0 });
	} else if (node->kind == NODE_ALTERNATIVES) {
		walk(m, node->left, at, then);
		walk(m, node->right, at, then);
	} else if (node->left->kind == NODE_SET) {
		simple_turns(m, node, at, then);
	} else {
		turn(m, node, at, 0, then);
	}
}

static void
walk(struct matcher *m, const struct node *node, const char *at, const struct then *then)
{
	if (m->failed || m->best_end == m->end)
		return;
	if (++m->steps > STEPS_MAX || ++m->depth > DEPTH_MAX) {
		m->failed = true;
		return;
	}
	while (node != NULL && at != NULL && node->kind != NODE_GROUP && node->kind != NODE_ALTERNATIVES &&
	    node->kind != NODE_REPEAT) {
		at = single(m, node, at);
		node = node->next;
	}
	if (at != NULL && node != NULL)
		branch(m, node, at, then);
	else if (at != NULL)
		go_on(m, at, then);
	m->depth--;
}

static void
report(const struct matcher *m, const char *start, size_t count, regmatch_t *matches)
{
	for (size_t i = 0; i < count; i++) {
		struct place p = i == 0 ? (struct place){ start, m->best_end } : i < GROUPS_MAX ? m->best[i] :
		    (struct place){ NULL, NULL };

		matches[i].rm_so = p.start != NULL ? p.start - m->text : -1;
		matches[i].rm_eo = p.start != NULL ? p.end - m->text : -1;
	}
}

int
regexec(const regex_t *restrict regex, const char *restrict text, size_t count, regmatch_t *restrict matches, int flags)
{
	static const struct then end = { NULL, NULL, NULL, 0 };
	struct matcher m = { .program = regex->__program, .text = text, .end = text + strlen(text), .flags = flags };

	for (const char *start = text; start <= m.end && m.best_end == NULL && !m.failed; start++) {
		m.depth = 0;
		memset(m.groups, 0, sizeof(m.groups));
		walk(&m, m.program->first, start, &end);
		if (m.best_end != NULL && (m.program->flags & REG_NOSUB) == 0)
			report(&m, start, count, matches);
	}
	return m.best_end != NULL ? 0 : m.failed ? REG_ESPACE : REG_NOMATCH;
}
