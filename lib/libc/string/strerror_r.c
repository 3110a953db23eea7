#include <errno.h>
#include <string.h>

/* POSIX.1-2017 strerror_r. Returns 0 or ERANGE (the text is cut). */
int
strerror_r(int error, char *buffer, size_t size)
{
	return strlcpy(buffer, strerror(error), size) >= size ? ERANGE : 0;
}
