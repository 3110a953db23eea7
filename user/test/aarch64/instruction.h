/*
 * Instructions of aarch64 that end in an exception.
 */
#ifndef USER_TEST_AARCH64_INSTRUCTION_H
#define USER_TEST_AARCH64_INSTRUCTION_H

static inline void
illegal_instruction(void)
{
	__asm__ volatile(".inst 0x00000000");
}

static inline void
breakpoint_instruction(void)
{
	__asm__ volatile("brk #1");
}

#endif
