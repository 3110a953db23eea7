#include <stddef.h>

size_t
strlen(const char *string)
{
	const char *s = string;

	while (*s != 0)
		s++;
	return s - string;
}
