/*
 * The RPC fast path: a simple message to a receiver that waits, followed by a wait for the answer
 * (fastpath.c).
 */
#ifndef IPC_FASTPATH_H
#define IPC_FASTPATH_H

#include "ipc/message.h"

/* Options that make no difference to it. */
#define FASTPATH_INDIFFERENT \
	(MACH_SEND_TIMEOUT | MACH_SEND_INTERRUPT | MACH_RCV_INTERRUPT | MACH_RCV_LARGE)

/* Messages sent this way since boot. */
uint64_t fastpath_taken(void);

/*
 * Waits for a message at the port or set behind an entry (NULL: no such name) in the way of the fast path, if that can be, and does not
 * return. The CPU goes to `next`, a claimed thread or NULL. Returns: it cannot be like this, nothing happened. Conditions: space locked.
 */
void fastpath_wait(const struct ipc_entry *source, const struct message_call *call, struct thread *next);

/* Whether a call may be one for the fast path: sends and receives, waits for ever. */
static inline bool
fastpath_suits(mach_msg_option_t option, mach_msg_size_t send_size)
{
	return ipc_fastpath_enabled &&
	    (option & ~FASTPATH_INDIFFERENT) == (MACH_SEND_MSG | MACH_RCV_MSG) &&
	    send_size - sizeof(mach_msg_header_t) <= MACH_MSG_BODY_MAX;
}

#endif
