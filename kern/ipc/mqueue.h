/*
 * Message queues: back-pressure, hand-over to waiting receivers, waiting.
 */
#ifndef IPC_MQUEUE_H
#define IPC_MQUEUE_H

#include <mach/notify.h>

#include "ipc/kmsg.h"
#include "ipc/port.h"
#include "ipc/receiver.h"

struct ipc_set;
struct thread;

/* How long a send or receive may wait. */
struct patience {
	bool timed;
	mach_msg_timeout_t ms;			/* 0: do not wait */
	/* NULL, or where a claimed thread stands that gets the CPU when we block */
	struct thread **handoff;
};

/* A thread that was kept for a hand-off runs by itself. */
void handoff_release(const struct patience *patience);

/* Messages queued in the whole system. */
uint32_t mqueue_total(void);

void mqueue_init(struct ipc_port *port);

/*
 * Purpose: send message to message->remote, which is consumed.
 * Conditions: no locks. May block unless the message is exempt. A receiver that is woken may be
 * left in *patience->handoff.
 * Returns: SUCCESS (the message is gone, also when the port is dead); TIMED_OUT, INTERRUPTED: the
 * message is still the caller's.
 */
mach_msg_return_t mqueue_send(struct ipc_kmsg *message, const struct patience *patience,
    struct ipc_chores *chores);

/* The same for exempt messages of the kernel; never blocks. */
void mqueue_send_kernel(struct ipc_kmsg *message, struct ipc_chores *chores);

/*
 * Purpose: receive from a port or a set. Conditions: the port or set locked; it is unlocked on
 * return. May block.
 * Returns: receiver->result; the rest of the receiver is filled in by it.
 */
mach_msg_return_t mqueue_receive_port(struct ipc_port *port, struct receiver *receiver,
    const struct patience *patience,
    struct ipc_chores *chores);
mach_msg_return_t mqueue_receive_set(struct ipc_set *set, struct receiver *receiver,
    const struct patience *patience,
    struct ipc_chores *chores);

/* --- conditions: port locked --- */

/* Queues a send-once notification, or hands it to a waiting receiver. Needs no memory. */
void mqueue_notify_send_once(struct ipc_port *port, struct ipc_chores *chores);

/*
 * Gives the oldest message to a receiver that runs or was claimed; one that is too large for it may
 * stay (result TOO_LARGE, message NULL). Returns false: the queue is empty.
 */
bool mqueue_take(struct ipc_port *port, struct receiver *receiver, struct ipc_chores *chores);

/* Whether a receiver has room for a message of that size with its trailer. */
static inline bool
mqueue_fits(mach_msg_size_t size, const struct receiver *receiver)
{
	return KMSG_RECEIVED_SIZE(size) <= receiver->room;
}

/* A message that fits (NULL: a send-once notification) becomes the receiver's. */
static inline void
mqueue_hand(struct ipc_port *port, struct ipc_kmsg *message, struct receiver *receiver)
{
	receiver->result = MACH_MSG_SUCCESS;
	receiver->message = message;
	receiver->name = port->name;
	receiver->seqno = port->seqno++;
}

/*
 * A message (NULL: a send-once notification) becomes the receiver's. Returns false: it is too large
 * and the receiver leaves it, with result TOO_LARGE.
 */
static inline bool
mqueue_give(struct ipc_port *port, struct ipc_kmsg *message, struct receiver *receiver)
{
	mach_msg_size_t size =
	    message != NULL ? message->header.msgh_size : sizeof(mach_msg_header_t);

	if (mqueue_fits(size, receiver)) {
		mqueue_hand(port, message, receiver);
		return true;
	}
	if (receiver_leaves(receiver)) {
		receiver->name = port->name;
		receiver->message = NULL;
		receiver->left_size = size;
		receiver->left_id =
		    message != NULL ? message->header.msgh_id : MACH_NOTIFY_SEND_ONCE;
	} else {
		mqueue_hand(port, message, receiver);
	}
	receiver->result = MACH_RCV_TOO_LARGE;
	return !receiver_leaves(receiver);
}

/*
 * The port dies: queued messages and those of blocked senders become garbage, senders succeed,
 * receivers are told.
 */
void mqueue_destroy(struct ipc_port *port, struct ipc_chores *chores);

/* Ends the waits of a port's or set's receivers with a code. Conditions: its lock held. */
void mqueue_wake_receivers(struct waitq *queue, mach_msg_return_t result);

void mqueue_set_limit(struct ipc_port *port, uint32_t limit);

/*
 * A port with messages has just joined a set: serve the set's waiting receivers. Conditions: set
 * locked as well.
 */
void mqueue_serve_set(struct ipc_port *port, struct ipc_chores *chores);

#endif
