/*
 * Open files of the terminal: each open has a port and flags of its own; its last send right gone, it is closed. See tty.h.
 */
#include "mach/heap.h"
#include "tty.h"
#include <errno.h>

#define OPENS_MAX	1024u

struct open {
	struct open *next;
	mach_port_t port;
	uint32_t flags;
};

static struct open service_open, *first = &service_open;
static mach_port_t port_set;
static uint32_t count;

void
opens_start(mach_port_t set, mach_port_t service)
{
	port_set = set;
	service_open = (struct open){ NULL, service, IO_O_RDWR };
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
open_create(uint32_t flags, mach_port_t *port)
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
	*o = (struct open){ first, *port, flags & (IO_O_ACCMODE | IO_O_NONBLOCK | IO_O_APPEND) };
	first = o;
	count++;
	return 0;
}

uint32_t
open_flags(mach_port_t port)
{
	const struct open *o = find(port);

	return o != NULL ? o->flags : 0;
}

void
open_set_flags(mach_port_t port, uint32_t flags)
{
	struct open *o = find(port);

	if (o != NULL)
		o->flags = (o->flags & IO_O_ACCMODE) | (flags & (IO_O_NONBLOCK | IO_O_APPEND));
}

void
open_no_senders(mach_port_t port, uint32_t mscount)
{
	struct open **at = &first, *o;

	(void)mscount;
	mutex_lock(&lock);
	while (*at != NULL && (*at)->port != port)
		at = &(*at)->next;
	o = *at;
	if (o != NULL && o != &service_open) {
		*at = o->next;
		count--;
		port_drop_receive(port);
		heap_free(o);
	}
	mutex_unlock(&lock);
}
