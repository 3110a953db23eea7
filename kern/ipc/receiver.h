/*
 * What a thread that receives leaves for senders to find.
 */
#ifndef IPC_RECEIVER_H
#define IPC_RECEIVER_H

#include <mach/message.h>
#include <stdbool.h>
#include "sync/waitq.h"

struct ipc_kmsg;
struct ipc_port;
struct ipc_set;

/* What a receiver asks for and what it gets; found by senders through its waiter. */
struct receiver {
	mach_msg_size_t room;			/* bytes of its buffer */
	mach_msg_option_t option;		/* MACH_RCV_LARGE: leave what does not fit; the others do not matter here */

	mach_msg_return_t result;
	/* Now the receiver's; NULL with SUCCESS: a send-once notification */
	struct ipc_kmsg *message;
	mach_port_t name;			/* of the port it came from */
	mach_port_seqno_t seqno;
	mach_msg_size_t left_size;	/* TOO_LARGE and left: of the message that was left */
	mach_msg_id_t left_id;
};

/* Whether it leaves a message that does not fit where it is. */
static inline bool
receiver_leaves(const struct receiver *receiver)
{
	return (receiver->option & MACH_RCV_LARGE) != 0;
}

/*
 * The wait of the fast path (ipc/fastpath.c), in struct thread: a thread in it has no frames on its kernel stack, so that whoever answers
 * it can go on in its place. waiter.thread and waiter.data never change.
 */
struct fast_wait {
	struct waiter waiter;
	struct receiver receiver;
	uint64_t user;				/* the message buffer */
	uint64_t messages;			/* sent on the fast path, each followed by a wait */
	/* Where it waits: at the set, referenced, or (NULL) at the port, which stays while somebody waits */
	struct ipc_port *port;
	struct ipc_set *set;
};

#endif
