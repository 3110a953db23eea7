/* See poll_list.h. */
#include "mach/poll_list.h"

#include "mach/heap.h"

#include <errno.h>

struct poll_waiter {
	struct poll_waiter *next;
	mach_port_t port;		/* send-once */
	uint32_t label, key;
	uint32_t events;
};

/*
 * How many there are in all lists, and of a client. Clients whose labels agree modulo SHARES have one share together: counters need no
 * memory that a client can make grow.
 */
#define SHARES	1024u

static unsigned all, share[SHARES];

static void
leave(uint32_t label)
{
	__atomic_sub_fetch(&all, 1, __ATOMIC_RELAXED);
	__atomic_sub_fetch(&share[label % SHARES], 1, __ATOMIC_RELAXED);
}

/* Returns false: there are too many. */
static bool
enter(uint32_t label)
{
	unsigned now = __atomic_add_fetch(&all, 1, __ATOMIC_RELAXED),
		 own = __atomic_add_fetch(&share[label % SHARES], 1, __ATOMIC_RELAXED);

	if (now <= POLL_ALL_MAX && own <= POLL_SHARE_MAX)
		return true;
	leave(label);
	return false;
}

/* Takes *at out; destroying the right wakes its client. */
static void
drop(struct poll_list *list, struct poll_waiter **at)
{
	struct poll_waiter *waiter = *at;

	*at = waiter->next;
	list->count--;
	leave(waiter->label);
	port_drop(waiter->port);
	heap_free(waiter);
}

/* Forgets clients that gave up: their ports are gone. */
static void
drop_dead(struct poll_list *list)
{
	struct poll_waiter **at = &list->first;
	mach_port_type_t type;

	while (*at != NULL)
		if (mach_port_type(mach_task_self(), (*at)->port, &type) == KERN_SUCCESS &&
		    (type & MACH_PORT_TYPE_DEAD_NAME) == 0)
			at = &(*at)->next;
		else
			drop(list, at);
}

int
poll_list_add(struct poll_list *list, uint32_t label, uint32_t key, uint32_t events, mach_port_t waiter)
{
	struct poll_waiter **at = &list->first, *new_waiter;

	while (*at != NULL && ((*at)->label != label || (*at)->key != key))
		at = &(*at)->next;
	if (*at != NULL)
		drop(list, at);
	if (list->count == POLL_LIST_MAX)
		drop_dead(list);
	if (list->count == POLL_LIST_MAX || !enter(label))
		return ENOMEM;
	new_waiter = heap_alloc(sizeof(*new_waiter));
	if (new_waiter == NULL) {
		leave(label);
		return ENOMEM;
	}
	*new_waiter = (struct poll_waiter){ list->first, waiter, label, key, events };
	list->first = new_waiter;
	list->count++;
	return 0;
}

void
poll_list_wake(struct poll_list *list, uint32_t events)
{
	struct poll_waiter **at = &list->first;

	while (*at != NULL)
		if (((*at)->events & events) != 0)
			drop(list, at);
		else
			at = &(*at)->next;
}

void
poll_list_clear(struct poll_list *list)
{
	while (list->first != NULL)
		drop(list, &list->first);
}
