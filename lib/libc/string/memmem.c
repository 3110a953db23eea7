#define _GNU_SOURCE
#include <string.h>

#include "search.h"

void *
memmem(const void *memory, size_t size, const void *part, size_t part_size)
{
	return __string_search(memory, size, part, part_size);
}
