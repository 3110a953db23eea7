/* Formatting into streams (C11 7.21.6). */
#include "format.h"
#include "stream.h"

struct stream_sink {
	struct format_sink sink;
	FILE *stream;
	bool failed;
};

static void
put(struct format_sink *sink, const char *text, size_t length)
{
	struct stream_sink *s = (struct stream_sink *)sink;

	if (length > 0 && __stream_write(s->stream, text, length) != length)
		s->failed = true;
}

/* An unbuffered stream has a buffer for the length of one call, so that a line goes out in one piece. Returns its own. */
static unsigned char *
lend_buffer(FILE *stream, unsigned char *memory, size_t size)
{
	unsigned char *own;

	if (__stream_to_write(stream) == EOF)
		return NULL;
	own = stream->buffer;
	stream->buffer = stream->at = stream->end = memory;
	stream->limit = memory + size;
	stream->buffering = STREAM_FULL;
	return own;
}

static bool
take_buffer_back(FILE *stream, unsigned char *own)
{
	bool failed = __stream_flush(stream) == EOF;

	stream->buffer = stream->at = stream->end = stream->limit = own;
	stream->buffering = STREAM_NONE;
	return failed;
}

int
vfprintf(FILE *restrict stream, const char *restrict format, va_list arguments)
{
	struct stream_sink s = { { .put = put }, stream, false };
	unsigned char lent[512], *own;
	int length;

	__stream_lock(stream);
	if (stream->buffering == STREAM_NONE && stream->writable) {
		own = lend_buffer(stream, lent, sizeof(lent));
		length = __format_to(&s.sink, format, arguments);
		if (stream->buffer == lent && take_buffer_back(stream, own))
			s.failed = true;
	} else {
		if (__stream_to_write(stream) == EOF)
			s.failed = true;
		length = __format_to(&s.sink, format, arguments);
	}
	__stream_unlock(stream);
	return s.failed ? -1 : length;
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
vprintf(const char *restrict format, va_list arguments)
{
	return vfprintf(stdout, format, arguments);
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
