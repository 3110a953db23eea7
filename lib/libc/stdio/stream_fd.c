/* Streams over descriptors. */
#include <errno.h>
#include <unistd.h>

#include "stream.h"

static ssize_t
fd_read(FILE *stream, void *buffer, size_t size)
{
	return read(stream->fd, buffer, size);
}

static ssize_t
fd_write(FILE *stream, const void *buffer, size_t size)
{
	return write(stream->fd, buffer, size);
}

static off_t
fd_seek(FILE *stream, off_t offset, int whence)
{
	return lseek(stream->fd, offset, whence);
}

static int
fd_close(FILE *stream)
{
	return close(stream->fd);
}

void
__stream_fd_to_end(FILE *stream)
{
	int saved = errno;

	if (stream->append && !stream->readable)
		lseek(stream->fd, 0, SEEK_END);
	errno = saved;
}

const struct stream_operations __stream_fd_operations = { fd_read, fd_write, fd_seek, fd_close };
