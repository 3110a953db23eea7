/*
 * The line discipline: what typed bytes become before a program reads them, what is echoed, and what output becomes. Pure.
 *
 *	ring:  read <= ready <= write (they only grow; a place is the number modulo LDISC_SIZE)
 *	       [read, ready)   can be read
 *	       [ready, write)  the line being edited (canonical mode only)
 *
 * A byte is stored as 16 bits: LDISC_END marks the last byte of a line, LDISC_EOF an end of file, which is no byte.
 *
 * Columns on the screen are followed, so that an erased tab or control character takes its width away; that a line wraps at the screen's
 * edge is not.
 */
#ifndef TTY_LDISC_H
#define TTY_LDISC_H

#include <proto/types.h>

#define LDISC_SIZE	16384u		/* a power of two; a line may have LDISC_SIZE - 1 bytes */
#define LDISC_END	0x100u
#define LDISC_EOF	0x200u

/* bits of ldisc_input's result: signals typed, and that output may go on */
#define LDISC_INTR	1u
#define LDISC_QUIT	2u
#define LDISC_SUSP	4u
#define LDISC_SIGNALS	7u
#define LDISC_STARTED	8u

struct ldisc {
	struct tty_settings settings;
	uint32_t read, ready, write;
	uint32_t column;		/* where the next output goes */
	uint32_t line_column;		/* where the line being edited begins */
	bool literal;			/* the next byte is taken as it is (VLNEXT) */
	bool stopped;			/* output waits (VSTOP, tcflow) */
	bool throttled;			/* the sender was asked to stop (IXOFF) */
	uint16_t ring[LDISC_SIZE];
};

/* Where echoed bytes go. */
struct ldisc_echo {
	char *buffer;
	uint32_t size, used;		/* bytes; what does not fit is not echoed */
};

#define LDISC_ECHO_MAX	9u		/* bytes of echo per typed byte; killed or reprinted lines apart */
#define LDISC_OUTPUT_MAX 8u		/* bytes that a byte of output becomes at most: a tab */

void
ldisc_init(struct ldisc *l);

/*
 * Bytes of input that are surely taken now. 0: somebody has to read first (or, canonical, the line is as long as can be).
 */
uint32_t
ldisc_room(const struct ldisc *l);

/* Takes one typed byte. A byte without room is dropped. Returns LDISC_INTR ... */
uint32_t
ldisc_input(struct ldisc *l, uint8_t byte, struct ldisc_echo *echo);

/* Whether a read would end at once (with bytes, end of file, or none because VMIN is 0). */
bool
ldisc_readable(const struct ldisc *l);

/*
 * How long (ms) a read that cannot end yet may wait from now on, before it ends with what there is; 0: for ever. VTIME counts from the start
 * of the read if VMIN is 0, else from each byte on.
 */
uint32_t
ldisc_timer(const struct ldisc *l);

/* Reads what is there: in canonical mode at most one line. 0: end of file (or, with VMIN 0, nothing). */
uint32_t
ldisc_read(struct ldisc *l, void *buffer, uint32_t size);

/* Bytes that reads would give now. */
uint32_t
ldisc_available(const struct ldisc *l);

/* Drops unread input. */
void
ldisc_flush(struct ldisc *l);

/* With IXOFF, the byte that lets a sender go on which was stopped, once there is room; 0: none. */
uint8_t
ldisc_unthrottle(struct ldisc *l);

/* New settings; the size of the screen stays. The line being edited can be read at once if canonical mode ends. */
void
ldisc_set(struct ldisc *l, const struct tty_settings *settings);

/*
 * Purpose: what goes to the device for `size` bytes of output; *taken says how many of them fitted. Conditions: room for LDISC_OUTPUT_MAX
 * at least.
 * Returns: bytes stored in `to`.
 */
uint32_t ldisc_output(struct ldisc *l, const void *data, uint32_t size, char *to, uint32_t room, uint32_t *taken);

#endif
