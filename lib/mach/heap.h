/*
 * The heap of servers: thread-safe, from vm_allocate, 16-byte aligned. A pointer that was freed
 * already, or never given out, ends the task with a message: a server with a broken heap must not
 * go on. Contents of freed blocks are overwritten in debug builds.
 */
#ifndef LIB_MACH_HEAP_H
#define LIB_MACH_HEAP_H

#include <stddef.h>

void
heap_free(void *block);

/* NULL: no memory. Contents undefined. */
void *
heap_alloc(size_t size) __attribute__((malloc(heap_free, 1), alloc_size(1)));

/* Zeroed; NULL also when count * size overflows. */
void *
heap_zalloc(size_t count, size_t size) __attribute__((malloc(heap_free, 1), alloc_size(1, 2)));

/* NULL: no memory; the old block stays. */
void *
heap_resize(void *block, size_t size);

char *
heap_string(const char *string) __attribute__((malloc(heap_free, 1)));

/* Bytes handed out and not freed: for leak checks. */
size_t
heap_in_use(void);

#endif
