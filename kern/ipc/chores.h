/*
 * What is left to do once no lock is held.
 *
 * Dropping a right may cause notifications, and the end of a port destroys the messages in its
 * queue, which hold rights whose end may destroy further ports. Whoever does such things with locks
 * held, or in a loop, collects the consequences here and calls chores_do when it holds no lock any
 * more, before its trap returns. chores_do works the lists off one by one, so the kernel stack
 * stays flat however deep ports are nested in messages.
 */
#ifndef IPC_CHORES_H
#define IPC_CHORES_H

#include "sync/list.h"

struct ipc_chores {
	/* Kernel messages to send; each holds the right it goes to (kmsg->remote) */
	struct list notices;
	struct list garbage;	/* messages to destroy with all they hold */
	/* Receive rights without an owner (port->chore_link), to be ended */
	struct list ports;
	/* Kernel-object ports whose owner must be told; each with a bare reference */
	struct list events;
};

static inline void
chores_init(struct ipc_chores *chores)
{
	list_init(&chores->notices);
	list_init(&chores->garbage);
	list_init(&chores->ports);
	list_init(&chores->events);
}

/* Conditions: no spinlock held. May block (memory is released). Leaves the lists empty. */
void chores_work(struct ipc_chores *chores);

static inline bool
chores_empty(const struct ipc_chores *chores)
{
	return list_empty(&chores->notices) && list_empty(&chores->garbage) &&
	    list_empty(&chores->ports) &&
	    list_empty(&chores->events);
}

static inline void
chores_do(struct ipc_chores *chores)
{
	if (!chores_empty(chores))
		chores_work(chores);
}

#endif
