/*
 * Output, and requests that wait for it: writes while output is stopped, and what shall be done behind them. See tty.h.
 *
 * Output that is not stopped goes to the console at once, so nothing waits otherwise.
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

static struct wait *first, **last = &first;
static uint32_t count;

bool
output_waits(void)
{
	return line.stopped || first != NULL;
}

static void
put(const uint8_t *data, uint32_t size)
{
	char out[OUTPUT_SIZE];
	uint32_t taken, n;

	for (; size > 0; data += taken, size -= taken) {
		n = ldisc_output(&line, data, size, out, sizeof(out), &taken);
		console_put(out, n);
	}
}

static struct wait *
wait_add(const struct mig_request *rq, enum kind kind)
{
	struct wait *w = count < WAITS_MAX ? heap_zalloc(1, sizeof(*w)) : NULL;

	if (w == NULL)
		return NULL;
	w->kind = kind;
	w->reply_port = rq->reply_port;
	w->label = rq->sender.label;
	*last = w;
	last = &w->next;
	count++;
	return w;
}

static struct wait *
unlink(struct wait **at)
{
	struct wait *w = *at;

	*at = w->next;
	if (last == &w->next)
		last = at;
	count--;
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

/* The wait is out of the line. */
static void
answer(struct wait *w, kern_return_t error)
{
	port_notify_cancel(w->reply_port, MACH_NOTIFY_DEAD_NAME);
	switch (w->kind) {
	case WAIT_WRITE:
		io_write_reply(w->reply_port, error, w->done);
		break;
	case WAIT_WRITE_OOL:
		io_write_ool_reply(w->reply_port, error, w->done);
		break;
	case WAIT_DRAIN:
		tty_drain_reply(w->reply_port, error);
		break;
	case WAIT_SETTINGS:
		if (error == 0)
			settings_apply(&w->settings, w->when);
		tty_set_settings_reply(w->reply_port, error);
		break;
	}
	discard(w);
}

kern_return_t
output_write(struct mig_request *rq, const void *data, uint32_t size, bool ool, uint32_t *written)
{
	struct wait *w;

	if (!output_waits()) {
		put(data, size);
		*written = size;
		if (ool)
			mig_free((void *)(uintptr_t)data, size);
		return KERN_SUCCESS;
	}
	if ((open_flags(rq->port) & IO_O_NONBLOCK) != 0)
		return EAGAIN;
	w = wait_add(rq, ool ? WAIT_WRITE_OOL : WAIT_WRITE);
	if (w == NULL)
		return ENOMEM;
	w->size = size;
	w->data = ool ? (void *)(uintptr_t)data : heap_alloc(size != 0 ? size : 1);
	if (w->data == NULL) {
		struct wait **at = &first;

		while (*at != w)
			at = &(*at)->next;
		heap_free(unlink(at));
		return ENOMEM;
	}
	if (!ool)
		memcpy(w->data, data, size);
	port_notify(w->reply_port, MACH_NOTIFY_DEAD_NAME, notify_port);
	return MIG_NO_REPLY;
}

kern_return_t
output_after(struct mig_request *rq, const struct tty_settings *settings, uint32_t when)
{
	struct wait *w = wait_add(rq, settings != NULL ? WAIT_SETTINGS : WAIT_DRAIN);

	if (w == NULL)
		return ENOMEM;
	if (settings != NULL)
		w->settings = *settings;
	w->when = when;
	port_notify(w->reply_port, MACH_NOTIFY_DEAD_NAME, notify_port);
	return MIG_NO_REPLY;
}

void
output_run(void)
{
	while (!line.stopped && first != NULL) {
		struct wait *w = unlink(&first);

		put(w->data, w->size);
		w->done = w->size;
		answer(w, 0);
	}
	if (!output_waits())
		poll_list_wake(&polls, IO_POLL_OUT);
}

void
output_flush(void)
{
	while (first != NULL) {
		struct wait *w = unlink(&first);

		w->done = w->size;
		answer(w, 0);
	}
	if (!output_waits())
		poll_list_wake(&polls, IO_POLL_OUT);
}

void
output_interrupt(uint32_t label)
{
	struct wait **at = &first;

	while (*at != NULL)
		if ((*at)->label == label)
			answer(unlink(at), EINTR);
		else
			at = &(*at)->next;
}

void
output_dead(mach_port_t reply_port)
{
	for (struct wait **at = &first; *at != NULL; at = &(*at)->next)
		if ((*at)->reply_port == reply_port) {
			port_drop(reply_port);
			discard(unlink(at));
			return;
		}
}
