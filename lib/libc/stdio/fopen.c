/* Opening and closing (C11 7.21.5). */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "stream.h"

/* What appends and does not read is at the end from the beginning. */
static void
go_to_end(FILE *stream)
{
	int saved = errno;

	if (stream->append && !stream->readable)
		lseek(stream->fd, 0, SEEK_END);
	errno = saved;
}

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
	go_to_end(stream);
	return stream;
}

/* As if the file had been opened by these flags again, but for what may be read and written: that stays as it was granted. */
static void
change_mode(int fd, int flags)
{
	int saved = errno;

	fcntl(fd, F_SETFL, (fcntl(fd, F_GETFL) & ~O_APPEND) | (flags & O_APPEND));
	fcntl(fd, F_SETFD, (flags & O_CLOEXEC) != 0 ? FD_CLOEXEC : 0);
	if ((flags & O_TRUNC) != 0)
		ftruncate(fd, 0);
	lseek(fd, 0, SEEK_SET);
	errno = saved;
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
	if (flags >= 0 && path == NULL) {
		change_mode(stream->fd, flags);
		go_to_end(stream);
		__stream_unlock(stream);
		return stream;
	}
	fd = flags < 0 ? -1 : open(path, flags, 0666);
	if (fd >= 0 && stream->fd >= 0 && fd != stream->fd) {
		if (dup3(fd, stream->fd, flags & O_CLOEXEC) >= 0) {
			close(fd);
			fd = stream->fd;
		}
	} else if (stream->operations->close != NULL && stream->fd != fd) {
		stream->operations->close(stream);
	}
	stream->operations = &__stream_fd_operations;
	stream->fd = fd;
	go_to_end(stream);
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
