/* Formatting into streams, which hold UTF-8 (C11 7.29.2). */
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>

#include "../stdio/format.h"
#include "../stdio/stream.h"
#include "wide_format.h"

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

int
vfwprintf(FILE *restrict stream, const wchar_t *restrict format, va_list arguments)
{
	struct stream_sink s = { { .put = put, .wide = true }, stream, false };
	char *bytes = __wide_to_bytes(format);
	int length;

	if (bytes == NULL)
		return -1;
	fwide(stream, 1);
	__stream_lock(stream);
	if (__stream_to_write(stream) == EOF)
		s.failed = true;
	length = s.failed ? -1 : __format_to(&s.sink, bytes, arguments);
	__stream_unlock(stream);
	free(bytes);
	return s.failed ? -1 : length;
}

int
fwprintf(FILE *restrict stream, const wchar_t *restrict format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vfwprintf(stream, format, arguments);
	va_end(arguments);
	return length;
}

int
vwprintf(const wchar_t *restrict format, va_list arguments)
{
	return vfwprintf(stdout, format, arguments);
}

int
wprintf(const wchar_t *restrict format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vfwprintf(stdout, format, arguments);
	va_end(arguments);
	return length;
}
