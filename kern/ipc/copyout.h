/*
 * The steps of copying out a message without descriptors, inline: every RPC goes through them twice (copyout.c, fastpath.c).
 */
#ifndef IPC_COPYOUT_H
#define IPC_COPYOUT_H

#include "arch/usercopy.h"
#include "init/string.h"
#include "ipc/message.h"
#include "ipc/space.h"
#include "sched/cpu.h"
#include "sync/quick.h"
#include "task/task.h"
#include "task/thread.h"

static inline void
trailer_fill(struct ipc_kmsg *message, mach_port_seqno_t seqno)
{
	mach_msg_size_t size = message->header.msgh_size, padded = (size + 7) & ~7u;
	char *end = (char *)&message->header;
	mach_msg_trailer_t *trailer = (mach_msg_trailer_t *)(end + padded);

	if (padded != size)
		memset(end + size, 0, padded - size);
	trailer->msgh_trailer_type = 0;
	trailer->msgh_trailer_size = sizeof *trailer;
	trailer->msgh_seqno = seqno;
	trailer->msgh_sender = message->token;
}

/*
 * The common case of space_copyout: a send-once right to a port that lives (or has just died: the name becomes
 * a dead name as any other), and a free name. Returns false: do it the long way.
 */
static inline bool
name_send_once(struct cpu *cpu, struct ipc_space *space, struct ipc_port *port, mach_port_t *name)
{
	uint32_t index;
	bool simple;

	quick_lock(cpu, &space->lock);
	index = space->names.first_free;
	simple = space->alive && index != 0 && space->names.used < space->task->limit[TASK_NAMES];
	if (simple) {
		struct ipc_entry *entry = names_alloc(&space->names, ENTRY_SEND_ONCE);

		*name = MACH_PORT_MAKE(index, entry->generation);
		entry->port = port;
		entry->urefs = 1;
	}
	quick_unlock(&space->lock);
	return simple;
}

/* Names the reply right. Returns false: it needs more than a free name. */
static inline bool
copyout_reply_quickly(struct ipc_kmsg *message)
{
	mach_port_t *name = &message->header.msgh_remote_port;

	*name = MACH_PORT_NULL;
	if (message->reply == NULL)
		return true;
	if (message->reply_kind != MACH_MSG_TYPE_PORT_SEND_ONCE ||
		message->reply == IPC_PORT_DEAD || !port_lives(message->reply) ||
		!name_send_once(cpu_self(), current_task()->space, message->reply, name))
		return false;
	message->reply = NULL;
	return true;
}

/* The header as the receiver sees it: local and remote swapped. */
static inline void
header_swap(struct ipc_kmsg *message, mach_port_t local)
{
	mach_msg_header_t *header = &message->header;

	header->msgh_local_port = local;
	header->msgh_bits = (header->msgh_bits & MACH_MSGH_BITS_COMPLEX) |
			    MACH_MSGH_BITS(message->reply_kind, message->remote_kind);
}

/* The last step: header, body and trailer in one copy. */
static inline mach_msg_return_t
copyout_bytes(struct ipc_kmsg *message, mach_port_seqno_t seqno, uint64_t user)
{
	trailer_fill(message, seqno);
	return copyout(user, &message->header, KMSG_RECEIVED_SIZE(message->header.msgh_size))
		       ? MACH_MSG_SUCCESS
		       : MACH_RCV_INVALID_DATA;
}

/*
 * What copyout_inline leaves to others: with result SUCCESS all of it, by the general path; else the copy to the user failed after the
 * rest was done.
 */
mach_msg_return_t copyout_unusual(struct receiver *receiver, uint64_t user, mach_msg_return_t result);

/* copyout_quick (message.h). */
static inline __attribute__((always_inline)) mach_msg_return_t
copyout_inline(struct receiver *receiver, uint64_t user)
{
	struct ipc_kmsg *message = receiver->message;
	mach_msg_return_t result;

	if (receiver->result != MACH_MSG_SUCCESS || message == NULL || message->taken != 0 ||
		!copyout_reply_quickly(message))
		return copyout_unusual(receiver, user, MACH_MSG_SUCCESS);
	header_swap(message, receiver->name);
	result = copyout_bytes(message, receiver->seqno, user);
	if (result != MACH_MSG_SUCCESS)
		return copyout_unusual(receiver, user, result);
	kmsg_free(message);
	return MACH_MSG_SUCCESS;
}

#endif
