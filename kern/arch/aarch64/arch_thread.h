/*
 * The machine part of a thread.
 */
#ifndef AARCH64_ARCH_THREAD_H
#define AARCH64_ARCH_THREAD_H

#include <mach/thread_status.h>
#include <stdbool.h>
#include <stdint.h>
#include "arch/cpu.h"

/*
 * User registers at the top of the kernel stack; for an exception in the kernel, its registers.
 * Written by trap.S.
 */
struct trap_frame {
	uint64_t x[31];
	uint64_t sp;
	uint64_t pc;			/* ELR_EL1 */
	uint64_t cpsr;			/* SPSR_EL1 */
};

struct arch_thread {
	uint64_t sp;			/* kernel stack while not running; offset 0 for switch.S */
	struct trap_frame *frame;	/* atop the kernel stack; meaningless on a boot stack */
	uint64_t tls;			/* TPIDR_EL0 while not running */
	/* floating point, see thread.c; the registers themselves are in struct arch_float */
	bool float_live;		/* the registers hold the running thread's state */
	uint8_t float_eager;		/* so many more times it is loaded at the switch, not at the first use */
	uint8_t float_turns;		/* turns in a row in which it was used */
	uint64_t float_turn;		/* the thread's count of switches in the last one */
};

struct arch_float {
	struct thread_float_state registers;
};

struct switch_frame {			/* below the trap frame of a thread that is parked; switch.S */
	uint64_t x29, x30, x19_28[10];
};

/* In the saved cpsr: thread_set_state was here, and x0 is not the system call's any more. */
#define CPSR_STATE_SET	(1ull << 63)

struct thread;

void float_switch(struct arch_thread *prev, struct arch_thread *next);

static inline struct trap_frame *
arch_frame(const struct arch_thread *thread)
{
	return thread->frame;
}

static inline void *
arch_thread_room(struct arch_thread *thread, unsigned bytes)
{
	return (char *)arch_frame(thread) - bytes;
}

static inline void
arch_thread_park(struct arch_thread *thread, void (*resume)(void), unsigned room)
{
	struct switch_frame *frame = (struct switch_frame *)arch_thread_room(thread, room) - 1;

	frame->x29 = 0;
	frame->x30 = (uint64_t)resume;
	thread->sp = (uint64_t)frame;
}

static inline void
arch_user_switch(struct arch_thread *prev, struct arch_thread *next)
{
	prev->tls = sysreg_read(tpidr_el0);
	sysreg_write(tpidr_el0, next->tls);
	if (__builtin_expect(prev->float_live || next->float_eager != 0, 0))
		float_switch(prev, next);
}

_Noreturn static inline void
arch_thread_continue(struct arch_thread *next, unsigned room, void (*function)(struct thread *))
{
	register struct arch_thread *x0 __asm__("x0") = next;

	register void *x1 __asm__("x1") = arch_thread_room(next, room);
	register void (*x2)(struct thread *) __asm__("x2") = function;

	__asm__ volatile("mov sp, x1\n	mov x29, xzr\n	mov x30, xzr\n	br x2"
	    :: "r"(x0), "r"(x1), "r"(x2) : "memory");
	__builtin_unreachable();
}

static inline void
arch_trap_result(struct arch_thread *thread, uint64_t result)
{
	struct trap_frame *frame = arch_frame(thread);

	if (!(frame->cpsr & CPSR_STATE_SET))
		frame->x[0] = result;
}

_Noreturn static inline void
arch_user_resume(struct arch_thread *next, uint64_t result, volatile int *on_cpu)
{
	struct trap_frame *frame = arch_frame(next);

	frame->x[0] = result;
	__asm__ volatile("mov sp, %0\n	stlr wzr, [%1]\n	b user_resume"
	    :: "r"(frame), "r"(on_cpu) : "memory");
	__builtin_unreachable();
}

/* Where a thread that is not running stopped in the kernel: for the monitor's backtraces. */
uint64_t arch_thread_saved_frame(struct thread *thread);
uint64_t arch_thread_saved_pc(struct thread *thread);

#endif
