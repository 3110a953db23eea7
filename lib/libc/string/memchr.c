#include <stddef.h>

void *
memchr(const void *memory, int byte, size_t count)
{
	const unsigned char *m = memory;

	for (; count != 0; count--, m++)
		if (*m == (unsigned char)byte)
			return (void *)m;
	return NULL;
}
