#include <errno.h>
#include <fcntl.h>

#include "stream.h"

/*
 * The descriptor must have been opened for what the stream does. It becomes one that appends if the stream is to, and then stands at the end;
 * with 'e' exec closes it.
 */
FILE *
fdopen(int fd, const char *mode)
{
	int flags = fcntl(fd, F_GETFL), wanted, error = 0;
	FILE *stream = flags >= 0 ? __stream_create(mode, &__stream_fd_operations, fd, NULL) : NULL;

	if (stream == NULL)
		return NULL;
	wanted = __stream_mode(stream, mode);
	if ((flags & O_ACCMODE) != O_RDWR && (flags & O_ACCMODE) != (wanted & O_ACCMODE))
		error = EINVAL;
	else if ((wanted & O_CLOEXEC) != 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		error = errno;
	else if (stream->append && (flags & O_APPEND) == 0 && fcntl(fd, F_SETFL, flags | O_APPEND) < 0)
		error = errno;
	if (error != 0) {
		__stream_destroy(stream);
		errno = error;
		return NULL;
	}
	if ((flags & O_APPEND) == 0)
		__stream_fd_to_end(stream);
	return stream;
}
