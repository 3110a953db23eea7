/*
 * A line editor for a terminal in raw mode: bytes of the keyboard in, bytes for the screen out, no
 * memory but struct line.
 *
 *	line_init(&line, write_to_screen, NULL);
 *	for (;;) {
 *		line_begin(&line, "msh$ ");
 *		do
 *			event = line_input(&line, bytes, count, &used);
 *		while (event == LINE_MORE);
 *		if (event == LINE_DONE) { line_remember(&line, line.text); ... }
 *	}
 *
 * Keys: printable text (UTF-8), Backspace, Delete, arrows, Home, End, ^Arrows and Alt-b Alt-f
 * (words), ^A ^B ^E ^F ^H ^K ^L ^N ^P ^U ^W, ^C, ^D, Enter (\r or \n). Tab is a blank. Other
 * control characters and unknown escape sequences do nothing. Bytes behind an Enter are not used: they
 * belong to the next line.
 *
 * Invariants: text is valid UTF-8 without control characters (a byte that belongs to no character
 * is taken as U+FFFD); cursor is at the beginning of a character or at the end; the screen shows
 * prompt and text, wrapped at `columns`, with the terminal's cursor at `place`, counted in columns
 * from the beginning of the prompt.
 */
#ifndef LINE_LINE_H
#define LINE_LINE_H

#include <stdbool.h>
#include <stddef.h>

#define LINE_LENGTH_MAX		4096u	/* bytes of a line */
#define LINE_HISTORY_SIZE	8192u	/* bytes for earlier lines, each with its 0 */
#define LINE_COLUMNS		80u	/* unless the terminal is known better */

enum line_event {
	LINE_MORE,			/* all bytes were used, the line is not complete */
	LINE_DONE,			/* Enter: text is the line */
	LINE_INTERRUPTED,		/* ^C: the line was given up */
	LINE_END,			/* ^D on an empty line */
	/* Enter, but some of the input did not fit: text is not what was meant */
	LINE_TOO_LONG,
};

/* Sends bytes to the screen as they are. */
typedef void (*line_output)(void *context, const char *bytes, size_t count);

struct line {
	char text[LINE_LENGTH_MAX + 1];	/* ends with a 0 whenever line_input has returned */
	size_t length, cursor;		/* bytes */
	/* of the screen, at least 2; may be changed between lines */
	unsigned columns;
	bool too_long;

	/* keys.c: bytes that are not a key yet */
	unsigned char state;
	unsigned char argument;		/* of an escape sequence: its first number */
	unsigned char modifier;		/* ... and its last */
	unsigned char pending_count;
	char pending[4];		/* the beginning of a character */

	/* edit.c */
	const char *prompt;
	unsigned prompt_columns;
	size_t place;
	line_output output;
	void *context;
	unsigned out_count;
	char out[256];

	/* history.c */
	char history[LINE_HISTORY_SIZE];
	size_t history_used;		/* bytes */
	/* the line that is shown; history_used: the one being typed */
	size_t history_at;
	/* the one being typed, while an earlier one is shown */
	char draft[LINE_LENGTH_MAX + 1];
};

void line_init(struct line *line, line_output output, void *context);

/* Prints the prompt (which must stay where it is) and starts an empty line. */
void line_begin(struct line *line, const char *prompt);

/*
 * Purpose: obey count bytes from the keyboard. Returns what happened; *used tells how many bytes
 * were taken, all of them with LINE_MORE. After any other event the screen's cursor is at the
 * beginning of a fresh row, and line_begin comes next.
 */
enum line_event line_input(struct line *line, const char *bytes, size_t count, size_t *used);

/* Adds a line to the history, unless it is empty or repeats the last one. The oldest make room. */
void line_remember(struct line *line, const char *text);

#endif
