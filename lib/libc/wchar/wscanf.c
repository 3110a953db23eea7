/* Formatted input of wide characters, from streams, which hold UTF-8, and from texts (C11 7.29.2). */
#include <stdarg.h>
#include <stdlib.h>

#include "../stdio/scan.h"
#include "../stdio/stream.h"
#include "wide_format.h"

struct wide_source {
	struct scan_source source;
	FILE *stream;
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
	struct wide_source s = { { .get = get_from_stream, .unget = unget_to_stream, .wide = true }, stream, NULL };
	char *bytes = __wide_to_bytes(format);
	int result;

	if (bytes == NULL)
		return EOF;
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
	struct wide_source s = { { .get = get_from_text, .unget = unget_to_text, .wide = true }, NULL, input };
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
