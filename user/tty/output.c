/*
 * Writes, and requests that wait behind them: output while it is stopped or its device is full, what is written to a master while the line has
 * no room, and what shall be done behind output. See tty.h.
 *
 * What need not wait goes on at once, so nothing waits otherwise.
 */
#include "io_server.h"
#include "mach/heap.h"
#include "tty.h"
#include "tty_server.h"
#include <errno.h>
#include <string.h>

#define OUTPUT_SIZE	1024u
#define WAITS_MAX	64u

enum kind { WAIT_WRITE, WAIT_WRITE_OOL, WAIT_DRAIN, WAIT_SETTINGS };

struct wait {
	struct wait *next;
	enum kind kind;
	mach_port_t reply_port;
	uint32_t label;			/* of the client's token */
	uint8_t *data;			/* of a write: a copy of it, or its memory */
	uint32_t size, done;		/* bytes */
	struct tty_settings settings;
	uint32_t when;			/* of settings */
};

/* Whether the line takes nothing: a reader has to make room first. */
static bool
line_full(const struct terminal *t)
{
	return ldisc_room(&t->line) == 0 && t->line.ready != t->line.read;
}

static bool
blocked(const struct terminal *t, enum side_number side)
{
	if (pty_hung_up(t, side) && side == SLAVE)
		return false;		/* it fails at once */
	return side == MASTER ? line_full(t) : t->line.stopped || terminal_room(t) < LDISC_OUTPUT_MAX;
}

bool
output_waits(const struct terminal *t, enum side_number side)
{
	return t->side[side].waits != NULL || blocked(t, side);
}

/* Output to the device. Returns how many bytes it took. */
static uint32_t
put(struct terminal *t, const uint8_t *data, uint32_t size)
{
	char out[OUTPUT_SIZE];
	uint32_t taken, n, done = 0, room;

	while (done < size && (room = terminal_room(t)) >= LDISC_OUTPUT_MAX) {
		n = ldisc_output(&t->line, data + done, size - done, out, room < sizeof(out) ? room : sizeof(out), &taken);
		terminal_put(t, out, n);
		done += taken;
	}
	return done;
}

/* What the master writes is typed; beyond the longest line, which nobody can read, it is dropped. */
static uint32_t
type(struct terminal *t, const uint8_t *data, uint32_t size)
{
	uint32_t n, done = 0;

	while (done < size && !line_full(t)) {
		n = ldisc_room(&t->line);
		n = n == 0 || n > size - done ? size - done : n;
		terminal_input(t, data + done, n);
		done += n;
	}
	return done;
}

static uint32_t
move(struct terminal *t, enum side_number side, const uint8_t *data, uint32_t size)
{
	return blocked(t, side) ? 0 : side == MASTER ? type(t, data, size) : put(t, data, size);
}

static struct wait *
wait_add(struct side *s, const struct mig_request *rq, enum kind kind)
{
	struct wait *w = s->wait_count < WAITS_MAX ? heap_zalloc(1, sizeof(*w)) : NULL;

	if (w == NULL)
		return NULL;
	w->kind = kind;
	w->reply_port = rq->reply_port;
	w->label = rq->sender.label;
	*s->waits_last = w;
	s->waits_last = &w->next;
	s->wait_count++;
	return w;
}

static struct wait *
unlink(struct side *s, struct wait **at)
{
	struct wait *w = *at;

	*at = w->next;
	if (s->waits_last == &w->next)
		s->waits_last = at;
	s->wait_count--;
	return w;
}

static void
discard(struct wait *w)
{
	if (w->kind == WAIT_WRITE_OOL)
		mig_free(w->data, w->size);
	else
		heap_free(w->data);
	heap_free(w);
}

/* The wait is out of the line. A write that came some way says how far. */
static void
answer(struct terminal *t, struct wait *w, kern_return_t error)
{
	port_notify_cancel(w->reply_port, MACH_NOTIFY_DEAD_NAME);
	switch (w->kind) {
	case WAIT_WRITE:
		io_write_reply(w->reply_port, w->done != 0 ? 0 : error, w->done);
		break;
	case WAIT_WRITE_OOL:
		io_write_ool_reply(w->reply_port, w->done != 0 ? 0 : error, w->done);
		break;
	case WAIT_DRAIN:
		tty_drain_reply(w->reply_port, error);
		break;
	case WAIT_SETTINGS:
		if (error == 0)
			settings_apply(t, &w->settings, w->when);
		tty_set_settings_reply(w->reply_port, error);
		break;
	}
	discard(w);
}

