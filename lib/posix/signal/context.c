/*
 * Contexts (POSIX.1-2004 <ucontext.h>). getcontext and swapcontext, in <arch>/context.S, save what a call preserves; the context of a
 * signal handler has all registers. Both are taken up again by the thread setting its own state, with its own thread-local storage: a context
 * may go on in another thread, or in the child of a fork, unless it is inside a signal handler. The handler's return is the business of the
 * thread that it came to.
 *
 * A handler may switch to another context, and be switched back to. Each context knows the handlers that it is in. Those that setcontext leaves
 * are ended as longjmp ends them, the call that they interrupted is given up (it cannot be taken up again by a copy of the handler's
 * context), unless that is the handler's own third argument: then it returns. But not those in which a context was saved, ever: nobody can tell
 * whether it will be taken up again. If it is not, the server goes on with that call, and its reply port stays until the process ends.
 */
#define _GNU_SOURCE
#include "context.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <ucontext.h>

#include "mach/cthread.h"
#include "posix/posix.h"
#include "signals.h"

_Static_assert(offsetof(ucontext_t, uc_mcontext) == CONTEXT_REGISTERS && offsetof(ucontext_t, __floats) == CONTEXT_FLOATS, "as in context.S");
_Static_assert(sizeof(struct thread_float_state) <= sizeof(((ucontext_t *)0)->__floats), "registers fit");

int
__context_complete(ucontext_t *context)
{
	context->uc_sigmask = signal_self()->mask;
	context->__handlers = signal_handlers_keep();
	return 0;
}

/* One of a handler that ran as a call has no registers. */
int
setcontext(const ucontext_t *context)
{
	struct thread_state state;

	memcpy(&state, &context->uc_mcontext, sizeof(state));
	if (THREAD_STATE_PC(&state) == 0)
		return posix_error(EINVAL);
	state.tls = (uint64_t)(uintptr_t)__builtin_thread_pointer();
	if (!signal_handler_return(context, &state)) {
		signal_handlers_change(context->__handlers);
		sigprocmask(SIG_SETMASK, &context->uc_sigmask, NULL);
	}
	__context_resume(context->__floats, cthread_port(cthread_self()), &state);
}

int
__context_swap(ucontext_t *from, const ucontext_t *to)
{
	__context_complete(from);
	return setcontext(to);
}

void
makecontext(ucontext_t *context, void (*function)(void), int count, ...)
{
	uint64_t end = (uint64_t)(uintptr_t)context->uc_stack.ss_sp + context->uc_stack.ss_size;
	va_list arguments;

	context_call(context, function, end, count);
	context->__handlers = NULL;
	va_start(arguments, count);
	for (int i = 0; i < count; i++)
		*context_argument(context, i) = va_arg(arguments, uint64_t);
	va_end(arguments);
}

void
__context_over(const ucontext_t *link)
{
	if (link != NULL)
		setcontext(link);
	pthread_exit(NULL);
}
