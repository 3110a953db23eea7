/*
 * Thread-local storage and thread entry on aarch64 (ELF for the Arm 64-bit Architecture: variant
 * I, a 16-byte control block).
 */
#include "mach/tls.h"
#include <string.h>

#define CONTROL_BLOCK	16u

static uint64_t
data_offset(void)
{
	uint64_t align = tls_image.align > CONTROL_BLOCK ? tls_image.align : CONTROL_BLOCK;

	return (CONTROL_BLOCK + align - 1) & ~(align - 1);
}

vm_size_t
tls_block_size(void)
{
	return data_offset() + tls_image.size;
}

uint64_t
tls_block_fill(void *block)
{
	if (tls_image.file_size != 0)
		memcpy((uint8_t *)block + data_offset(), tls_image.data, tls_image.file_size);
	return (uintptr_t)block;
}

void
tls_enter(uint64_t pointer, void (*go_on)(void))
{
	__asm__ volatile ("msr tpidr_el0, %0" : : "r" (pointer) : "memory");
	go_on();
	__builtin_unreachable();
}

void
thread_state_call(struct thread_state *state, void (*function)(void *), void *argument, uint64_t sp,
	uint64_t tls)
{
	memset(state, 0, sizeof(*state));
	state->x[0] = (uintptr_t)argument;
	state->pc = (uintptr_t)function;
	state->sp = sp;
	state->tls = tls;
}

void
thread_state_start(struct thread_state *state, uint64_t pc, uint64_t sp)
{
	memset(state, 0, sizeof(*state));
	state->pc = pc;
	state->sp = sp;
}
