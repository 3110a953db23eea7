/*
 * Inside the POSIX layer: where <arch>/context.S finds things, and what it has.
 */
#ifndef LIB_POSIX_SIGNAL_CONTEXT_H
#define LIB_POSIX_SIGNAL_CONTEXT_H

#define CONTEXT_REGISTERS	40	/* of a ucontext_t: struct thread_state */
#define CONTEXT_FLOATS		368	/* struct thread_float_state */

#ifndef __ASSEMBLER__

#include <mach/thread_status.h>
#include <signal.h>
#include <stdbool.h>

#include "mach/mach.h"

/* The calling thread goes on with those registers. */
_Noreturn void
__context_resume(const void *floats, thread_t self, const struct thread_state *state);

/* The end of getcontext: what is not a register. Returns 0. */
int
__context_complete(ucontext_t *context);

/* The end of swapcontext. Returns only with an error (setcontext). */
int
__context_swap(ucontext_t *from, const ucontext_t *to);

/* Where a function returns to that makecontext prepared: calls __context_over with the uc_link that its context had then. */
void
__context_end(void);

_Noreturn void
__context_over(const ucontext_t *link);

/* Its registers: <signal.h> shows programs only that there are some. */
static inline struct thread_state *
context_state(ucontext_t *context)
{
	return (struct thread_state *)&context->uc_mcontext;
}

/* --- <arch>/context_call.c --- */

/* Sets registers so that function begins on the stack that ends at `end`, with room for `count` arguments, and returns to __context_end. */
void
context_call(ucontext_t *context, void (*function)(void), uint64_t end, int count);

/* Where the function finds argument `n`, from 0. */
uint64_t *
context_argument(ucontext_t *context, int n);

/* --- handler.c --- */

/* The handlers that the thread is in: somebody may come back to them. */
void *
signal_handlers_keep(void);

/* It is in these now. What the others interrupted is given up, unless they are kept. */
void
signal_handlers_change(void *handlers);

/*
 * If the context is the third argument of a handler that the thread is in: ends the handler as if it had returned, but for `state`, a copy of
 * the context's registers, which the caller has to take up at once. False: it is another context, and nothing has been done.
 */
bool
signal_handler_return(const ucontext_t *context, struct thread_state *state);

#endif
#endif
