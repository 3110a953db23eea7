/* What the files of the line discipline share. */
#ifndef TTY_LDISC_LOCAL_H
#define TTY_LDISC_LOCAL_H

#include "ldisc.h"

static inline bool
ldisc_lflag(const struct ldisc *l, uint32_t flags)
{
	return (l->settings.lflag & flags) == flags;
}

/* Whether a byte is this control character; 0 switches one off. */
static inline bool
ldisc_is(const struct ldisc *l, uint8_t byte, unsigned which)
{
	return byte != 0 && byte == l->settings.cc[which];
}

/* --- ldisc_echo.c --- */

/* A byte of output, processed if OPOST says so; the column follows. Returns the bytes stored. */
uint32_t ldisc_put(struct ldisc *l, uint8_t byte, char to[LDISC_OUTPUT_MAX]);

/* Echoes an input byte as ECHO, ECHONL and ECHOCTL say. */
void ldisc_echo_input(struct ldisc *l, uint8_t byte, struct ldisc_echo *echo);

/* Echoes an input byte whatever ECHO says. */
void ldisc_echo_byte(struct ldisc *l, uint8_t byte, struct ldisc_echo *echo);

/* One byte to the screen as it is, which moves nothing. */
void ldisc_echo_raw(struct ldisc_echo *echo, uint8_t byte);

/* What is to the right of `column` disappears. */
void ldisc_echo_back(struct ldisc *l, uint32_t column, bool blank, struct ldisc_echo *echo);

/* Where the cursor is behind the line being edited. */
uint32_t ldisc_line_end(const struct ldisc *l);

/* --- ldisc_edit.c --- */

/* Puts an entry into the ring. */
void ldisc_store(struct ldisc *l, uint16_t entry);

/* An editing character of canonical mode: returns true, it has been dealt with. */
bool ldisc_edit(struct ldisc *l, uint8_t byte, struct ldisc_echo *echo);

#endif
