/*
 * The RPC fast path: a simple message to a receiver that waits, followed by a wait for the answer (fastpath.c).
 */
#ifndef IPC_FASTPATH_H
#define IPC_FASTPATH_H

#include "ipc/message.h"

/* Messages sent this way since boot. */
extern uint64_t fastpath_taken;

/* Carries the whole call out and returns true with *result; or returns false, and nothing has happened. */
bool fastpath_try(const struct message_call *call, mach_msg_return_t *result);

#endif
