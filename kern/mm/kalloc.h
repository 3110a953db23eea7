/*
 * The kernel heap: size classes of slabs on top of the frame allocator; large blocks are whole frames.
 *
 * Every allocation has a type (for statistics and leak reports: "heap bytes by type"). Objects of one fixed size get a cache of their own.
 * Nothing here blocks. Per-CPU magazines keep the common path free of locks. Debug builds poison freed objects (0xdb), check
 * redzones and detect double frees.
 */
#ifndef MM_KALLOC_H
#define MM_KALLOC_H

#include <stddef.h>
#include <stdint.h>

enum kalloc_type {
	KALLOC_MISC = 0, KALLOC_TASK, KALLOC_THREAD, KALLOC_SPACE, KALLOC_PORT, KALLOC_MESSAGE, KALLOC_MAP, KALLOC_OBJECT,
	KALLOC_ANON, KALLOC_RADIX, KALLOC_PMAP, KALLOC_DEVICE, KALLOC_TYPES,
};

void kfree(void *pointer);

/* Zeroed memory, 16-byte aligned, or NULL. Up to 4 MB. */
void *kalloc(size_t bytes, enum kalloc_type type) __attribute__((malloc, malloc(kfree, 1)));

/* Not zeroed: for buffers that are filled at once. */
void *kalloc_raw(size_t bytes, enum kalloc_type type) __attribute__((malloc, malloc(kfree, 1)));

void kalloc_init(void);

/* Gives the running CPU's magazines back to their slabs, and empty slabs to the frame allocator. */
void kalloc_drain(void);

struct kalloc_statistics {
	uint64_t bytes;			/* in use, by size class */
	uint64_t objects;
};

void kalloc_statistics_get(enum kalloc_type type, struct kalloc_statistics *statistics);
uint64_t kalloc_total(void);
const char *kalloc_type_name(enum kalloc_type type);

#endif
