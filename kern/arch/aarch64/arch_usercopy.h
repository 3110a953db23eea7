/*
 * The calls of copyin and copyout (copy.S), which change fewer registers than C lets a function change: what the
 * caller has in the others stays there.
 */
#ifndef AARCH64_ARCH_USERCOPY_H
#define AARCH64_ARCH_USERCOPY_H

#define user_copy_call(function, user, kernel, bytes) ({					\
	register uint64_t x0 __asm__("x0") = (uint64_t)(user);					\
	register uint64_t x1 __asm__("x1") = (uint64_t)(kernel);				\
	register size_t x2 __asm__("x2") = (bytes);						\
												\
	__asm__ volatile("bl " #function : "+r"(x0), "+r"(x1), "+r"(x2)				\
	    :: "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x30", "cc", "memory");		\
	x1 != 0; })

#define user_copy_in(to, from, bytes)	user_copy_call(copyin, from, to, bytes)
#define user_copy_out(function, to, from, bytes)	user_copy_call(function, to, from, bytes)

#endif
