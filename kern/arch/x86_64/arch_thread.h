/*
 * The machine part of a thread, and the layout of a trap frame.
 */
#ifndef ARCH_X86_64_THREAD_H
#define ARCH_X86_64_THREAD_H

#include <mach/thread_status.h>
#include <stdbool.h>
#include <stdint.h>
#include "arch/cpu.h"
#include "sched/cpu.h"
#include "x86.h"

/*
 * What an entry into the kernel saves. The eight arguments of a system call stand first and in
 * order, so that their address is the argument array of trap_dispatch. Offsets are FRAME_* in
 * x86.h.
 */
struct trap_frame {
	uint64_t rdi, rsi, rdx, r10, r8, r9, r12, r13;
	uint64_t rax, rbx, rbp, rcx, r11, r14, r15;	/* rcx, r11: stale in a system call */
	uint64_t vector;		/* of an exception or interrupt, or VECTOR_* */
	uint64_t error;			/* error code of some exceptions, else 0 */
	uint64_t rip, cs, rflags, rsp, ss;	/* as the processor pushes and iret pops them */
};

struct arch_thread {
	uint64_t stack_pointer;		/* saved kernel context; offset 0 is known to switch.S */
	struct trap_frame *frame;	/* THREAD_FRAME: atop the kernel stack; NULL: boot stack */

	/* in the processor instead while cpu->arch.user_live (thread.c) */
	uint64_t fs_base;		/* TLS */
	uint64_t gs_base;
	bool float_used;		/* else fxsave means nothing */
	uint8_t fxsave[512] __attribute__((aligned(16)));
};

struct arch_float {			/* in struct arch_thread: every program uses it */
};

/* What context_switch pops, lowest address first, and a word that keeps the stack aligned. */
struct parked_context {
	uint64_t r15, r14, r13, r12, rbx, rbp;
	uint64_t return_address;
	uint64_t end;
};

struct thread;


static inline void *
arch_thread_room(struct arch_thread *thread, unsigned bytes)
{
	return (char *)thread->frame - bytes;
}

static inline void
arch_thread_park(struct arch_thread *thread, void (*resume)(void), unsigned room)
{
	struct parked_context *context = (struct parked_context *)arch_thread_room(thread, room) - 1;

	context->rbp = 0;
	context->return_address = (uint64_t)resume;
	thread->stack_pointer = (uint64_t)context;
}

/* --- floating point (thread.c) --- */

static inline void
float_trap(struct arch_cpu *cpu, bool trap)
{
	if (cpu->float_traps == trap)
		return;
	cpu->float_traps = trap;
	if (trap)
		write_cr0(read_cr0() | CR0_TS);
	else
		asm volatile("clts" ::: "memory");
}

static inline void
float_save(struct arch_thread *arch)
{
	asm volatile("fxsave64 %0" : "=m"(arch->fxsave));
}

static inline void
float_load(struct arch_thread *arch)
{
	asm volatile("fxrstor64 %0" :: "m"(arch->fxsave));
}

static inline void
float_use(struct arch_cpu *cpu, struct arch_thread *arch)
{
	float_trap(cpu, !arch->float_used);
	if (arch->float_used)
		float_load(arch);
}

/* arch_user_switch when it cannot be done at once. */
void arch_user_exchange(struct arch_thread *prev, struct arch_thread *next);

static inline void
arch_user_switch(struct arch_thread *prev, struct arch_thread *next)
{
	struct arch_cpu *cpu = &cpu_self()->arch;
	struct trap_frame *frame = next->frame;

	if (__builtin_expect(cpu->user_live != USER_LIVE_QUICK, 0)) {
		arch_user_exchange(prev, next);
		return;
	}
	asm volatile("swapgs\n	rdgsbase %0\n	wrgsbase %1\n	swapgs"
		     : "=&r"(prev->gs_base) : "r"(next->gs_base));
	asm volatile("rdfsbase %0\n	wrfsbase %1" : "=&r"(prev->fs_base) : "r"(next->fs_base));
	if (prev->float_used)
		float_save(prev);
	float_use(cpu, next);
	cpu->kernel_frame = (uint64_t)frame;
	cpu->tss.rsp[0] = (uint64_t)(frame + 1);
}

_Noreturn static inline void
arch_thread_continue(struct arch_thread *next, unsigned room, void (*function)(struct thread *))
{
	asm volatile("movq %%rsi, %%rsp\n	xorl %%ebp, %%ebp\n	call *%%rdx\n	ud2"
		     :: "D"(next), "S"(arch_thread_room(next, room)), "d"(function) : "memory");
	__builtin_unreachable();
}

static inline void
arch_trap_result(struct arch_thread *thread, uint64_t result)
{
	if (thread->frame->vector == VECTOR_SYSCALL)
		thread->frame->rax = result;
}

_Noreturn static inline void
arch_user_resume(struct arch_thread *next, uint64_t result, volatile int *on_cpu)
{
	struct trap_frame *frame = next->frame;

	frame->rax = result;
	asm volatile("movq %0, %%rsp\n	movl $0, %1\n	jmp trap_user_resume_live"
		     :: "r"(frame), "m"(*on_cpu) : "memory");
	__builtin_unreachable();
}

/* Where a thread that is not running stopped in the kernel: for the monitor's backtraces. */
uint64_t arch_thread_saved_frame(struct thread *thread);
uint64_t arch_thread_saved_pc(struct thread *thread);

#endif
