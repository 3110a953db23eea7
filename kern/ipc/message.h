/*
 * The way of a message through the kernel: copy in (names become rights), send, receive, copy out
 * (rights become names).
 *
 *	user buffer --copyin.c--> struct ipc_kmsg --mqueue.c--> receiver --copyout.c--> user buffer
 *
 * The effect classes of MACH.md section 1 are kept apart by the order of steps: copyin_header
 * changes nothing unless all of it succeeds; from there on a failure destroys the message; only
 * waiting for a slot gives it back (copyout_pseudo).
 */
#ifndef IPC_MESSAGE_H
#define IPC_MESSAGE_H

#include "ipc/kmsg.h"
#include "ipc/mqueue.h"

/* Sender's side. Conditions of all: on a user thread, no locks. */

/*
 * Purpose: make a kernel message of a user's: check its shape, take the header rights, look whether
 * the destination's account has room for its bytes.
 * Returns: SUCCESS and *message; or MSG_TOO_SMALL, TOO_LARGE, NO_BUFFER, INVALID_DATA,
 * INVALID_HEADER, INVALID_DEST, INVALID_REPLY: nothing happened.
 */
mach_msg_return_t copyin_header(uint64_t user, mach_msg_size_t size, struct ipc_kmsg **message,
    struct ipc_chores *chores);

/* The shape alone, for a message already in kernel memory. */
mach_msg_return_t copyin_check(const mach_msg_header_t *header, mach_msg_size_t size);

/*
 * Purpose: take what the body carries. Returns: SUCCESS, or INVALID_MEMORY, INVALID_RIGHT,
 * INVALID_TYPE: the message is destroyed, with what was taken before the failing descriptor.
 */
mach_msg_return_t copyin_body(struct ipc_kmsg *message, struct ipc_chores *chores);

/* Receiver's side. */

/*
 * Purpose: turn what a receiver got into the user's message, trailer behind it; all it held is the
 * receiver's or released.
 * Returns: receiver->result, or HEADER_ERROR (header only, reply NULL), BODY_ERROR (lost pieces
 * NULL), INVALID_DATA (the buffer cannot be written; everything is released).
 */
mach_msg_return_t copyout_received(struct receiver *receiver, uint64_t user,
    struct ipc_chores *chores);

/* The same, chores included, quick for messages without descriptors. */
mach_msg_return_t copyout_quick(struct receiver *receiver, uint64_t user);

/*
 * Gives an unsent message back to its sender, header not swapped, ready to be sent again. Consumes
 * it.
 */
void copyout_pseudo(struct ipc_kmsg *message, uint64_t user, struct ipc_chores *chores);

/* --- the two halves of mach_msg --- */

/* What mach_msg was called with. */
struct message_call {
	uint64_t user;			/* the message buffer */
	mach_msg_option_t option;
	mach_msg_size_t send_size;
	mach_msg_size_t room;		/* bytes there for what is received */
	mach_port_t name;		/* to receive from */
	mach_msg_timeout_t ms;
};

/* For the trace: a message came. */
void message_trace_received(const struct receiver *receiver);

/* A receive that was counted brought no message. */
void message_receive_uncount(void);

/*
 * send.c. *handoff: a receiver that was woken and is to get the CPU when the caller blocks, or
 * NULL.
 */
mach_msg_return_t message_send(const struct message_call *call, struct thread **handoff);

/*
 * receive.c. handoff: NULL or a claimed thread, which runs by itself if the caller does not block.
 */
mach_msg_return_t message_receive(const struct message_call *call, struct thread *handoff);

/*
 * The same from an entry (NULL: no such name) looked up already. Conditions: the space locked; it
 * is unlocked.
 */
struct ipc_entry;
mach_msg_return_t message_receive_entry(const struct ipc_entry *entry,
    const struct message_call *call, struct thread *handoff);

#endif
