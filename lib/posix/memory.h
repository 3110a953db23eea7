/*
 * What the C library needs of the system for its heap; everything else it reaches through POSIX calls.
 */
#ifndef LIB_POSIX_MEMORY_H
#define LIB_POSIX_MEMORY_H

#include <stddef.h>

/* bytes is a multiple of the page size (4096). Returns zeroed memory, or NULL. */
void *memory_map(size_t bytes);
void memory_unmap(void *memory, size_t bytes);

#endif
