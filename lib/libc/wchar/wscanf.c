/* Formatted input of wide characters, from streams, which hold bytes of the locale, and from texts (C11 7.29.2). */
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>

#include "../stdio/scan.h"
#include "../stdio/stream.h"
#include "utf8.h"
#include "wide_format.h"

#define ESCAPE_BYTES	3		/* of a byte above 127 */

struct wide_source {
	struct scan_source source;
	FILE *stream;
	char escape[MB_LEN_MAX];	/* from the stream in a locale of bytes: the last one's */
	int escape_left;		/* how many of them are still to be given */
	const char *at;
};

static int
get_from_stream(struct scan_source *source)
{
	return stream_get(((struct wide_source *)source)->stream);
}

static void
unget_to_stream(struct scan_source *source, int c)
{
	ungetc(c, ((struct wide_source *)source)->stream);
}

static int
get_byte_from_stream(struct scan_source *source)
{
	struct wide_source *s = (struct wide_source *)source;

	if (s->escape_left == 0) {
		int c = stream_get(s->stream);

		if (c < 0x80)
			return c;
		s->escape_left = (int)__utf8_encode(s->escape, (wchar_t)BYTE_CHARACTER((unsigned)c), true);
	}
	return (unsigned char)s->escape[ESCAPE_BYTES - s->escape_left--];
}

/* An escape goes back whole: its last byte first. */
static void
unget_byte_to_stream(struct scan_source *source, int c)
{
	struct wide_source *s = (struct wide_source *)source;
	mbstate_t state = { 0, 0, 0 };
	wchar_t wide = c;

	if (c >= 0x80 && ++s->escape_left < ESCAPE_BYTES)
		return;
	if (c >= 0x80)
		__utf8_decode(&wide, s->escape, ESCAPE_BYTES, &state, true);
	s->escape_left = 0;
	ungetc(wide & 0xff, s->stream);
}

static int
get_from_text(struct scan_source *source)
{
	struct wide_source *s = (struct wide_source *)source;

	return *s->at != 0 ? (unsigned char)*s->at++ : EOF;
}

static void
unget_to_text(struct scan_source *source, int c)
{
	(void)c;
	((struct wide_source *)source)->at--;
}

int
vfwscanf(FILE *restrict stream, const wchar_t *restrict format, va_list arguments)
{
	struct wide_source s = { .source = { .get = get_from_stream, .unget = unget_to_stream, .wide = true }, .stream = stream };
	char *bytes = __wide_to_bytes(format);
	int result;

	if (bytes == NULL)
		return EOF;
	if (__wide_escapes()) {
		s.source.get = get_byte_from_stream;
		s.source.unget = unget_byte_to_stream;
	}
	fwide(stream, 1);
	__stream_lock(stream);
	result = __scan_from(&s.source, bytes, arguments);
	__stream_unlock(stream);
	free(bytes);
	return result;
}

int
vswscanf(const wchar_t *restrict text, const wchar_t *restrict format, va_list arguments)
{
	char *bytes = __wide_to_bytes(format), *input = bytes != NULL ? __wide_to_bytes(text) : NULL;
	struct wide_source s = { .source = { .get = get_from_text, .unget = unget_to_text, .wide = true }, .at = input };
	int result = input != NULL ? __scan_from(&s.source, bytes, arguments) : EOF;

	free(input);
	free(bytes);
	return result;
}

int
fwscanf(FILE *restrict stream, const wchar_t *restrict format, ...)
{
	va_list arguments;
	int result;

	va_start(arguments, format);
	result = vfwscanf(stream, format, arguments);
	va_end(arguments);
	return result;
}

int
swscanf(const wchar_t *restrict text, const wchar_t *restrict format, ...)
{
	va_list arguments;
	int result;

	va_start(arguments, format);
	result = vswscanf(text, format, arguments);
	va_end(arguments);
	return result;
}

int
vwscanf(const wchar_t *restrict format, va_list arguments)
{
	return vfwscanf(stdin, format, arguments);
}

int
wscanf(const wchar_t *restrict format, ...)
{
	va_list arguments;
	int result;

	va_start(arguments, format);
	result = vfwscanf(stdin, format, arguments);
	va_end(arguments);
	return result;
}
