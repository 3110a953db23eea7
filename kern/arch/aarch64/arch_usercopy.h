/*
 * The calls of copyin and copyout (copy.S), which change fewer registers than C lets a function change: what the
 * caller has in the others stays there.
 */
#ifndef AARCH64_ARCH_USERCOPY_H
#define AARCH64_ARCH_USERCOPY_H

#define user_copy_call(function, to, from, bytes) ({						\
	register uint64_t x0 __asm__("x0") = (uint64_t)(to);					\
	register uint64_t x1 __asm__("x1") = (uint64_t)(from);					\
	register size_t x2 __asm__("x2") = (bytes);						\
												\
	__asm__ volatile("bl " #function : "+r"(x0), "+r"(x1), "+r"(x2)				\
	    :: "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x30", "cc", "memory");		\
	(uint32_t)x0 != 0; })

#endif
