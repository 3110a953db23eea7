/* Formatting into streams, most of which hold bytes of the locale (C11 7.29.2). */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>

#include "../stdio/format.h"
#include "../stdio/stream.h"
#include "utf8.h"
#include "wide_format.h"

struct stream_sink {
	struct format_sink sink;
	FILE *stream;
	mbstate_t state;
	bool failed;
};

/* One character after the other, where they are not UTF-8 in the stream. */
static void
put_characters(struct format_sink *sink, const char *text, size_t length)
{
	struct stream_sink *s = (struct stream_sink *)sink;
	wchar_t wide;

	for (size_t i = 0; i < length && !s->failed; i++) {
		size_t n = __utf8_decode(&wide, text + i, 1, &s->state, true);

		if (n == (size_t)-2)
			continue;
		if (n == (size_t)-1 || !__stream_put_wide(s->stream, wide))
			s->failed = true;
	}
}

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
	struct stream_sink s = { .sink = { .put = stream->whole_wide || __wide_escapes() ? put_characters : put, .wide = true },
		.stream = stream };
	char *bytes = __wide_to_bytes(format);
	int length;

	if (bytes == NULL)
		return -1;
	fwide(stream, 1);
	__stream_lock(stream);
	if (__stream_to_write(stream) == EOF)
		s.failed = true;
	length = s.failed ? -1 : __format_to(&s.sink, bytes, arguments);
	if (s.failed || (length < 0 && errno == EILSEQ))
		stream->error = true;
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
