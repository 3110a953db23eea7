/*
 * What the C library needs of the system for its heap; everything else it reaches through POSIX calls.
 */
#ifndef LIB_POSIX_MEMORY_H
#define LIB_POSIX_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* bytes is a multiple of the page size (4096). Returns zeroed memory, or NULL. */
void *memory_map(size_t bytes);
void memory_unmap(void *memory, size_t bytes);

/* Whether RLIMIT_AS leaves so many bytes more. */
bool memory_allowed(size_t bytes);

/* Bytes that count for RLIMIT_DATA begin to be used; false: they are too many. */
bool memory_data_take(size_t bytes);
void memory_data_give(size_t bytes);

#endif
