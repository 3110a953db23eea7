#include <stddef.h>

char *strchr(const char *string, int byte);

/* Length of the beginning that has none of the characters of `reject`. */
size_t
strcspn(const char *string, const char *reject)
{
	size_t n = 0;

	while (string[n] != 0 && strchr(reject, string[n]) == NULL)
		n++;
	return n;
}
