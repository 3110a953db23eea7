/*
 * The machine part of a thread, and the layout of a trap frame.
 */
#ifndef ARCH_X86_64_THREAD_H
#define ARCH_X86_64_THREAD_H

#include <mach/thread_status.h>
#include <stdbool.h>
#include <stdint.h>

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

struct thread;

/* Where a thread that is not running stopped in the kernel: for the monitor's backtraces. */
uint64_t arch_thread_saved_frame(struct thread *thread);
uint64_t arch_thread_saved_pc(struct thread *thread);

#endif
