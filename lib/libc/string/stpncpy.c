#include <string.h>

char *
stpncpy(char *restrict to, const char *restrict from, size_t count)
{
	size_t length = strnlen(from, count);

	memcpy(to, from, length);
	memset(to + length, 0, count - length);
	return to + length;
}
