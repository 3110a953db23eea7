/*
 * The machine part of a thread.
 */
#ifndef AARCH64_ARCH_THREAD_H
#define AARCH64_ARCH_THREAD_H

#include <mach/thread_status.h>
#include <stdbool.h>
#include <stdint.h>

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
	uint64_t stack_top;
	uint64_t tls;			/* TPIDR_EL0 while not running */
	bool float_used;		/* has floating-point state, in registers while running */
	struct thread_float_state floats;
};

struct thread;

/* Where a thread that is not running stopped in the kernel: for the monitor's backtraces. */
uint64_t arch_thread_saved_frame(struct thread *thread);
uint64_t arch_thread_saved_pc(struct thread *thread);

#endif
