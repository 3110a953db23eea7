/* See expand.h. */
#include "expand.h"
#include "mach/print.h"
#include "vars.h"
#include <string.h>

void
expand_begin(struct expansion *e, int status, int pid, int background)
{
	e->used = e->count = 0;
	e->too_long = false;
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

/* Adds a value; unquoted blanks end words. *open: a word has begun. */
static void
put_value(struct expansion *e, const char *value, bool quoted, bool *open)
{
	for (; *value != 0; value++) {
		if (!quoted && (*value == ' ' || *value == '\t' || *value == '\n')) {
			if (*open) {
				put(e, 0);
				e->count++;
			}
			*open = false;
		} else {
			put(e, *value);
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
	while ((c = word_next(&w)) != -1) {
		if (c == '$' && w.quoting != WORD_LITERAL) {
			put_variable(e, &w, w.quoting == WORD_DOUBLE || !split, &open);
			continue;
		}
		put(e, (char)c);
		open = true;
	}
	if (open || (w.quoted && e->count == before)) {
		put(e, 0);
		e->count++;
	}
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
