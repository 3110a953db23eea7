/* How a function is called on aarch64 (AAPCS64 6.8.2): eight arguments in registers, the others on the stack. */
#include "posix/signal/context.h"

#define IN_REGISTERS	8

/* x19 is for __context_end: functions give it back as it was. */
void
context_call(ucontext_t *context, void (*function)(void), uint64_t end, int count)
{
	uint64_t room = count > IN_REGISTERS ? (uint64_t)(count - IN_REGISTERS) * 8 : 0;
	struct thread_state *state = context_state(context);

	state->sp = (end - room) & ~15ull;
	state->pc = (uint64_t)(uintptr_t)function;
	state->x[19] = (uint64_t)(uintptr_t)context->uc_link;
	state->x[29] = 0;
	state->x[30] = (uint64_t)(uintptr_t)__context_end;
	state->cpsr = 0;
}

uint64_t *
context_argument(ucontext_t *context, int n)
{
	struct thread_state *state = context_state(context);

	return n < IN_REGISTERS ? &state->x[n] : (uint64_t *)state->sp + n - IN_REGISTERS;
}
