#include <stddef.h>

size_t
strnlen(const char *string, size_t most)
{
	size_t n = 0;

	while (n < most && string[n] != 0)
		n++;
	return n;
}
