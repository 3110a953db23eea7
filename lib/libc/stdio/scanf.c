/* Formatted input from streams (C11 7.21.6). */
#include "scan.h"
#include "stream.h"

struct stream_source {
	struct scan_source source;
	FILE *stream;
};

static int
get(struct scan_source *source)
{
	return stream_get(((struct stream_source *)source)->stream);
}

static void
unget(struct scan_source *source, int c)
{
	ungetc(c, ((struct stream_source *)source)->stream);
}

int
vfscanf(FILE *restrict stream, const char *restrict format, va_list arguments)
{
	struct stream_source s = { { .get = get, .unget = unget }, stream };
	int result;

	__stream_lock(stream);
	result = __scan_from(&s.source, format, arguments);
	__stream_unlock(stream);
	return result;
}

int
fscanf(FILE *restrict stream, const char *restrict format, ...)
{
	va_list arguments;
	int result;

	va_start(arguments, format);
	result = vfscanf(stream, format, arguments);
	va_end(arguments);
	return result;
}

int
vscanf(const char *restrict format, va_list arguments)
{
	return vfscanf(stdin, format, arguments);
}

int
scanf(const char *restrict format, ...)
{
	va_list arguments;
	int result;

	va_start(arguments, format);
	result = vfscanf(stdin, format, arguments);
	va_end(arguments);
	return result;
}
