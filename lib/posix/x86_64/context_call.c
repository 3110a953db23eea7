/* How a function is called on x86_64 (System V ABI AMD64 3.2): six arguments in registers, the others on the stack. */
#include "posix/signal/context.h"

#define IN_REGISTERS	6

/* rbx is for __context_end: functions give it back as it was. */
void
context_call(ucontext_t *context, void (*function)(void), uint64_t end, int count)
{
	uint64_t room = count > IN_REGISTERS ? (uint64_t)(count - IN_REGISTERS) * 8 : 0;
	struct thread_state *state = context_state(context);

	state->rsp = ((end - room) & ~15ull) - 8;
	*(uint64_t *)state->rsp = (uint64_t)(uintptr_t)__context_end;
	state->rip = (uint64_t)(uintptr_t)function;
	state->rbx = (uint64_t)(uintptr_t)context->uc_link;
	state->rbp = 0;
	state->rflags = 0;
}

uint64_t *
context_argument(ucontext_t *context, int n)
{
	struct thread_state *state = context_state(context);
	uint64_t *const registers[IN_REGISTERS] = { &state->rdi, &state->rsi, &state->rdx, &state->rcx, &state->r8, &state->r9 };

	return n < IN_REGISTERS ? registers[n] : (uint64_t *)state->rsp + 1 + n - IN_REGISTERS;
}
