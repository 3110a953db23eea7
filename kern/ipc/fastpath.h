/*
 * The RPC fast path: a simple message to a receiver that waits, followed by a wait for the answer
 * (fastpath.c, fastpath_wait.c).
 */
#ifndef IPC_FASTPATH_H
#define IPC_FASTPATH_H

#include "ipc/message.h"

/* Options that make no difference to it. */
#define FASTPATH_INDIFFERENT (unsigned)\
	(MACH_SEND_TIMEOUT | MACH_SEND_INTERRUPT | MACH_RCV_INTERRUPT | MACH_RCV_LARGE)

/* The options that make a difference; 0: it is switched off. */
extern mach_msg_option_t ipc_fastpath_options;

/* Why a send by mach_msg does not go this way. */
enum fastpath_reason {
	FASTPATH_OFF,			/* switched off */
	FASTPATH_ONE_WAY,		/* it does not receive as well, or with a time-out */
	FASTPATH_BODY,			/* descriptors, a bad size or address */
	FASTPATH_RIGHTS,		/* other rights in the header, no such names, to be awaited elsewhere */
	FASTPATH_RECEIVER,		/* nobody waits who could run here at once and has room */
	FASTPATH_QUEUED,		/* something waits to be received; the send itself was quick */
	FASTPATH_REASONS,
};

/* Messages sent this way since boot, and those that were not. */
uint64_t fastpath_taken(void);
__attribute__((cold)) void fastpath_miss(enum fastpath_reason reason);
uint64_t fastpath_missed(enum fastpath_reason reason);

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
