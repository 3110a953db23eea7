#include <errno.h>
#include <unistd.h>

#include "stream.h"

/* EBADF is noticed at the first use. */
FILE *
fdopen(int fd, const char *mode)
{
	if (fd < 0) {
		errno = EBADF;
		return NULL;
	}
	return __stream_create(mode, &__stream_fd_operations, fd, NULL);
}
