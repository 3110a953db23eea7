/*
 * From bytes to keys. Runs of printable bytes are inserted in one piece, so that a paste costs one
 * redraw; a character or an escape sequence whose bytes come one by one waits in `pending` or
 * `state`.
 */
#include "line/line.h"

#include "line/edit.h"
#include "line/text.h"
#include "line/utf8.h"

#define CONTROL(letter)	((letter) & 0x1f)
#define ESCAPE		0x1b
#define RUBOUT		0x7f

enum {
	STATE_TEXT,
	STATE_ESCAPE,			/* after ESC */
	STATE_SEQUENCE,			/* after ESC [ */
	STATE_SINGLE,			/* after ESC O: one more byte */
};

void
line_init(struct line *line, line_output output, void *context)
{
	line->length = line->cursor = line->place = 0;
	line->columns = LINE_COLUMNS;
	line->too_long = false;
	line->state = STATE_TEXT;
	line->pending_count = 0;
	line->output = output;
	line->context = context;
	line->out_count = 0;
	line->history_used = line->history_at = 0;
}

void
line_begin(struct line *line, const char *prompt)
{
	line->prompt = prompt;
	line->prompt_columns = 0;
	for (const char *c = prompt; *c != 0; c++)
		if (!utf8_continues(*c))
			line->prompt_columns += utf8_columns(c);
	line->length = line->cursor = 0;
	line->text[0] = 0;
	line->too_long = false;
	line->history_at = line->history_used;
	edit_redraw(line);
	edit_flush(line);
}

/* --- text --- */

static void
insert_unknown(struct line *line)
{
	edit_insert(line, "\xef\xbf\xbd", 3);	/* U+FFFD */
}

/* A character whose end never came. */
static void
give_up_pending(struct line *line)
{
	for (; line->pending_count > 0; line->pending_count--)
		insert_unknown(line);
}

/* Adds a byte to a character that began earlier. Returns false: the byte does not belong to it. */
static bool
continue_pending(struct line *line, char byte)
{
	int length;

	line->pending[line->pending_count] = byte;
	length = utf8_length(line->pending, line->pending_count + 1u);
	if (length == UTF8_INVALID) {
		give_up_pending(line);
		return false;
	}
	line->pending_count++;
	if (length != UTF8_INCOMPLETE) {
		line->pending_count = 0;
		edit_insert(line, line->pending, length);
	}
	return true;
}

/* Inserts printable bytes. */
static void
insert_run(struct line *line, const char *bytes, size_t count)
{
	size_t begin = 0, at = 0;

	while (line->pending_count > 0 && at < count && continue_pending(line, bytes[at]))
		at++;
	begin = at;
	while (at < count) {
		int length = utf8_length(bytes + at, count - at);

		if (length > 0) {
			at += length;
			continue;
		}
		edit_insert(line, bytes + begin, at - begin);
		if (length == UTF8_INCOMPLETE) {
			line->pending_count = count - at;
			memcpy(line->pending, bytes + at, count - at);
			return;
		}
		insert_unknown(line);
		begin = ++at;
	}
	edit_insert(line, bytes + begin, at - begin);
}

/* --- escape sequences --- */

static void
escape_letter(struct line *line, char letter)
{
	switch (letter) {
	case 'A': history_up(line); break;
	case 'B': history_down(line); break;
	case 'C': edit_move(line, line->modifier != 0 ? edit_word_after(line, line->cursor) :
	    edit_after(line, line->cursor)); break;
	case 'D': edit_move(line, line->modifier != 0 ? edit_word_before(line, line->cursor) :
	    edit_before(line, line->cursor)); break;
	case 'H': edit_move(line, 0); break;
	case 'F': edit_move(line, line->length); break;
	}
}

/* ESC [ number ~ */
static void
escape_number(struct line *line, unsigned number)
{
	switch (number) {
	case 1: case 7: edit_move(line, 0); break;
	case 3: edit_delete(line, line->cursor, edit_after(line, line->cursor)); break;
	case 4: case 8: edit_move(line, line->length); break;
	}
}

