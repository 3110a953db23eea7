#include <errno.h>
#include <string.h>

#include "error_text.h"

/* POSIX.1-2017 strerror_r. Returns 0 or ERANGE (the text is cut). */
int
strerror_r(int error, char *buffer, size_t size)
{
	char unknown[ERROR_TEXT_MOST];

	return strlcpy(buffer, __error_text(error, unknown), size) >= size ? ERANGE : 0;
}
