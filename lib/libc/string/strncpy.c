#include <string.h>

/* Copies at most `count` bytes and fills the rest with zeros: the result is no string when `from` is longer. */
char *
strncpy(char *restrict to, const char *restrict from, size_t count)
{
	size_t length = strnlen(from, count);

	memcpy(to, from, length);
	memset(to + length, 0, count - length);
	return to;
}
