/*
 * The only code that touches user memory from the kernel (PAN / SMAP open just for the copy where the CPU has them).
 *
 * Each touches [0, VM_MAX_ADDRESS) only and survives faults: a fault inside goes to vm_fault like any user fault, and when
 * that fails the copy returns false. Conditions: on a user thread, no spinlock held (a fault may block).
 */
#ifndef ARCH_USERCOPY_H
#define ARCH_USERCOPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch_usercopy.h"

/* User addresses are below, VM_MAX_ADDRESS a page earlier: a copy that runs past it ends in a page that is never mapped. */
#define USER_HALF_END	(1ull << 47)

/* Always inline: the assembly they call has their names. */
static inline __attribute__((always_inline)) bool
copyin(void *to, uint64_t user_from, size_t bytes)
{
	return user_copy_in(to, user_from, bytes);
}

static inline __attribute__((always_inline)) bool
copyout(uint64_t user_to, const void *from, size_t bytes)
{
	return user_copy_out(copyout, user_to, from, bytes);
}

/* The same for a multiple of 8 bytes, without blocking: false, with part of it copied, when a page is not resident or may not be written as it is. */
static inline __attribute__((always_inline)) bool
copyout_resident(uint64_t user_to, const void *from, size_t bytes)
{
	return user_copy_out(copyout_resident, user_to, from, bytes);
}

/* Copies a 0-terminated string of at most size - 1 bytes. Returns its length, or -1: fault, or -2: too long. */
long copyin_string(char *to, uint64_t user_from, size_t size);

/*
 * Reads a 32-bit word (gsync) without blocking, at once if it is aligned. Returns false when a page of it is not resident: fault it in and try
 * again.
 */
bool copyin_word_nofault(uint32_t *to, uint64_t user_from);

#endif
