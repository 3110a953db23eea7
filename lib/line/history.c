/*
 * The lines before: history[0, history_used) holds them with their terminating zeros, oldest first.
 */
#include "line/edit.h"
#include "line/text.h"

/* Where the line before the one at `at` begins. Conditions: at > 0. */
static size_t
entry_before(const struct line *line, size_t at)
{
	at--;
	while (at > 0 && line->history[at - 1] != 0)
		at--;
	return at;
}

void
line_remember(struct line *line, const char *text)
{
	size_t size = strlen(text) + 1, used = line->history_used, drop = 0;

	if (size == 1 || size > LINE_LENGTH_MAX + 1)
		return;
	if (used > 0 && strcmp(line->history + entry_before(line, used), text) == 0)
		return;
	while (line->history_used - drop + size > LINE_HISTORY_SIZE)
		drop += strlen(line->history + drop) + 1;
	memmove(line->history, line->history + drop, line->history_used - drop);
	line->history_used -= drop;
	memcpy(line->history + line->history_used, text, size);
	line->history_used += size;
	line->history_at = line->history_used;
}

void
history_up(struct line *line)
{
	if (line->history_at == 0)
		return;
	if (line->history_at == line->history_used) {
		memcpy(line->draft, line->text, line->length);
		line->draft[line->length] = 0;
	}
	line->history_at = entry_before(line, line->history_at);
	edit_replace(line, line->history + line->history_at);
}

void
history_down(struct line *line)
{
	if (line->history_at == line->history_used)
		return;
	line->history_at += strlen(line->history + line->history_at) + 1;
	if (line->history_at == line->history_used)
		edit_replace(line, line->draft);
	else
		edit_replace(line, line->history + line->history_at);
}
