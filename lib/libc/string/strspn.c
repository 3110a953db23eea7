#include <stddef.h>

char *strchr(const char *string, int byte);

/* Length of the beginning that has only characters of `accept`. */
size_t
strspn(const char *string, const char *accept)
{
	size_t n = 0;

	while (string[n] != 0 && strchr(accept, string[n]) != NULL)
		n++;
	return n;
}
