/*
 * How aarch64 traps into the kernel: svc #0, number in x8, arguments in x0-x7, result in x0,
 * everything else preserved, but by mach_msg (see there).
 */
#ifndef LIB_MACH_AARCH64_TRAP_H
#define LIB_MACH_AARCH64_TRAP_H

#include <stdint.h>

#define TRAP_REG(i, value)	register uint64_t x##i __asm__("x" #i) = (value)
#define TRAP_SVC(...) \
	__asm__ volatile ("svc #0" : "+r" (x0) : "r" (x8), ##__VA_ARGS__ : "memory")

static inline uint64_t
trap0(uint64_t n)
{
	TRAP_REG(8, n);
	register uint64_t x0 __asm__("x0");

	__asm__ volatile ("svc #0" : "=r" (x0) : "r" (x8) : "memory");
	return x0;
}

static inline uint64_t
trap1(uint64_t n, uint64_t a)
{
	TRAP_REG(8, n);
	TRAP_REG(0, a);

	TRAP_SVC();
	return x0;
}

static inline uint64_t
trap2(uint64_t n, uint64_t a, uint64_t b)
{
	TRAP_REG(8, n);
	TRAP_REG(0, a);
	TRAP_REG(1, b);

	TRAP_SVC("r" (x1));
	return x0;
}

static inline uint64_t
trap3(uint64_t n, uint64_t a, uint64_t b, uint64_t c)
{
	TRAP_REG(8, n);
	TRAP_REG(0, a);
	TRAP_REG(1, b);
	TRAP_REG(2, c);

	TRAP_SVC("r" (x1), "r" (x2));
	return x0;
}

static inline uint64_t
trap4(uint64_t n, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	TRAP_REG(8, n);
	TRAP_REG(0, a);
	TRAP_REG(1, b);
	TRAP_REG(2, c);
	TRAP_REG(3, d);

	TRAP_SVC("r" (x1), "r" (x2), "r" (x3));
	return x0;
}

/*
 * mach_msg: the kernel looks at the lower halves of the words only, so nothing need be extended, and does not
 * save x10-x17.
 */
static inline uint32_t
trap_message(uint64_t n, const void *message, uint32_t option, uint32_t send_size, uint32_t rcv_size,
	uint32_t name, uint32_t ms, uint32_t notify)
{
	TRAP_REG(8, n);
	TRAP_REG(0, (uintptr_t)message);
	register uint32_t w1 __asm__("w1") = option;
	register uint32_t w2 __asm__("w2") = send_size;
	register uint32_t w3 __asm__("w3") = rcv_size;
	register uint32_t w4 __asm__("w4") = name;
	register uint32_t w5 __asm__("w5") = ms;
	register uint32_t w6 __asm__("w6") = notify;

	__asm__ volatile ("svc #0" : "+r" (x0)
	    : "r" (x8), "r" (w1), "r" (w2), "r" (w3), "r" (w4), "r" (w5), "r" (w6)
	    : "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17", "memory");
	return (uint32_t)x0;
}

static inline uint64_t
trap7(uint64_t n, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f,
	uint64_t g)
{
	TRAP_REG(8, n);
	TRAP_REG(0, a);
	TRAP_REG(1, b);
	TRAP_REG(2, c);
	TRAP_REG(3, d);
	TRAP_REG(4, e);
	TRAP_REG(5, f);
	TRAP_REG(6, g);

	TRAP_SVC("r" (x1), "r" (x2), "r" (x3), "r" (x4), "r" (x5), "r" (x6));
	return x0;
}

#undef TRAP_SVC
#undef TRAP_REG

#endif
