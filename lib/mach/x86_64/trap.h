/*
 * How x86_64 traps into the kernel: syscall, number in rax, arguments in rdi rsi rdx r10 r8 r9
 * r12, result in rax; rcx and r11 are lost, everything else is preserved.
 */
#ifndef LIB_MACH_X86_64_TRAP_H
#define LIB_MACH_X86_64_TRAP_H

#include <stdint.h>

#define TRAP_SYSCALL(...) \
	__asm__ volatile ("syscall" : "+a" (n) : __VA_ARGS__ : "rcx", "r11", "memory")

static inline uint64_t
trap0(uint64_t n)
{
	__asm__ volatile ("syscall" : "+a" (n) : : "rcx", "r11", "memory");
	return n;
}

static inline uint64_t
trap1(uint64_t n, uint64_t a)
{
	TRAP_SYSCALL("D" (a));
	return n;
}

static inline uint64_t
trap2(uint64_t n, uint64_t a, uint64_t b)
{
	TRAP_SYSCALL("D" (a), "S" (b));
	return n;
}

static inline uint64_t
trap3(uint64_t n, uint64_t a, uint64_t b, uint64_t c)
{
	TRAP_SYSCALL("D" (a), "S" (b), "d" (c));
	return n;
}

static inline uint64_t
trap4(uint64_t n, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	register uint64_t r10 __asm__("r10") = d;

	TRAP_SYSCALL("D" (a), "S" (b), "d" (c), "r" (r10));
	return n;
}

static inline uint64_t
trap7(uint64_t n, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f,
	uint64_t g)
{
	register uint64_t r10 __asm__("r10") = d;
	register uint64_t r8 __asm__("r8") = e;
	register uint64_t r9 __asm__("r9") = f;
	register uint64_t r12 __asm__("r12") = g;

	TRAP_SYSCALL("D" (a), "S" (b), "d" (c), "r" (r10), "r" (r8), "r" (r9), "r" (r12));
	return n;
}

#undef TRAP_SYSCALL

#endif
