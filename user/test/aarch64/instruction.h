/*
 * Instructions of aarch64: those that end in an exception, or might, and one for loops that keep the CPU.
 */
#ifndef USER_TEST_AARCH64_INSTRUCTION_H
#define USER_TEST_AARCH64_INSTRUCTION_H

#include <stdbool.h>

static inline void
illegal_instruction(void)
{
	__asm__ volatile(".inst 0x00000000");
}

/* The first word of a function that does nothing. */
#define RETURN_INSTRUCTION	0xd65f03c0u
#define ILLEGAL_INSTRUCTION_BYTES	4
/* e_machine of <elf.h> */
#define THIS_MACHINE	EM_AARCH64

#define CONTEXT_PC(context)	((context)->uc_mcontext.pc)

static inline void
breakpoint_instruction(void)
{
	__asm__ volatile("brk #1");
}

/* What thread_set_state must not give: the level of the kernel, with its stack pointer, and no interrupts. */
#define FORBIDDEN_FLAGS(state)	((state)->cpsr = 0x3c5)

static inline void
mask_interrupts(void)
{
	__asm__ volatile("msr daifset, #2");
}

#define DIVISION_BYTES	4
#define DIVISION_BY_ZERO_RAISES	false	/* the result is 0 */

static inline void
divide_by_zero(void)
{
	__asm__ volatile("udiv x0, x0, xzr" ::: "x0");
}

/* Whether feenableexcept can do anything, as on some CPUs but QEMU's; what a trap waits for. */
#define FLOAT_TRAPS	false

static inline void
settle_floats(void)
{
}

/* Keeps the CPU. Where an emulator gives one CPU after the other its turn, this is where it goes on to the next. */
static inline void
relax(void)
{
	__asm__ volatile("yield");
}

#endif
