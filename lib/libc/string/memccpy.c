#include <string.h>

/* Copies up to and including the byte `stop`. Returns the place behind it in `to`, or NULL when it did not come. */
void *
memccpy(void *restrict to, const void *restrict from, int stop, size_t count)
{
	const char *found = memchr(from, stop, count);

	if (found == NULL) {
		memcpy(to, from, count);
		return NULL;
	}
	count = found - (const char *)from + 1;
	return (char *)memcpy(to, from, count) + count;
}
