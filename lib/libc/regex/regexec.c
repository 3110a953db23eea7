/* The search for the leftmost longest match. See regex.h. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "../wchar/utf8.h"
#include "regex.h"

#define FEW	64			/* instructions of programs that need no memory of their own */

/* --- the text --- */

int
__regex_character(const struct __regex_program *program, const char *at, const char *end, wint_t *code)
{
	mbstate_t state = { 0, 0, 0 };
	unsigned char byte = *at;
	wchar_t wide;
	size_t n;

	*code = byte;
	if (byte < 0x80 || !program->utf8)
		return 1;
	n = __utf8_decode(&wide, at, (size_t)(end - at), &state, false);
	*code = n <= (size_t)(end - at) ? (wint_t)wide : WEOF;
	return *code != WEOF ? (int)n : 1;
}

/* Whether a character of a word stands there, and up to `end`, if that is not NULL. */
static bool
is_word(const struct text *text, const char *at, const char *end)
{
	wint_t code;
	int bytes = __regex_character(text->program, at, text->end, &code);

	if (end != NULL && at + bytes != end)
		return false;
	if (!text->program->utf8)
		code = btowc((int)code);
	return iswalnum(code) || code == '_';
}

static bool
word_before(const struct text *text, const char *end)
{
	const char *at = end;

	if (at == text->start)
		return false;
	for (at--; text->program->utf8 && at > text->start && end - at < MB_LEN_MAX && (*at & 0xc0) == 0x80;)
		at--;
	return is_word(text, at, end);
}

bool
__regex_holds(const struct text *text, const struct instruction *i, const char *at)
{
	bool lines = (text->program->flags & REG_NEWLINE) != 0, before, behind;

	if (i->op == OP_BEGIN)
		return at == text->start ? (text->flags & REG_NOTBOL) == 0 : lines && at[-1] == '\n';
	if (i->op == OP_END)
		return at == text->end ? (text->flags & REG_NOTEOL) == 0 : lines && *at == '\n';
	before = word_before(text, at);
	behind = at < text->end && is_word(text, at, NULL);
	switch (i->x) {
	case '<': return !before && behind;
	case '>': return before && !behind;
	case 'b': return before != behind;
	}
	return before == behind;
}

/* --- sets of instructions, each with the place where its match began --- */

struct member {
	int at;				/* an OP_SET or OP_BACK */
	const char *start;
};

/* Ordered by `start`: the first to come to an instruction began first. */
struct state {
	struct member *members;
	int count;
};

struct search {
	struct text text;
	struct state now, then;
	unsigned *seen, turn;		/* when a way last came through an instruction */
	int *stack;
	struct place best;		/* its start is NULL: none yet */
	bool any;			/* any match will do */
};

/* Follows all ways from an instruction up to those that take a character. A back reference may take any text: none, too. */
static void
add(struct search *s, struct state *to, int from, const char *at, const char *start)
{
	const struct instruction *code = s->text.program->code;
	int count = 0;

	s->stack[count++] = from;
	while (count > 0) {
		int here = s->stack[--count];
		const struct instruction *i = &code[here];

		if (s->seen[here] == s->turn)
			continue;
		s->seen[here] = s->turn;
		switch (i->op) {
		case OP_SET:
			to->members[to->count++] = (struct member){ here, start };
			break;
		case OP_BACK:
			to->members[to->count++] = (struct member){ here, start };
			s->stack[count++] = here + 1;
			break;
		case OP_MATCH:
			if (s->best.start == NULL || start <= s->best.start)
				s->best = (struct place){ start, at };
			break;
		case OP_SPLIT: case OP_LOOP:
			s->stack[count++] = i->y;
			s->stack[count++] = i->x;
			break;
		case OP_JUMP:
			s->stack[count++] = i->x;
			break;
		case OP_BEGIN: case OP_END: case OP_WORD:
			if (__regex_holds(&s->text, i, at))
				s->stack[count++] = here + 1;
			break;
		default:
			s->stack[count++] = here + 1;
		}
	}
}

/* The next place where a match that is not empty may begin. */
static const char *
skip(const struct text *text, const char *at)
{
	wint_t code;

	if (text->program->may_be_empty || text->program->anchored)
		return at;
	while (at < text->end && !bit_of(text->program->starts, (unsigned char)*at))
		at += __regex_character(text->program, at, text->end, &code);
	return at;
}

