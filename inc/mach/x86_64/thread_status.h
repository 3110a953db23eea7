/*
 * Register state of an x86_64 thread as thread_get_state and thread_set_state see it.
 */
#ifndef MACH_X86_64_THREAD_STATUS_H
#define MACH_X86_64_THREAD_STATUS_H

#include <stdint.h>

struct thread_state {			/* THREAD_STATE_GENERAL */
	uint64_t rax, rbx, rcx, rdx, rsi, rdi, rbp;
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t rsp;
	uint64_t rip;
	uint64_t rflags;		/* only the arithmetic flags, DF, TF and AC may be set by a user */
	uint64_t tls;			/* FS base */
};

struct thread_float_state {		/* THREAD_STATE_FLOAT: the FXSAVE64 image (Intel SDM vol. 1, 10.5) */
	uint8_t fxsave[512] __attribute__((aligned(16)));
};

#define THREAD_STATE_PC(s)	((s)->rip)
#define THREAD_STATE_RESULT(s)	((s)->rax)	/* of a system call */
/* What the stack pointer must be when a C function begins on a stack that ends at `top`. */
#define THREAD_STATE_ENTRY_SP(top)	(((top) & ~15ull) - 8)

#define THREAD_STATE_SP(s)	((s)->rsp)

_Static_assert(sizeof(struct thread_state) == 152, "ABI layout");
_Static_assert(sizeof(struct thread_float_state) == 512, "ABI layout");

#endif
