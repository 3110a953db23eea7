/*
 * Register state of an aarch64 thread as thread_get_state and thread_set_state see it.
 */
#ifndef MACH_AARCH64_THREAD_STATUS_H
#define MACH_AARCH64_THREAD_STATUS_H

#include <stdint.h>

struct thread_state {			/* THREAD_STATE_GENERAL */
	uint64_t x[31];
	uint64_t sp;
	uint64_t pc;
	uint64_t cpsr;			/* only NZCV may be set by a user */
	uint64_t tls;			/* TPIDR_EL0 */
};

struct thread_float_state {		/* THREAD_STATE_FLOAT */
	__uint128_t v[32];
	uint32_t fpcr;
	uint32_t fpsr;
	uint64_t pad;
};

#define THREAD_STATE_PC(s)	((s)->pc)
#define THREAD_STATE_RESULT(s)	((s)->x[0])	/* of a system call */
/* What the stack pointer must be when a C function begins on a stack that ends at `top`. */
#define THREAD_STATE_ENTRY_SP(top)	((top) & ~15ull)

#define THREAD_STATE_SP(s)	((s)->sp)

_Static_assert(sizeof(struct thread_state) == 280, "ABI layout");
_Static_assert(sizeof(struct thread_float_state) == 528, "ABI layout");

#endif
