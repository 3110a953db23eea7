/*
 * Open files of the terminals: each open has a port and flags of its own; its last send right gone, it is closed. See tty.h.
 */
#include "mach/heap.h"
#include "tty.h"
#include <errno.h>

#define OPENS_MAX	1024u

struct open {
	struct open *next;
	mach_port_t port;
	struct end end;
};

static struct open service_open, *first = &service_open;
static mach_port_t port_set;
static uint32_t count;

void
opens_start(mach_port_t set, mach_port_t service, struct terminal *console)
{
	port_set = set;
	service_open = (struct open){ NULL, service, { console, SLAVE, IO_O_RDWR } };
}

static struct open *
find(mach_port_t port)
{
	struct open *o;

	for (o = first; o != NULL && o->port != port; o = o->next)
		continue;
	return o;
}

kern_return_t
open_create(struct terminal *terminal, enum side_number side, uint32_t flags, mach_port_t *port)
{
	struct open *o = count < OPENS_MAX ? heap_alloc(sizeof(*o)) : NULL;

	if (o == NULL)
		return ENFILE;
	if (port_create(false, port) != KERN_SUCCESS) {
		heap_free(o);
		return ENOMEM;
	}
	if (port_notify(*port, MACH_NOTIFY_NO_SENDERS, *port) != KERN_SUCCESS ||
	    mach_port_move_member(mach_task_self(), *port, port_set) != KERN_SUCCESS) {
		port_drop_receive(*port);
		heap_free(o);
		return ENOMEM;
	}
	*o = (struct open){ first, *port, { terminal, side, flags & (IO_O_ACCMODE | IO_O_NONBLOCK | IO_O_APPEND) } };
	first = o;
	count++;
	pty_opened(terminal, side);
	return 0;
}

/* Closes *at. */
static void
drop(struct open **at)
{
	struct open *o = *at;

	*at = o->next;
	count--;
	port_drop_receive(o->port);
	pty_closed(o->end.terminal, o->end.side);
	heap_free(o);
}

/* Nobody has a right any more to what was handed out; the notification may still be on its way. */
static bool
is_closed(const struct open *o)
{
	struct mach_port_status status;

	return mach_port_get_receive_status(mach_task_self(), o->port, &status) == KERN_SUCCESS && status.mps_srights == 0 &&
	    status.mps_mscount != 0;
}

void
opens_settle(const struct terminal *terminal)
{
	struct open **at = &first;

	while (*at != NULL)
		if ((*at)->end.terminal->pty != NULL && (terminal == NULL || (*at)->end.terminal == terminal) && is_closed(*at))
			drop(at);
		else
			at = &(*at)->next;
}

struct end
open_end(mach_port_t port)
{
	const struct open *o = find(port);

	if (o != NULL && o->end.terminal->pty != NULL) {
		opens_settle(o->end.terminal);
		o = find(port);
	}
	return o != NULL ? o->end : (struct end){ NULL, SLAVE, 0 };
}

struct terminal *
open_terminal(const struct mig_request *rq, enum side_number *side)
{
	struct end end;

	mutex_lock(&lock);
	end = open_end(rq->port);
	mutex_unlock(&lock);
	if (side != NULL)
		*side = end.side;
	return end.terminal;
}

void
open_set_flags(mach_port_t port, uint32_t flags)
{
	struct open *o = find(port);

	if (o != NULL)
		o->end.flags = (o->end.flags & IO_O_ACCMODE) | (flags & (IO_O_NONBLOCK | IO_O_APPEND));
}

void
open_no_senders(mach_port_t port, uint32_t mscount)
{
	struct open **at = &first;

	(void)mscount;
	mutex_lock(&lock);
	while (*at != NULL && (*at)->port != port)
		at = &(*at)->next;
	if (*at != NULL && *at != &service_open)
		drop(at);
	mutex_unlock(&lock);
}
