/*
 * The calls of copyin and copyout (copy.S), which change fewer registers than C lets a function change: what the
 * caller has in the others stays there. They use no stack that had to be aligned.
 */
#ifndef ARCH_X86_64_USERCOPY_H
#define ARCH_X86_64_USERCOPY_H

#define user_copy_call(function, to, from, bytes) ({						\
	uint64_t rdi = (uint64_t)(to), rsi = (uint64_t)(from);					\
	size_t rdx = (bytes);									\
	bool failed;										\
												\
	__asm__ volatile("call " #function : "=@ccc"(failed), "+D"(rdi), "+S"(rsi), "+d"(rdx)		\
	    :: "rax", "rcx", "memory");								\
	!failed; })

#define user_copy_in(to, from, bytes)	user_copy_call(copyin, to, from, bytes)
#define user_copy_out(function, to, from, bytes)	user_copy_call(function, to, from, bytes)

#endif
