/*
 * Instructions of x86_64: those that end in an exception, or might, and one for loops that keep the CPU.
 */
#ifndef USER_TEST_X86_64_INSTRUCTION_H
#define USER_TEST_X86_64_INSTRUCTION_H

#include <stdbool.h>

static inline void
illegal_instruction(void)
{
	__asm__ volatile("ud2");
}

/* The first word of a function that does nothing. */
#define RETURN_INSTRUCTION	0xc3u
#define ILLEGAL_INSTRUCTION_BYTES	2
/* e_machine of <elf.h> */
#define THIS_MACHINE	EM_X86_64

#define CONTEXT_PC(context)	((context)->uc_mcontext.gregs[REG_RIP])

static inline void
breakpoint_instruction(void)
{
	__asm__ volatile("int3");
}

/* What thread_set_state must not give: privilege of I/O (IOPL), and no interrupts (IF). */
#define FORBIDDEN_FLAGS(state)	((state)->rflags = 0x3000)

static inline void
mask_interrupts(void)
{
	__asm__ volatile("cli");
}

#define DIVISION_BYTES	2
#define DIVISION_BY_ZERO_RAISES	true

static inline void
divide_by_zero(void)
{
	__asm__ volatile("xorl %%edx, %%edx; xorl %%eax, %%eax; divl %%eax" ::: "eax", "edx", "cc");
}

/* Whether feenableexcept can do anything; what a trap waits for: QEMU's emulation does not trap in SSE, in x87 at fwait alone. */
#define FLOAT_TRAPS	true

static inline void
settle_floats(void)
{
	__asm__ volatile("fwait");
}

/* Keeps the CPU. Where an emulator gives one CPU after the other its turn, this is where it goes on to the next. */
static inline void
relax(void)
{
	__asm__ volatile("pause");
}

#endif
