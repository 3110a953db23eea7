#include <string.h>

char *
strncat(char *restrict to, const char *restrict from, size_t count)
{
	size_t length = strnlen(from, count);
	char *end = to + strlen(to);

	memcpy(end, from, length);
	end[length] = 0;
	return to;
}
