/*
 * Interrupts that overtake the request they are for.
 *
 * A client that wants an answer at once sends io_interrupt, after its request and to the same port. Another thread may be quicker with it, or
 * the request be put aside meanwhile: then there is no wait yet to be ended, and the one that begins later would last although the client's
 * handler has run. So the last interrupts are remembered, and who is about to wait asks.
 */
#ifndef FS_INTERRUPTS_H
#define FS_INTERRUPTS_H

#include "mach/mig.h"

/* Purpose: remember one. Conditions: before the waits it is for are ended. */
void interrupts_note(const struct mig_request *rq);

/*
 * Returns whether the sender has interrupted a request since it was sent. Conditions: the lock is held under which waits begin and are ended,
 * so that none slips through between.
 */
bool interrupts_missed(const struct mig_request *rq);

#endif
