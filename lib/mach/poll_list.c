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

/* Takes *at out; destroying the right wakes its client. */
static void
drop(struct poll_list *list, struct poll_waiter **at)
{
	struct poll_waiter *waiter = *at;

	*at = waiter->next;
	list->count--;
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
	new_waiter = list->count < POLL_LIST_MAX ? heap_alloc(sizeof(*new_waiter)) : NULL;
	if (new_waiter == NULL)
		return ENOMEM;
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