static void
search(struct search *s)
{
	const struct __regex_program *program = s->text.program;
	const char *at = s->text.start;

	for (s->turn = 1;;) {
		struct state other = s->now;
		wint_t code;
		int bytes;

		if (s->best.start != NULL && (s->any || s->now.count == 0))
			return;
		if (s->now.count == 0) {
			at = skip(&s->text, at);
			s->turn++;
		}
		if (s->best.start == NULL && (!program->anchored || at == s->text.start))
			add(s, &s->now, 0, at, at);
		if (at == s->text.end || (program->anchored && s->now.count == 0))
			return;
		bytes = __regex_character(program, at, s->text.end, &code);
		at += bytes;
		s->turn++;
		s->then.count = 0;
		for (int i = 0; i < s->now.count; i++) {
			struct member m = s->now.members[i];

			if (s->best.start != NULL && m.start > s->best.start)
				break;
			if (program->code[m.at].op == OP_BACK)
				add(s, &s->then, m.at, at, m.start);
			else if (__regex_in_set(program, &program->code[m.at].node->set, code))
				add(s, &s->then, m.at + 1, at, m.start);
		}
		s->now = s->then;
		s->then = other;
	}
}

/* Memory for a search that is larger than FEW, in one piece. Returns what is to be freed, or NULL. */
static void *
make_room(struct search *s, size_t length)
{
	struct member *members = malloc(2 * length * sizeof(*members) + (3 * length + 1) * sizeof(int));

	if (members == NULL)
		return NULL;
	s->now.members = members;
	s->then.members = members + length;
	s->seen = (unsigned *)(members + 2 * length);
	s->stack = (int *)(s->seen + length);
	memset(s->seen, 0, length * sizeof(*s->seen));
	return members;
}

static int
find(struct search *s)
{
	const struct __regex_program *program = s->text.program;
	struct member now[FEW], then[FEW];
	unsigned seen[FEW] = { 0 };
	int stack[2 * FEW + 1];
	void *room = NULL;

	if (program->length > FEW) {
		room = make_room(s, (size_t)program->length);
		if (room == NULL)
			return REG_ESPACE;
	} else {
		s->now.members = now;
		s->then.members = then;
		s->seen = seen;
		s->stack = stack;
	}
	search(s);
	free(room);
	return s->best.start != NULL ? 0 : REG_NOMATCH;
}

/*
 * With back references: from each place the longest way, until there is one. What does not match even if they take any text is seen before,
 * in the time that other patterns need.
 */
static int
find_referring(struct search *s, struct place *groups, size_t count)
{
	const char *at = s->text.start;
	wint_t code;
	int result;

	s->any = true;
	result = find(s);
	if (result != 0)
		return result;
	for (;;) {
		at = skip(&s->text, at);
		s->best = (struct place){ at, NULL };
		result = __regex_groups(&s->text, &s->best, groups, count);
		if (result != REG_NOMATCH || at >= s->text.end || s->text.program->anchored)
			return result;
		at += __regex_character(s->text.program, at, s->text.end, &code);
	}
}

static void
report(const char *text, struct place whole, const struct place *groups, size_t count, regmatch_t *matches)
{
	for (size_t i = 0; i < count; i++) {
		struct place p = i == 0 ? whole : groups[i];

		matches[i].rm_so = p.start != NULL ? p.start - text : -1;
		matches[i].rm_eo = p.start != NULL ? p.end - text : -1;
	}
}

int
regexec(const regex_t *restrict regex, const char *restrict string, size_t count, regmatch_t *restrict matches, int flags)
{
	const struct __regex_program *program = regex->__program;
	size_t known = (size_t)program->groups + 1, wanted = (program->flags & REG_NOSUB) != 0 ? 0 : count;
	long steps = 0;
	struct search s = { .text = { program, string, NULL, flags, &steps }, .any = wanted == 0 };
	struct place *groups = NULL;
	int result;

	if ((flags & REG_STARTEND) != 0) {
		s.text.start = string + matches[0].rm_so;
		s.text.end = string + matches[0].rm_eo;
	} else {
		s.text.end = string + strlen(string);
	}
	if (wanted > 1 || program->back_references) {
		groups = calloc(wanted > known ? wanted : known, sizeof(*groups));
		if (groups == NULL)
			return REG_ESPACE;
	}
	result = program->back_references ? find_referring(&s, groups, known) : find(&s);
	if (result == 0 && wanted > 1 && known > 1 && !program->back_references)
		result = __regex_groups(&s.text, &s.best, groups, known);
	if (result == 0)
		report(string, s.best, groups, wanted, matches);
	free(groups);
	return result;
}
