/*
 * Inside lib/line: the text on the screen (edit.c) and the lines before (history.c).
 */
#ifndef LINE_EDIT_H
#define LINE_EDIT_H

#include "line/line.h"

/*
 * Sends bytes to the screen, or keeps them until edit_flush. They must not move the cursor
 * unnoticed.
 */
void edit_put(struct line *line, const char *bytes, size_t count);
void edit_flush(struct line *line);

/* Puts valid UTF-8 in at the cursor; what does not fit is dropped and noted in too_long. */
void edit_insert(struct line *line, const char *bytes, size_t count);

/* Deletes [from, to); the cursor goes to `from`. Both at the beginning of a character. */
void edit_delete(struct line *line, size_t from, size_t to);

/* Moves the cursor. */
void edit_move(struct line *line, size_t to);

/* Replaces the text; the cursor goes to its end. `text` may be the line's own history or draft. */
void edit_replace(struct line *line, const char *text);

/* Shows prompt and text on an empty screen. */
void edit_redraw(struct line *line);

/* Ends the line on the screen. */
void edit_finish(struct line *line);

/*
 * Places in the text: the character before or after `at` (with its combining marks), the word
 * before or after.
 */
size_t edit_before(const struct line *line, size_t at);
size_t edit_after(const struct line *line, size_t at);
size_t edit_word_before(const struct line *line, size_t at);
size_t edit_word_after(const struct line *line, size_t at);

/* Shows the line before, or after, the one shown; does nothing at the ends. */
void history_up(struct line *line);
void history_down(struct line *line);

#endif
