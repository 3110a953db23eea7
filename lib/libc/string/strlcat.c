#include <stddef.h>

size_t strnlen(const char *string, size_t most);
size_t strlcpy(char *to, const char *from, size_t size);

/* Appends, terminating within size bytes. Returns the length the whole string would have. */
size_t
strlcat(char *to, const char *from, size_t size)
{
	size_t n = strnlen(to, size);

	return n + strlcpy(to + n, from, size - n);
}
