/*
 * Here-documents: text behind a line is what a command reads (POSIX.1-2017 XCU 2.7.4). Pure.
 *
 *	cat <<WORD	up to a line that is just WORD; $NAME is replaced, \\ \$ and \` stand for the second character, \ and newline for nothing
 *	cat <<'WORD'	any part of it quoted: as it stands
 *	cat <<-WORD	without the tabs that lines begin with
 */
#include "expand.h"
#include <string.h>

static const char *
skip_tabs(const struct redirection *r, const char *line)
{
	if (r->kind == TOKEN_HERE_TABS)
		while (*line == '\t')
			line++;
	return line;
}

/* Whether the line, which ends at `end`, is the word without its quotes. */
static bool
is_word(const char *line, const char *end, const struct raw_word *raw)
{
	struct word word;
	int c;

	word_begin(&word, raw->text, raw->length);
	while ((c = word_next(&word)) != -1)
		if (line == end || (unsigned char)*line++ != c)
			return false;
	return line == end;
}

static bool
is_quoted(const struct raw_word *raw)
{
	struct word word;

	word_begin(&word, raw->text, raw->length);
	while (word_next(&word) != -1)
		continue;
	return word.quoted;
}

/* A backslash before the newline, which none before it quotes. */
static bool
goes_on(const char *line, const char *end)
{
	const char *at = end;

	while (at > line && at[-1] == '\\')
		at--;
	return (end - at) % 2 == 1;
}

bool
here_take(struct redirection *r, const char **at, bool all)
{
	const char *line = *at, *end;
	bool joined = false, literal = is_quoted(&r->target);

	for (; *line != 0; line = end + 1) {
		end = line + strcspn(line, "\n");
		if (*end == 0 && !all)
			return false;
		if (!joined && is_word(skip_tabs(r, line), end, &r->target)) {
			r->target = (struct raw_word){ *at, (uint32_t)(line - *at) };
			r->literal = literal;
			r->end = *at = end + (*end != 0);
			return true;
		}
		if (*end == 0)
			return false;
		joined = !literal && goes_on(line, end);
	}
	return false;
}

bool
here_expand(struct expansion *e, const struct redirection *r)
{
	const char *line = r->target.text, *end = line + r->target.length, *next;
	bool good = true;

	for (; line < end && good; line = next) {
		next = line + strcspn(line, "\n") + 1;
		line = skip_tabs(r, line);
		good = expand_text(e, line, (size_t)(next - line), r->literal);
	}
	return good;
}
