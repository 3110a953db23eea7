/*
 * Output streams: standard output is line-buffered on a terminal and fully buffered elsewhere, standard error is not buffered.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "format.h"
#include "stream.h"

static struct stream out_stream = { .fd = 1, .buffering = STREAM_UNDECIDED };
static struct stream err_stream = { .fd = 2, .buffering = STREAM_NONE };

FILE *stdout = &out_stream;
FILE *stderr = &err_stream;

static bool
write_all(FILE *stream, const char *data, size_t size)
{
	while (size > 0) {
		ssize_t n = write(stream->fd, data, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			stream->error = true;
			return false;
		}
		data += n;
		size -= n;
	}
	return true;
}

int
fflush(FILE *stream)
{
	size_t used;

	if (stream == NULL)
		return fflush(stdout);
	used = stream->used;
	stream->used = 0;
	return write_all(stream, stream->buffer, used) ? 0 : EOF;
}

static void
decide_buffering(FILE *stream)
{
	int saved = errno;

	if (stream->buffering == STREAM_UNDECIDED)
		stream->buffering = isatty(stream->fd) ? STREAM_LINE : STREAM_FULL;
	errno = saved;
}

size_t
fwrite(const void *restrict data, size_t size, size_t count, FILE *restrict stream)
{
	const char *from = data;
	size_t left = size * count;

	if (left == 0)
		return 0;
	decide_buffering(stream);
	if (stream->buffering == STREAM_NONE)
		return write_all(stream, from, left) ? count : 0;
	while (left > 0) {
		size_t room = BUFSIZ - stream->used, n = left < room ? left : room;

		memcpy(stream->buffer + stream->used, from, n);
		stream->used += n;
		from += n;
		left -= n;
		if (stream->used == BUFSIZ && fflush(stream) == EOF)
			return 0;
	}
	if (stream->buffering == STREAM_LINE && memchr(data, '\n', size * count) != NULL)
		fflush(stream);
	return stream->error ? 0 : count;
}

int
ferror(FILE *stream)
{
	return stream->error;
}

int
fputs(const char *restrict text, FILE *restrict stream)
{
	size_t length = strlen(text);

	return length == 0 || fwrite(text, 1, length, stream) == length ? 0 : EOF;
}

int
puts(const char *text)
{
	return fputs(text, stdout) == EOF || fputs("\n", stdout) == EOF ? EOF : 0;
}

int
fputc(int c, FILE *stream)
{
	char byte = c;

	return fwrite(&byte, 1, 1, stream) == 1 ? (unsigned char)c : EOF;
}

int
putchar(int c)
{
	return fputc(c, stdout);
}

struct stream_sink {
	struct format_sink sink;
	FILE *stream;
};

static void
put(struct format_sink *sink, const char *text, size_t length)
{
	if (length > 0)
		fwrite(text, 1, length, ((struct stream_sink *)sink)->stream);
}

/* An unbuffered stream is buffered for the length of one call, so that a line goes out in one piece. */
int
vfprintf(FILE *restrict stream, const char *restrict format, va_list arguments)
{
	struct stream_sink s = { { put, 0 }, stream };
	bool unbuffered = stream->buffering == STREAM_NONE;
	size_t length;

	if (unbuffered)
		stream->buffering = STREAM_FULL;
	length = format_to(&s.sink, format, arguments);
	if (unbuffered) {
		fflush(stream);
		stream->buffering = STREAM_NONE;
	}
	return stream->error ? -1 : (int)length;
}

int
fprintf(FILE *restrict stream, const char *restrict format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vfprintf(stream, format, arguments);
	va_end(arguments);
	return length;
}

int
printf(const char *restrict format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vfprintf(stdout, format, arguments);
	va_end(arguments);
	return length;
}

void
perror(const char *prefix)
{
	if (prefix != NULL && *prefix != 0)
		fprintf(stderr, "%s: %s\n", prefix, strerror(errno));
	else
		fprintf(stderr, "%s\n", strerror(errno));
}
