/* What the heap consists of at this moment. */
#ifndef LIBC_STDLIB_MALLOC_COUNT_H
#define LIBC_STDLIB_MALLOC_COUNT_H

#include <stddef.h>

struct malloc_counts {
	size_t chunks;			/* bytes from the system for small blocks */
	size_t free_blocks, free_bytes;	/* of those: not in use, with their headers */
	size_t large_blocks, large_bytes;	/* in pages of their own */
};

/* Conditions: walks along all free blocks while nobody else can allocate. */
void __malloc_count(struct malloc_counts *counts);

#endif
