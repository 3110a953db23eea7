/*
 * The RPC fast path: a simple message to a receiver that waits, followed by a wait for the answer
 * (fastpath.c).
 */
#ifndef IPC_FASTPATH_H
#define IPC_FASTPATH_H

#include "ipc/message.h"

/* Options that make no difference to it. */
#define FASTPATH_INDIFFERENT (unsigned)\
	(MACH_SEND_TIMEOUT | MACH_SEND_INTERRUPT | MACH_RCV_INTERRUPT | MACH_RCV_LARGE)

/* The options that make a difference; 0: it is switched off. */
extern mach_msg_option_t ipc_fastpath_options;

/* Messages sent this way since boot. */
uint64_t fastpath_taken(void);

/*
 * A stackless thread is about to be switched to in the ordinary way: it goes on in the fast path.
 */
void fastpath_prepare(struct thread *thread);

/*
 * Waits for a message at the port or set behind an entry (NULL: no such name) in the way of the fast path, if that can be, and does not
 * return. The CPU goes to `next`, a claimed thread or NULL. Returns: it cannot be like this, nothing happened. Conditions: space locked.
 */
void fastpath_wait(const struct ipc_entry *source, const struct message_call *call, struct thread *next);

/* Whether a call may be one for the fast path: sends and receives, waits for ever. */
static inline bool
fastpath_suits(mach_msg_option_t option)
{
	return (option & ipc_fastpath_options) == (MACH_SEND_MSG | MACH_RCV_MSG);
}

#endif
