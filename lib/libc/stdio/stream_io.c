/* Moving bytes between a stream, its buffer and its file. See stream.h. */
#include <errno.h>
#include <string.h>

#include "stream.h"

static ssize_t
read_some(FILE *stream, void *buffer, size_t size)
{
	ssize_t n;

	if (stream->eof)
		return 0;
	if (stream->operations->read == NULL) {
		errno = EBADF;
		n = -1;
	} else {
		n = stream->operations->read(stream, buffer, size);
	}
	if (n == 0)
		stream->eof = true;
	if (n < 0)
		stream->error = true;
	return n;
}

/* Before waiting for input that is not fully buffered, the user sees what was written so far. */
static void
show_output(FILE *stream)
{
	if (stream->buffering == STREAM_FULL || stream == stdout || stdout->buffering != STREAM_LINE)
		return;
	__stream_lock(stdout);
	if (stdout->writing)
		__stream_flush(stdout);
	__stream_unlock(stdout);
}

int
__stream_fill(FILE *stream)
{
	ssize_t n;

	if (__stream_to_read(stream) == EOF)
		return EOF;
	if (stream->at < stream->end)
		return 0;
	show_output(stream);
	n = read_some(stream, stream->buffer, stream->size);
	if (n <= 0)
		return EOF;
	stream->at = stream->buffer;
	stream->end = stream->buffer + n;
	return 0;
}

/* Returns how many bytes went out. */
static size_t
write_all(FILE *stream, const unsigned char *data, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = stream->operations->write != NULL ?
		    stream->operations->write(stream, data + done, size - done) : -1;

		if (n <= 0) {
			stream->error = true;
			break;
		}
		done += n;
	}
	return done;
}

/* What an interrupted or a full file did not take stays buffered; after other errors it is lost. */
static int
flush_written(FILE *stream)
{
	size_t used = stream->at - stream->buffer, done = write_all(stream, stream->buffer, used);

	stream->at = stream->buffer;
	if (done == used)
		return 0;
	if (errno == EINTR || errno == EAGAIN) {
		memmove(stream->buffer, stream->buffer + done, used - done);
		stream->at += used - done;
	}
	return EOF;
}

int
__stream_flush(FILE *stream)
{
	int saved = errno;

	if (stream->writing)
		return flush_written(stream);
	if (stream->reading && stream->at < stream->end && stream->operations->seek != NULL &&
	    stream->operations->seek(stream, stream->at - stream->end, SEEK_CUR) >= 0)
		stream->at = stream->end = stream->buffer;
	errno = saved;
	return 0;
}

size_t
__stream_read(FILE *stream, void *data, size_t size)
{
	unsigned char *to = data;
	size_t left = size;

	while (left > 0) {
		size_t ready = stream->end - stream->at, n = ready < left ? ready : left;
		ssize_t direct;

		if (n > 0 && stream->reading) {
			memcpy(to, stream->at, n);
			stream->at += n;
		} else if (__stream_to_read(stream) == EOF) {
			break;
		} else if (left < stream->size) {
			if (__stream_fill(stream) == EOF)
				break;
			continue;
		} else {
			show_output(stream);
			direct = read_some(stream, to, left);
			if (direct <= 0)
				break;
			n = direct;
		}
		to += n;
		left -= n;
	}
	return size - left;
}

/* Bytes for a full buffer or none go straight to the file. Returns how many went out or are kept. */
static size_t
write_through(FILE *stream, const unsigned char *data, size_t size)
{
	size_t done = 0;

	while (done < size) {
		size_t room = stream->limit - stream->at, left = size - done, n = left < room ? left : room;

		if (stream->at == stream->buffer && left >= (size_t)(stream->limit - stream->buffer))
			return done + write_all(stream, data + done, left);
		memcpy(stream->at, data + done, n);
		stream->at += n;
		done += n;
		if (stream->at == stream->limit && flush_written(stream) == EOF)
			return stream->at == stream->buffer ? done - n : done;
	}
	return done;
}

size_t
__stream_write(FILE *stream, const void *data, size_t size)
{
	size_t done;

	if (size == 0 || __stream_to_write(stream) == EOF)
		return 0;
	done = write_through(stream, data, size);
	if (stream->buffering == STREAM_LINE && memchr(data, '\n', size) != NULL && flush_written(stream) == EOF &&
	    stream->at == stream->buffer)
		return 0;		/* else they are kept */
	return done;
}

int
__stream_seek(FILE *stream, off_t offset, int whence)
{
	if (stream->operations->seek == NULL) {
		errno = ESPIPE;
		return -1;
	}
	if (whence != SEEK_SET && whence != SEEK_CUR && whence != SEEK_END) {
		errno = EINVAL;
		return -1;
	}
	if (stream->writing && __stream_flush(stream) == EOF)
		return -1;
	if (stream->reading && whence == SEEK_CUR)
		offset -= stream->end - stream->at;
	if (stream->operations->seek(stream, offset, whence) < 0)
		return -1;
	stream->at = stream->end = stream->limit = stream->buffer;
	stream->reading = stream->writing = stream->eof = false;
	return 0;
}

off_t
__stream_tell(FILE *stream)
{
	off_t position;

	if (stream->operations->seek == NULL) {
		errno = ESPIPE;
		return -1;
	}
	position = stream->operations->seek(stream, 0,
	    stream->append && stream->writing && stream->at > stream->buffer ? SEEK_END : SEEK_CUR);
	if (position < 0)
		return -1;
	if (stream->reading)
		position -= stream->end - stream->at;
	if (stream->writing)
		position += stream->at - stream->buffer;
	return position;
}