/* The rest of a write waits; `done` bytes of it have gone. */
static kern_return_t
wait_for_room(struct side *s, struct mig_request *rq, const void *data, uint32_t size, uint32_t done, bool ool)
{
	uint8_t *copy = ool ? (void *)(uintptr_t)data : heap_alloc(size != 0 ? size : 1);
	struct wait *w = copy != NULL ? wait_add(s, rq, ool ? WAIT_WRITE_OOL : WAIT_WRITE) : NULL;

	if (w == NULL) {
		if (!ool)
			heap_free(copy);
		return ENOMEM;
	}
	if (!ool)
		memcpy(copy, data, size);
	w->size = size;
	w->done = done;
	w->data = copy;
	port_notify(w->reply_port, MACH_NOTIFY_DEAD_NAME, notify_port);
	return MIG_NO_REPLY;
}

kern_return_t
output_write(const struct end *end, struct mig_request *rq, const void *data, uint32_t size, bool ool, uint32_t *written)
{
	struct terminal *t = end->terminal;
	struct side *s = &t->side[end->side];
	uint32_t done;
	kern_return_t kr;

	if (end->side == SLAVE && pty_hung_up(t, SLAVE))
		return EIO;
	done = s->waits == NULL ? move(t, end->side, data, size) : 0;
	if (done < size && done == 0 && (end->flags & IO_O_NONBLOCK) != 0)
		return EAGAIN;
	if (done < size && (end->flags & IO_O_NONBLOCK) == 0) {
		kr = wait_for_room(s, rq, data, size, done, ool);
		if (kr == MIG_NO_REPLY || done == 0)
			return kr;
	}
	*written = done;
	if (ool)
		mig_free((void *)(uintptr_t)data, size);
	return KERN_SUCCESS;
}

kern_return_t
output_after(struct terminal *t, struct mig_request *rq, const struct tty_settings *settings, uint32_t when)
{
	struct wait *w = wait_add(&t->side[SLAVE], rq, settings != NULL ? WAIT_SETTINGS : WAIT_DRAIN);

	if (w == NULL)
		return ENOMEM;
	if (settings != NULL)
		w->settings = *settings;
	w->when = when;
	port_notify(w->reply_port, MACH_NOTIFY_DEAD_NAME, notify_port);
	return MIG_NO_REPLY;
}

bool
output_run(struct terminal *t, enum side_number side)
{
	struct side *s = &t->side[side];
	bool moved = false;
	struct wait *w;
	uint32_t n;

	while (s->waits != NULL && !blocked(t, side)) {
		w = s->waits;
		n = move(t, side, w->data + w->done, w->size - w->done);
		w->done += n;
		moved |= n != 0;
		if (w->done < w->size)
			break;
		answer(t, unlink(s, &s->waits), 0);
		moved = true;
	}
	return moved;
}

void
output_flush(struct terminal *t, enum side_number side, kern_return_t error)
{
	struct side *s = &t->side[side];
	struct wait *w;

	while (s->waits != NULL) {
		w = unlink(s, &s->waits);
		if (error == 0)
			w->done = w->size;
		answer(t, w, error);
	}
}

void
output_interrupt(struct terminal *t, uint32_t label)
{
	for (int s = 0; s < SIDES; s++)
		for (struct wait **at = &t->side[s].waits; *at != NULL;)
			if ((*at)->label == label)
				answer(t, unlink(&t->side[s], at), EINTR);
			else
				at = &(*at)->next;
}

void
output_dead(struct terminal *t, mach_port_t reply_port)
{
	for (int s = 0; s < SIDES; s++)
		for (struct wait **at = &t->side[s].waits; *at != NULL; at = &(*at)->next)
			if ((*at)->reply_port == reply_port) {
				discard(unlink(&t->side[s], at));
				port_drop(reply_port);
				return;
			}
}
