/*
 * Calls on files that a signal handler ends (EINTR).
 *
 * A request that waits at a server cannot be taken back: it may have moved bytes. So when a handler without SA_RESTART has run during the
 * wait, the file's server is asked to answer at once (io_interrupt), and its answer, bytes or EINTR, is the result. A server ends all waits
 * of the process on that file: a thread that was not meant waits again (INTERRUPTIBLE does that).
 */
#ifndef LIB_POSIX_INTERRUPT_H
#define LIB_POSIX_INTERRUPT_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>

#include "pthread/cancel.h"
#include "signal/signals.h"

/* Asks a file's server to end the waits of this process. */
void interrupt_file(mach_port_t file);

/* Whether a handler that interrupts calls has run since *signal_interrupts() was `seen`. */
static inline bool
interrupted_since(uint32_t seen)
{
	return *(volatile uint32_t *)signal_interrupts() != seen;
}

/* The result of `request`, a call on a file that may wait; EINTR only if a handler of this thread caused it. */
#define INTERRUPTIBLE(request)                                          \
	__extension__({                                                 \
		uint32_t seen_ = *signal_interrupts();                  \
		kern_return_t kr_;                                      \
		do {                                                    \
			interrupt_begin(interrupt_file);                \
			kr_ = (request);                                \
			interrupt_end();                                \
		} while (kr_ == EINTR && !interrupted_since(seen_));    \
		kr_;                                                    \
	})

/* The same for a call whose answer brings a right: it is not lost when the thread is cancelled (pthread/cancel.h). */
#define INTERRUPTIBLE_TAKING(request)                                   \
	__extension__({                                                 \
		kern_return_t taken_;                                   \
		cancel_take_begin();                                    \
		taken_ = INTERRUPTIBLE(request);                        \
		cancel_take_end(taken_ == KERN_SUCCESS);                \
		taken_;                                                 \
	})

#endif
