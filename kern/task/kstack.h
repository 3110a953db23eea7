/*
 * Kernel stacks: KSTACK_SIZE bytes each, above an unmapped guard, in slots of a fixed kernel range. Freed stacks are kept mapped in a small
 * cache, and unmapped several at a time, because unmapping has to reach every CPU.
 *
 *	slot i  [ guard 16 KB, never mapped | stack 16 KB ]
 */
#ifndef TASK_KSTACK_H
#define TASK_KSTACK_H

#include <stdbool.h>
#include <stdint.h>

/* The lowest address of the stack, 0: no memory. */
uint64_t kstack_alloc(void);
void kstack_free(uint64_t base);

/* Unmaps and frees the cached ones. Returns whether there were any. */
bool kstack_drain(void);

#endif