static void
sequence_byte(struct line *line, char c)
{
	if (c >= '0' && c <= '9') {
		if (line->modifier < 20)
			line->modifier = line->modifier * 10 + (c - '0');
	} else if (c == ';') {
		line->argument = line->modifier;
		line->modifier = 0;
	} else if (c >= '@') {
		line->state = STATE_TEXT;
		if (c == '~')
			escape_number(line, line->argument != 0 ? line->argument : line->modifier);
		else
			escape_letter(line, c);
	}
}

static void
escape_byte(struct line *line, char c)
{
	line->argument = line->modifier = 0;
	switch (line->state) {
	case STATE_SINGLE:
		line->state = STATE_TEXT;
		escape_letter(line, c);
		return;
	default:
		line->state = c == '[' ? STATE_SEQUENCE : c == 'O' ? STATE_SINGLE : STATE_TEXT;
		if (c == 'b')
			edit_move(line, edit_word_before(line, line->cursor));
		else if (c == 'f')
			edit_move(line, edit_word_after(line, line->cursor));
	}
}

/* --- control characters --- */

static void
control_edit(struct line *line, char c)
{
	size_t at = line->cursor;

	switch (c) {
	case CONTROL('A'): edit_move(line, 0); break;
	case CONTROL('B'): edit_move(line, edit_before(line, at)); break;
	case CONTROL('D'): edit_delete(line, at, edit_after(line, at)); break;
	case CONTROL('E'): edit_move(line, line->length); break;
	case CONTROL('F'): edit_move(line, edit_after(line, at)); break;
	case CONTROL('H'):
	case RUBOUT: edit_delete(line, edit_before(line, at), at); break;
	case CONTROL('I'): edit_insert(line, " ", 1); break;
	case CONTROL('K'): edit_delete(line, at, line->length); break;
	case CONTROL('L'):
		edit_put(line, "\x1b[H\x1b[2J", 7);
		edit_redraw(line);
		break;
	case CONTROL('N'): history_down(line); break;
	case CONTROL('P'): history_up(line); break;
	case CONTROL('U'): edit_delete(line, 0, at); break;
	case CONTROL('W'): edit_delete(line, edit_word_before(line, at), at); break;
	}
}

static enum line_event
control(struct line *line, char c)
{
	give_up_pending(line);
	switch (c) {
	case '\r':
	case '\n':
		edit_finish(line);
		return line->too_long ? LINE_TOO_LONG : LINE_DONE;
	case CONTROL('C'):
		edit_move(line, line->length);
		edit_put(line, "^C", 2);
		line->length = line->cursor = 0;
		edit_put(line, "\r\n", 2);
		return LINE_INTERRUPTED;
	case CONTROL('D'):
		if (line->length == 0) {
			edit_finish(line);
			return LINE_END;
		}
		break;
	case ESCAPE:
		line->state = STATE_ESCAPE;
		return LINE_MORE;
	}
	control_edit(line, c);
	return LINE_MORE;
}

static bool
is_control(char c)
{
	return (unsigned char)c < 0x20 || c == RUBOUT;
}

/*
 * Obeys the bytes from the first on that belong together; *count: how many there are, then how many
 * were used.
 */
static enum line_event
input_some(struct line *line, const char *bytes, size_t *count)
{
	size_t run = 0;

	if (is_control(bytes[0])) {
		*count = 1;
		line->state = STATE_TEXT;
		return control(line, bytes[0]);
	}
	if (line->state != STATE_TEXT) {
		*count = 1;
		if (line->state == STATE_SEQUENCE)
			sequence_byte(line, bytes[0]);
		else
			escape_byte(line, bytes[0]);
		return LINE_MORE;
	}
	while (run < *count && !is_control(bytes[run]))
		run++;
	insert_run(line, bytes, run);
	*count = run;
	return LINE_MORE;
}

enum line_event
line_input(struct line *line, const char *bytes, size_t count, size_t *used)
{
	enum line_event event = LINE_MORE;

	*used = 0;
	while (*used < count && event == LINE_MORE) {
		size_t n = count - *used;

		event = input_some(line, bytes + *used, &n);
		*used += n;
	}
	edit_flush(line);
	line->text[line->length] = 0;
	return event;
}
