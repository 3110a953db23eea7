/*
 * The text and what the screen shows of it.
 *
 * The terminal wraps by itself, so text that is appended is just sent. Only a move between rows
 * depends on the number of columns. A cursor behind the last column of a row would be in neither
 * row (terminals wrap only when the next character comes), so a blank and a step back bring it to
 * the next row; on a wider screen they do nothing.
 */
#include "line/edit.h"

#include "line/text.h"
#include "line/utf8.h"

/* --- output --- */

void
edit_flush(struct line *line)
{
	if (line->out_count > 0)
		line->output(line->context, line->out, line->out_count);
	line->out_count = 0;
}

void
edit_put(struct line *line, const char *bytes, size_t count)
{
	while (count > 0) {
		size_t room = sizeof(line->out) - line->out_count, n = count < room ? count : room;

		memcpy(line->out + line->out_count, bytes, n);
		line->out_count += n;
		bytes += n;
		count -= n;
		if (line->out_count == sizeof(line->out))
			edit_flush(line);
	}
}

static void
put_text(struct line *line, const char *text)
{
	edit_put(line, text, strlen(text));
}

/* ESC [ number letter: moves that many rows or columns. */
static void
put_move(struct line *line, size_t number, char letter)
{
	char digits[24];
	unsigned at = sizeof(digits);

	if (number == 0)
		return;
	digits[--at] = letter;
	for (; number > 0; number /= 10)
		digits[--at] = '0' + number % 10;
	digits[--at] = '[';
	digits[--at] = '\x1b';
	edit_put(line, digits + at, sizeof(digits) - at);
}

/* Columns that text[from, to) takes. */
static size_t
columns(const struct line *line, size_t from, size_t to)
{
	size_t sum = 0;

	for (size_t i = from; i < to; i++)
		if (!utf8_continues(line->text[i]))
			sum += utf8_columns(line->text + i);
	return sum;
}

static void
go_to_place(struct line *line, size_t place)
{
	size_t row = place / line->columns, now = line->place / line->columns;

	if (row != now) {
		put_move(line, row < now ? now - row : row - now, row < now ? 'A' : 'B');
		put_text(line, "\r");
		put_move(line, place % line->columns, 'C');
	} else if (place < line->place && line->place - place <= 4) {
		edit_put(line, "\b\b\b\b", line->place - place);
	} else if (place < line->place) {
		put_move(line, line->place - place, 'D');
	} else {
		put_move(line, place - line->place, 'C');
	}
	line->place = place;
}

/* Sends text[from, length), with the terminal's cursor at `from`. */
static void
show_rest(struct line *line, size_t from)
{
	if (from == line->length)
		return;
	edit_put(line, line->text + from, line->length - from);
	line->place += columns(line, from, line->length);
	if (line->place % line->columns == 0)
		put_text(line, " \b");
}

/*
 * Clears what stands behind the text, which has become shorter; the terminal's cursor is at its
 * end.
 */
static void
erase_rest(struct line *line)
{
	put_text(line, "\x1b[J");
}

/* --- places --- */

size_t
edit_before(const struct line *line, size_t at)
{
	while (at > 0) {
		do
			at--;
		while (at > 0 && utf8_continues(line->text[at]));
		if (utf8_columns(line->text + at) > 0)
			break;
	}
	return at;
}

size_t
edit_after(const struct line *line, size_t at)
{
	while (at < line->length) {
		do
			at++;
		while (at < line->length && utf8_continues(line->text[at]));
		if (at < line->length && utf8_columns(line->text + at) > 0)
			break;
	}
	return at;
}

size_t
edit_word_before(const struct line *line, size_t at)
{
	while (at > 0 && line->text[at - 1] == ' ')
		at--;
	while (at > 0 && line->text[at - 1] != ' ')
		at--;
	return at;
}

size_t
edit_word_after(const struct line *line, size_t at)
{
	while (at < line->length && line->text[at] == ' ')
		at++;
	while (at < line->length && line->text[at] != ' ')
		at++;
	return at;
}

/* --- changes --- */

/* How many of the bytes fit, whole characters only. */
static size_t
fitting(const struct line *line, const char *bytes, size_t count)
{
	size_t room = LINE_LENGTH_MAX - line->length;

	if (count <= room)
		return count;
	while (room > 0 && utf8_continues(bytes[room]))
		room--;
	return room;
}

void
edit_insert(struct line *line, const char *bytes, size_t count)
{
	size_t n = fitting(line, bytes, count), from = line->cursor;

	if (n < count) {
		if (!line->too_long)
			put_text(line, "\a");
		line->too_long = true;
	}
	if (n == 0)
		return;
	memmove(line->text + from + n, line->text + from, line->length - from);
	memcpy(line->text + from, bytes, n);
	line->length += n;
	line->cursor += n;
	show_rest(line, from);
	if (line->cursor < line->length)
		go_to_place(line, line->place - columns(line, line->cursor, line->length));
}

void
edit_move(struct line *line, size_t to)
{
	size_t place = line->place;

	if (to < line->cursor)
		place -= columns(line, to, line->cursor);
	else
		place += columns(line, line->cursor, to);
	line->cursor = to;
	go_to_place(line, place);
}

void
edit_delete(struct line *line, size_t from, size_t to)
{
	size_t place;

	if (from == to)
		return;
	edit_move(line, from);
	place = line->place;
	memmove(line->text + from, line->text + to, line->length - to);
	line->length -= to - from;
	show_rest(line, from);
	erase_rest(line);
	go_to_place(line, place);
}

void
edit_replace(struct line *line, const char *text)
{
	size_t length = strlen(text);

	edit_move(line, 0);
	memcpy(line->text, text, length);
	line->length = line->cursor = length;
	line->too_long = false;
	show_rest(line, 0);
	erase_rest(line);
}

void
edit_redraw(struct line *line)
{
	put_text(line, line->prompt);
	line->place = line->prompt_columns;
	show_rest(line, 0);
	go_to_place(line, line->place - columns(line, line->cursor, line->length));
}

void
edit_finish(struct line *line)
{
	edit_move(line, line->length);
	put_text(line, "\r\n");
	line->text[line->length] = 0;
}
