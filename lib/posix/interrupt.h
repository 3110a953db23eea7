/*
 * Calls that a signal handler ends (EINTR).
 *
 * A request that waits at a server cannot be taken back: it may have moved bytes. So when a handler without SA_RESTART has run during the
 * wait, the file's server is asked to answer at once (io_interrupt), and its answer, bytes or EINTR, is the result. A server ends all waits
 * of the process on that file: a thread that was not meant waits again (INTERRUPTIBLE does that).
 */
#ifndef LIB_POSIX_INTERRUPT_H
#define LIB_POSIX_INTERRUPT_H

#include <errno.h>
#include <stdint.h>

#include "mach/mig.h"

/*
 * How many handlers that interrupt calls (no SA_RESTART) this thread has run. Counted up by the trampoline after the handler, so that calls
 * inside of it do not matter.
 */
extern _Thread_local uintptr_t __interruptions;

/* The same for all handlers: what ends poll and select, which are never restarted. */
extern _Thread_local uintptr_t __handlers;

/* For mig_on_interrupt: interrupts the file if __interruptions is no longer `seen`. */
void interrupt_file(mach_port_t file, uintptr_t seen);

/* The result of `request`, a call on a file that may wait; EINTR only if a handler of this thread caused it. */
#define INTERRUPTIBLE(request)                                          \
	__extension__({                                                 \
		kern_return_t kr_;                                      \
		uintptr_t seen_ = __interruptions;                      \
		do {                                                    \
			mig_on_interrupt(interrupt_file, seen_);        \
			kr_ = (request);                                \
		} while (kr_ == EINTR && __interruptions == seen_);     \
		kr_;                                                    \
	})

#endif
