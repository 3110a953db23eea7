/* See expand.h. */
#include "expand.h"
#include "mach/print.h"
#include "vars.h"
#include <string.h>

void
expand_begin(struct expansion *e, int status, int pid, int background)
{
	e->used = e->count = 0;
	e->too_long = e->no_memory = false;
	e->status = status;
	e->pid = pid;
	e->background = background;
}

static void
put(struct expansion *e, char c)
{
	if (e->used == EXPANDED_MAX)
		e->too_long = true;
	else
		e->text[e->used++] = c;
}

/* Adds to the pattern of a word. */
static void
put_pattern(struct expansion *e, char c, bool quoted)
{
	bool escaped = c == '\\' || (quoted && c != '/');

	if (e->pattern_used + 3 > PATTERN_MAX) {
		e->pattern_used = PATTERN_MAX;
		return;
	}
	e->is_pattern |= !quoted && (c == '*' || c == '?' || c == '[');
	if (escaped)
		e->pattern[e->pattern_used++] = '\\';
	e->pattern[e->pattern_used++] = c;
}

static void
word_open(struct expansion *e)
{
	e->begin = e->used;
	e->is_pattern = false;
	e->pattern_used = 0;
}

/* Ends a word; if files fit it, they stand in its place. */
static void
word_close(struct expansion *e, bool split)
{
	uint32_t words, length;

	put(e, 0);
	e->count++;
	if (split && e->is_pattern && e->pattern_used < PATTERN_MAX && !e->too_long) {
		e->pattern[e->pattern_used] = 0;
		words = e->count;
		length = e->used - e->begin;
		pathnames_add(e, e->pattern);
		if (e->count > words) {
			memmove(e->text + e->begin, e->text + e->begin + length, e->used - e->begin - length);
			e->used -= length;
			e->count--;
		}
	}
	word_open(e);
}

void
expand_add(struct expansion *e, const char *word)
{
	for (; *word != 0; word++)
		put(e, *word);
	put(e, 0);
	e->count++;
}

/* Adds a value; unquoted blanks end words. *open: a word has begun. */
static void
put_value(struct expansion *e, const char *value, bool quoted, bool *open)
{
	for (; *value != 0; value++) {
		if (!quoted && (*value == ' ' || *value == '\t' || *value == '\n')) {
			if (*open)
				word_close(e, true);
			*open = false;
		} else {
			put(e, *value);
			put_pattern(e, *value, quoted);
			*open = true;
		}
	}
}

static void
put_number(struct expansion *e, int number, bool *open)
{
	char digits[16];

	print_to(digits, sizeof(digits), "%d", number);
	put_value(e, digits, true, open);
}

/* After a `$` in w: replaces what follows, or puts the `$` itself. */
static void
put_variable(struct expansion *e, struct word *w, bool quoted, bool *open)
{
	const char *at = w->at, *value;
	bool braces = at < w->end && *at == '{';
	size_t length;

	if (at < w->end && (*at == '?' || *at == '$' || *at == '!')) {
		put_number(e, *at == '?' ? e->status : *at == '$' ? e->pid : e->background, open);
		w->at++;
		return;
	}
	at += braces;
	length = var_name_length(at, (size_t)(w->end - at));
	if (length == 0 || (braces && (at + length == w->end || at[length] != '}'))) {
		put_value(e, "$", true, open);
		return;
	}
	w->at = at + length + braces;
	value = var_get(at, length);
	if (value != NULL)
		put_value(e, value, quoted, open);
}

bool
expand_word(struct expansion *e, const struct raw_word *word, bool split)
{
	struct word w;
	bool open = !split;
	uint32_t before = e->count;
	int c;

	word_begin(&w, word->text, word->length);
	word_open(e);
	while ((c = word_next(&w)) != -1) {
		if (c == '$' && w.quoting != WORD_LITERAL) {
			put_variable(e, &w, w.quoting == WORD_DOUBLE || !split, &open);
			continue;
		}
		put(e, (char)c);
		put_pattern(e, (char)c, w.quoting != WORD_PLAIN);
		open = true;
	}
	if (open || (w.quoted && e->count == before))
		word_close(e, split);
	return !e->too_long && !e->no_memory;
}

bool
expand_text(struct expansion *e, const char *text, size_t length, bool literal)
{
	struct word w;
	bool open = true;
	int c;

	for (size_t i = 0; literal && i < length; i++)
		put(e, text[i]);
	word_begin_here(&w, text, literal ? 0 : length);
	word_open(e);
	while ((c = word_next(&w)) != -1)
		if (c == '$' && w.quoting != WORD_LITERAL)
			put_variable(e, &w, true, &open);
		else
			put(e, (char)c);
	return !e->too_long;
}

int
expand_argv(struct expansion *e, char **argv, int room)
{
	char *at = e->text;

	if (e->count + 1 > (uint32_t)room)
		return -1;
	for (uint32_t i = 0; i < e->count; i++) {
		argv[i] = at;
		at += strlen(at) + 1;
	}
	argv[e->count] = NULL;
	return (int)e->count;
}
