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

/* mach_msg: the kernel looks at the lower halves of the words only, so nothing need be extended. */
static inline uint32_t
trap_message(uint64_t n, const void *message, uint32_t option, uint32_t send_size, uint32_t rcv_size,
	uint32_t name, uint32_t ms, uint32_t notify)
{
	register uint32_t r10 __asm__("r10") = rcv_size;
	register uint32_t r8 __asm__("r8") = name;
	register uint32_t r9 __asm__("r9") = ms;
	register uint32_t r12 __asm__("r12") = notify;

	TRAP_SYSCALL("D" (message), "S" (option), "d" (send_size), "r" (r10), "r" (r8), "r" (r9), "r" (r12));
	return (uint32_t)n;
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
