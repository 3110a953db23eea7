#include <fcntl.h>

#include "stream.h"

/* The descriptor becomes one that appends if the stream is to. */
FILE *
fdopen(int fd, const char *mode)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0)
		return NULL;
	if (mode[0] == 'a' && (flags & O_APPEND) == 0 && fcntl(fd, F_SETFL, flags | O_APPEND) < 0)
		return NULL;
	return __stream_create(mode, &__stream_fd_operations, fd, NULL);
}
