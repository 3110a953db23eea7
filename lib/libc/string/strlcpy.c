#include <stddef.h>

/* Copies at most size - 1 bytes and terminates (when size > 0). Returns the length of `from`. */
size_t
strlcpy(char *to, const char *from, size_t size)
{
	size_t n = 0;

	for (; from[n] != 0; n++)
		if (n + 1 < size)
			to[n] = from[n];
	if (size != 0)
		to[n < size ? n : size - 1] = 0;
	return n;
}
