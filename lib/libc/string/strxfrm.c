#include <string.h>

/* The C locale transforms nothing. Returns the length of the result; `to` is only valid when that is below `size`. */
size_t
strxfrm(char *restrict to, const char *restrict from, size_t size)
{
	size_t length = strlen(from);

	if (length < size)
		memcpy(to, from, length + 1);
	return length;
}
