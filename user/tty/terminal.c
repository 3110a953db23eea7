/*
 * Terminals: what moves between a line discipline, its device and those who wait. See tty.h.
 */
#include "tty.h"

#include <string.h>

#define CHUNK		256u		/* bytes taken in before their echo is put out */
#define ECHO_SIZE	(2 * CHUNK * LDISC_ECHO_MAX)

struct terminal console_terminal;

void
terminal_init(struct terminal *t, uint64_t rdev)
{
	ldisc_init(&t->line);
	t->rdev = rdev;
	for (int s = 0; s < SIDES; s++) {
		t->side[s].readers_last = &t->side[s].readers;
		t->side[s].waits_last = &t->side[s].waits;
	}
}

struct terminal *
terminal_number(uint32_t n)
{
	return n == 0 ? &console_terminal : pty_number(n - 1);
}

void
terminal_put(struct terminal *t, const char *bytes, uint32_t size)
{
	if (size == 0)
		return;
	if (t->pty != NULL)
		pty_put(t, bytes, size);
	else
		console_put(bytes, size);
}

uint32_t
terminal_room(const struct terminal *t)
{
	return t->pty != NULL ? pty_room(t) : UINT32_MAX;
}

static void
post_typed(struct terminal *t, uint32_t typed)
{
	if ((typed & LDISC_INTR) != 0)
		jobs_post(t, SIGINT);
	if ((typed & LDISC_QUIT) != 0)
		jobs_post(t, SIGQUIT);
	if ((typed & LDISC_SUSP) != 0)
		jobs_post(t, SIGTSTP);
}

void
terminal_input(struct terminal *t, const uint8_t *bytes, uint32_t count)
{
	static char buffer[ECHO_SIZE];
	struct ldisc_echo echo = { buffer, sizeof(buffer), 0 };
	uint32_t typed = 0;

	for (uint32_t i = 0; i < count; i++) {
		typed |= ldisc_input(&t->line, bytes[i], &echo);
		if (echo.used > ECHO_SIZE / 2) {
			terminal_put(t, buffer, echo.used);
			echo.used = 0;
		}
	}
	terminal_put(t, buffer, echo.used);
	post_typed(t, typed);
}

uint32_t
terminal_events(const struct terminal *t, enum side_number side)
{
	uint32_t events = 0;

	if (pty_hung_up(t, side))
		events |= IO_POLL_HANGUP;
	if (t->side[side].readers == NULL &&
	    (side == SLAVE && ldisc_timer(&t->line) != 0 ? t->line.ready != t->line.read : readers_ready(t, side)))
		events |= IO_POLL_IN;
	if (!output_waits(t, side))
		events |= IO_POLL_OUT;
	return events;
}

void
terminal_pump(struct terminal *t)
{
	uint8_t start;
	bool moved;

	do {
		moved = readers_serve(t, SLAVE);
		moved |= output_run(t, MASTER);
		moved |= output_run(t, SLAVE);
		start = ldisc_unthrottle(&t->line);
		if (start != 0)
			terminal_put(t, (const char *)&start, 1);
		moved |= readers_serve(t, MASTER);
	} while (moved);
	readers_set_deadline(t);
	for (int s = 0; s < SIDES; s++)
		poll_list_wake(&t->side[s].polls, terminal_events(t, s));
	if (t->pty == NULL)
		console_resume();
}
