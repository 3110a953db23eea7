/* Opening and closing (C11 7.21.5). */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "stream.h"

FILE *
fopen(const char *restrict path, const char *restrict mode)
{
	FILE *stream = __stream_create(mode, &__stream_fd_operations, -1, NULL);

	if (stream == NULL)
		return NULL;
	stream->fd = open(path, __stream_mode(stream, mode), 0666);
	if (stream->fd < 0) {
		__stream_destroy(stream);
		return NULL;
	}
	return stream;
}

/* A stream that cannot be reopened is closed. Without a path only the mode changes, as far as it was granted. */
FILE *
freopen(const char *restrict path, const char *restrict mode, FILE *restrict stream)
{
	int flags, fd;

	__stream_lock(stream);
	__stream_flush(stream);
	stream->reading = stream->writing = stream->eof = stream->error = false;
	stream->at = stream->end = stream->limit = stream->buffer;
	stream->wide = 0;
	stream->whole_wide = false;
	flags = __stream_mode(stream, mode);
	if (flags >= 0 && path == NULL) {
		__stream_unlock(stream);
		return stream;
	}
	fd = flags < 0 ? -1 : open(path, flags, 0666);
	if (fd >= 0 && stream->fd >= 0 && fd != stream->fd) {
		if (dup2(fd, stream->fd) >= 0) {
			close(fd);
			fd = stream->fd;
		}
	} else if (stream->operations->close != NULL && stream->fd != fd) {
		stream->operations->close(stream);
	}
	stream->operations = &__stream_fd_operations;
	stream->fd = fd;
	__stream_unlock(stream);
	if (fd >= 0)
		return stream;
	__stream_destroy(stream);
	return NULL;
}

int
fclose(FILE *stream)
{
	int result;

	__stream_lock(stream);
	result = __stream_flush(stream);
	if (stream->operations->close != NULL && stream->operations->close(stream) < 0)
		result = EOF;
	__stream_unlock(stream);
	__stream_destroy(stream);
	return result;
}
