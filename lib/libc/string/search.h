/* Searching for bytes in bytes, for strstr and memmem. */
#ifndef LIBC_STRING_SEARCH_H
#define LIBC_STRING_SEARCH_H

#include <stddef.h>

/* Returns the first place of `part` in `text`, or NULL. Time O(size + part_size), constant space. */
void *__string_search(const void *text, size_t size, const void *part, size_t part_size);

#endif
