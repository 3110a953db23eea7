#define _GNU_SOURCE
#include <string.h>

void *
memrchr(const void *memory, int byte, size_t count)
{
	const unsigned char *m = memory;

	while (count > 0)
		if (m[--count] == (unsigned char)byte)
			return (void *)(m + count);
	return NULL;
}
