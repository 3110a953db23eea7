/*
 * The server's side of io_poll: clients that wait for an event at a file.
 *
 * Each is a send-once right to a port of the client's. Destroying it is the wake-up: the kernel tells the port's owner, who asks again. So a
 * server sends nothing and believes nothing, and its death wakes everybody. The user locks: one list at a time is enough.
 */
#ifndef LIB_MACH_POLL_LIST_H
#define LIB_MACH_POLL_LIST_H

#include "mach/mach.h"

#define POLL_LIST_MAX	64u		/* waiters of one file */
#define POLL_ALL_MAX	16384u		/* of all files of a server: each is a name in its table, of 65536 */
#define POLL_SHARE_MAX	4096u		/* of them, of one client */

/* Zeroed to begin with. */
struct poll_list {
	struct poll_waiter *first;
	unsigned count;
};

/*
 * Purpose: keeps a right until one of `events` (IO_POLL_*) happens. An earlier one of the same client (label) and key is given up.
 * Returns: 0, the right is the list's; ENOMEM: too many, the right stays the caller's.
 */
int
poll_list_add(struct poll_list *list, uint32_t label, uint32_t key, uint32_t events, mach_port_t waiter);

/* Wakes those who wait for any of the events. */
void
poll_list_wake(struct poll_list *list, uint32_t events);

/* Wakes everybody: the file goes away. */
void
poll_list_clear(struct poll_list *list);

#endif
