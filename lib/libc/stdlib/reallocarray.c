#include <errno.h>
#include <stdlib.h>

/* realloc for count * size bytes; ENOMEM also when that overflows. */
void *
reallocarray(void *block, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(block, bytes);
}
