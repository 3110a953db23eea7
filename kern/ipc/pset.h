/*
 * Port sets: receive from any of several ports. The set's lock comes after those of its members, so
 * a sender that has locked a port can look for receivers of the set; who goes from the set to a
 * member lets go of the set first and looks again.
 */
#ifndef IPC_PSET_H
#define IPC_PSET_H

#include "ipc/port.h"

struct ipc_set {
	refcount_t refs;			/* its entry, and who receives */

	/* lock */
	struct spinlock lock;
	bool alive;
	mach_port_t name;			/* in its space */
	struct list members;			/* ports, by set_link */
	/* Members with messages, by ready_link; the next to be served first */
	struct list ready;
	struct waitq receivers;
};

struct ipc_set *set_create(void);		/* NULL: no memory */
void set_take(struct ipc_set *set);
void set_drop(struct ipc_set *set);

/*
 * The set's name goes: members leave, receivers wake with PORT_DIED. Drops the entry's reference.
 * Conditions: the space is locked.
 */
void set_end(struct ipc_set *set);

/*
 * Conditions: the port is locked, and its space, so that nobody else moves it. The port is in no
 * set.
 */
void set_join(struct ipc_set *set, struct ipc_port *port, struct ipc_chores *chores);

/* Conditions: the port is locked. Does nothing if it is in no set. */
void set_leave(struct ipc_port *port);

uint32_t set_total(void);

#endif
