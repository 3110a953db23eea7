#include <errno.h>

#include "stream.h"

int
fileno(FILE *stream)
{
	if (stream->fd < 0)
		errno = EBADF;
	return stream->fd;
}
