/*
 * Instructions of x86_64 that end in an exception.
 */
#ifndef USER_TEST_X86_64_INSTRUCTION_H
#define USER_TEST_X86_64_INSTRUCTION_H

static inline void
illegal_instruction(void)
{
	__asm__ volatile("ud2");
}

static inline void
breakpoint_instruction(void)
{
	__asm__ volatile("int3");
}

#endif
