/*
 * Thread-local storage and thread entry on x86_64 (System V ABI: variant II, %fs:0 holds the
 * thread pointer itself).
 */
#include "mach/mach.h"
#include "mach/tls.h"
#include <string.h>

#define RED_ZONE	128u

static uint64_t
data_size(void)
{
	uint64_t align = tls_image.align > 16 ? tls_image.align : 16;

	return (tls_image.size + align - 1) & ~(align - 1);
}

vm_size_t
tls_block_size(void)
{
	return data_size() + sizeof(uint64_t);
}

uint64_t
tls_block_fill(void *block)
{
	uint8_t *pointer = (uint8_t *)block + data_size();
	uint64_t align = tls_image.align > 1 ? tls_image.align : 1;

	if (tls_image.file_size != 0)
		memcpy(pointer - ((tls_image.size + align - 1) & ~(align - 1)), tls_image.data,
			tls_image.file_size);
	memcpy(pointer, &pointer, sizeof(pointer));
	return (uintptr_t)pointer;
}

/* CPUID leaf 7: FSGSBASE. The kernel switches it on wherever it is there. */
static bool
cpu_can_set_fs(void)
{
	uint32_t a = 0, b, c, d;

	__asm__ ("cpuid" : "+a" (a), "=b" (b), "=c" (c), "=d" (d));
	if (a < 7)
		return false;
	a = 7;
	c = 0;
	__asm__ ("cpuid" : "+a" (a), "=b" (b), "+c" (c), "=d" (d));
	return (b & 1) != 0;
}

static void
call(void *go_on)
{
	((void (*)(void))go_on)();
}

void
tls_enter(uint64_t pointer, void (*go_on)(void))
{
	struct thread_state state;
	thread_t thread;
	uint64_t sp;

	if (cpu_can_set_fs()) {
		__asm__ volatile ("wrfsbase %0" : : "r" (pointer) : "memory");
		go_on();
		__builtin_unreachable();
	}
	/*
	 * The rest of this stack belongs to the thread that takes over; this one only ends
	 * itself.
	 */
	__asm__ volatile ("mov %%rsp, %0" : "=r" (sp));
	thread_state_call(&state, call, (void *)go_on, ((sp & ~15ull) - 16 * RED_ZONE), pointer);
	if (thread_create(mach_task_self(), &thread) == KERN_SUCCESS
	    && thread_set_state(thread, THREAD_STATE_GENERAL, &state, sizeof(state)) == KERN_SUCCESS
	    && thread_resume(thread) == KERN_SUCCESS)
		thread_terminate(mach_thread_self());
	__builtin_trap();
}

void
thread_state_call(struct thread_state *state, void (*function)(void *), void *argument, uint64_t sp,
	uint64_t tls)
{
	memset(state, 0, sizeof(*state));
	state->rdi = (uintptr_t)argument;
	state->rip = (uintptr_t)function;
	state->rsp = sp - 8;		/* as after a call; fresh memory holds 0 there */
	state->tls = tls;
}

void
thread_state_start(struct thread_state *state, uint64_t pc, uint64_t sp)
{
	memset(state, 0, sizeof(*state));
	state->rip = pc;
	state->rsp = sp;
}
