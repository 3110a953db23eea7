/*
 * Ports: a message queue with one receive right and any number of send and send-once rights.
 *
 *	         senders (blocked: the queue is full)
 *	            |
 *	   +--------v---------------------------------+
 *	   | port   messages: oldest ... newest        |---> receivers (blocked: the queue is empty)
 *	   +--------------------------------------------+
 *	      |            |                       |
 *	      set or -     destination or -        requests: who is told of the port's death
 *
 * Life. A port is alive while somebody holds the receive right: a space (receiver), a message in
 * flight (destination), or the kernel (object). When that goes the port dies (port_end): its queue
 * is destroyed, rights to it become dead names. The memory stays while rights are left, or bare
 * references (refs; who waits has one). Rights are counted under the lock, so passing them on costs
 * no atomic operation; all of them together, while there are any, hold one bare reference: the
 * port's life. So do those that stand in the queue of receivers; who leaves it other than by being
 * claimed does so with port_unlock.
 *
 * Invariants, under the lock:
 *	- messages are queued only while no receiver waits (but for those found too large);
 *	- a sender waits only while all slots are taken: a freed slot goes to the longest waiter;
 *	- a port in a set has no receivers of its own, and stands in the set's ready list exactly
 *	  while it has messages.
 */
#ifndef IPC_PORT_H
#define IPC_PORT_H

#include <mach/port.h>
#include "ipc/chores.h"
#include "ipc/ipc.h"
#include "sync/list.h"
#include "sync/refcount.h"
#include "sync/spinlock.h"
#include "sync/waitq.h"

/* A dead-name request: on an entry of a space (which owns it) and on the list of the port. */
struct ipc_request {
	struct list_node link;			/* port->requests; port lock */
	struct ipc_kmsg *message;		/* ready to be sent; NULL once the port has died */
};

struct ipc_port {
	struct spinlock lock;
	refcount_t refs;			/* bare references, and one for life (above) */

	/* lock */
	bool alive;
	bool life_over;				/* the reference for life was given up */
	uint8_t kobject;			/* enum kobject_type */
	uint8_t events;				/* EVENT_*, for the owner of a kernel object */
	void *object;
	/* Whose receive right it is; NULL: in flight, the kernel's, or dead */
	struct ipc_space *receiver;
	mach_port_t name;			/* there */
	uint32_t send_rights;			/* held by entries, messages, the kernel */
	uint32_t send_once_rights;
	uint32_t make_send_count;
	mach_port_seqno_t seqno;		/* of the next message */

	/* lock: the queue (mqueue.c) */
	struct list messages;
	uint32_t notices_first;	/* send-once notifications before the first message */
	uint32_t message_count;			/* queued, notifications included */
	uint32_t slots_used;			/* queued messages that count against the limit */
	uint32_t queue_limit;
	struct waitq senders, receivers;

	/* lock: who pays for it */
	/* Holder of the receive right, or the last one; referenced. NULL: the kernel */
	struct task *account;
	uint64_t charged;			/* bytes charged to account */

	/* lock and the set's lock */
	struct ipc_set *set;
	struct list_node set_link;		/* set->members */
	struct list_node ready_link;		/* set->ready */

	/* lock: who is told what */
	struct ipc_kmsg *no_senders;		/* registered notifications, ready to be sent */
	struct ipc_kmsg *port_destroyed;
	struct list requests;			/* struct ipc_request */
	struct list watches;			/* struct port_watch */

	/* Transit lock (circular.c): in whose queue the receive right travels */
	struct ipc_port *destination;
	struct list_node chore_link;		/* of whoever ends it */
};

enum port_event {
	EVENT_NO_SENDERS = 1,
	EVENT_UNANSWERED = 2,	/* KOBJECT_REPLY: the send-once right was destroyed */
	EVENT_LISTED = 4,			/* in somebody's chores */
};

/* How many there are, the remains of dead ones included. */
uint32_t port_total(void);

/*
 * A new port without a holder of the receive right, charged to account (NULL: to nobody). Returns
 * NULL: no memory or over the limit.
 */
struct ipc_port *port_create(struct task *account);

/* The last reference is gone: the second half of port_drop. */
void port_free(struct ipc_port *port);

/* Read without the lock: false is final. */
static inline bool
port_lives(const struct ipc_port *port)
{
	return __atomic_load_n(&port->alive, __ATOMIC_ACQUIRE);
}

static inline void
port_lock(struct ipc_port *port)
{
	spin_lock(&port->lock);
}

/* Unlocks; the remains of a dead port go when nothing refers to them any more. */
void port_unlock(struct ipc_port *port);

/* --- rights; conditions: port locked --- */

/* Gives one up. The last send right fires no-senders. */
void port_drop_send(struct ipc_port *port, struct ipc_chores *chores);
void port_drop_send_once(struct ipc_port *port);

/* A send-once right ends without a message: the receiver gets the notification. */
void port_abandon_send_once(struct ipc_port *port, struct ipc_chores *chores);

/* --- rights; conditions: port not locked. NULL and DEAD are fine. --- */

void port_release_right(struct ipc_port *port, unsigned disposition, struct ipc_chores *chores);

/*
 * Leaves the receive right ownerless and has it ended as a chore. Conditions: not locked, in no
 * space and no message.
 */
void port_orphan(struct ipc_port *port, struct ipc_chores *chores);

/*
 * A chore: the receive right is gone. The port dies, or goes to whoever asked for it
 * (port-destroyed).
 */
void port_end(struct ipc_port *port, struct ipc_chores *chores);

/* --- accounts; conditions: port locked --- */

/*
 * Whether so many messages are queued that the kernel, whose messages wait for no slot, does nothing more that would bring another at
 * somebody's wish. No lock: a few more do no harm.
 */
static inline bool
port_is_flooded(const struct ipc_port *port)
{
	return port->message_count >= MACH_PORT_QLIMIT_MAX;
}

/* A look, no promise: senders that have passed it together may bring more, as many as there are slots. Conditions: locked. */
bool port_could_pay(const struct ipc_port *port, uint64_t bytes);	/* false: over the holder's limit */
void port_charge(struct ipc_port *port, uint64_t bytes);
void port_uncharge(struct ipc_port *port, uint64_t bytes);

/*
 * The receive right comes to another task, which now pays. Returns false: over its limit, nothing
 * changed.
 */
bool port_move_account(struct ipc_port *port, struct task *account);

/* --- receive rights in flight (circular.c) --- */

/*
 * Notes that the right is in a message to `destination`. Returns false: that would close a circle;
 * the right must be ended.
 */
bool transit_begin(struct ipc_port *port, struct ipc_port *destination);
void transit_end(struct ipc_port *port);

#endif
