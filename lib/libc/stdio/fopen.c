/* Opening and closing (C11 7.21.5). */
#define _GNU_SOURCE
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
	__stream_fd_to_end(stream);
	return stream;
}

/*
 * As if the file had been opened by these flags again, but for what may be read and written: that stays as it was granted. Returns the
 * descriptor, or -1 and EBADF for what is none.
 */
static int
change_mode(int fd, int flags)
{
	int saved = errno, old = fcntl(fd, F_GETFL);

	if (old < 0)
		return -1;
	fcntl(fd, F_SETFL, (old & ~O_APPEND) | (flags & O_APPEND));
	fcntl(fd, F_SETFD, (flags & O_CLOEXEC) != 0 ? FD_CLOEXEC : 0);
	if ((flags & O_TRUNC) != 0)
		ftruncate(fd, 0);
	lseek(fd, 0, SEEK_SET);
	errno = saved;
	return fd;
}

int
__stream_close(FILE *stream)
{
	if (stream->closing != NULL)
		stream->closing(stream);
	return stream->operations->close != NULL ? stream->operations->close(stream) : 0;
}

/* Why it could not be reopened is the error that counts. */
static FILE *
give_up(FILE *stream)
{
	int saved = errno;

	__stream_close(stream);
	__stream_unlock(stream);
	__stream_destroy(stream);
	errno = saved;
	return NULL;
}

/* A stream that cannot be reopened is closed. Without a path only the mode changes. */
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
	if (!stream->chosen)
		stream->buffering = STREAM_UNDECIDED;
	flags = __stream_mode(stream, mode);
	fd = flags < 0 ? -1 : path == NULL ? change_mode(stream->fd, flags) : open(path, flags, 0666);
	if (fd < 0)
		return give_up(stream);
	if (stream->fd >= 0 && fd != stream->fd) {
		if (dup3(fd, stream->fd, flags & O_CLOEXEC) >= 0) {
			close(fd);
			fd = stream->fd;
		}
	} else if (stream->operations->close != NULL && stream->fd != fd) {
		stream->operations->close(stream);
	}
	stream->operations = &__stream_fd_operations;
	stream->fd = fd;
	__stream_fd_to_end(stream);
	__stream_unlock(stream);
	return stream;
}

int
fclose(FILE *stream)
{
	int result;

	__stream_lock(stream);
	result = __stream_flush(stream);
	if (__stream_close(stream) < 0)
		result = EOF;
	__stream_unlock(stream);
	__stream_destroy(stream);
	return result;
}
