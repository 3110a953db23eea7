/*
 * The only code that touches user memory from the kernel (PAN / SMAP open just for the copy where the CPU has them).
 *
 * Each checks that the range lies in [0, VM_MAX_ADDRESS) and survives faults: a fault inside goes to vm_fault like any user fault, and when
 * that fails the copy returns false. Conditions: on a user thread, no spinlock held (a fault may block).
 */
#ifndef ARCH_USERCOPY_H
#define ARCH_USERCOPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool copyin(void *to, uint64_t user_from, size_t bytes);
bool copyout(uint64_t user_to, const void *from, size_t bytes);

/* The same for a multiple of 8 bytes, without blocking: returns 0, with part of it copied, when a page is not resident or may not be written as it is. */
int copyout_resident(uint64_t user_to, const void *from, size_t bytes);

/* Copies a 0-terminated string of at most size - 1 bytes. Returns its length, or -1: fault, or -2: too long. */
long copyin_string(char *to, uint64_t user_from, size_t size);

/* Reads an aligned 32-bit word (gsync) without blocking. Returns false when the page is not resident: fault it in and try again. */
bool copyin_word_nofault(uint32_t *to, uint64_t user_from);

#endif
