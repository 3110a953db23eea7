/* Formatted input from a text (C11 7.21.6). */
#include <stdio.h>

#include "scan.h"

struct text_source {
	struct scan_source source;
	const char *at;
};

static int
get(struct scan_source *source)
{
	struct text_source *s = (struct text_source *)source;

	return *s->at != 0 ? (unsigned char)*s->at++ : EOF;
}

static void
unget(struct scan_source *source, int c)
{
	(void)c;
	((struct text_source *)source)->at--;
}

int
vsscanf(const char *restrict text, const char *restrict format, va_list arguments)
{
	struct text_source s = { { .get = get, .unget = unget }, text };

	return __scan_from(&s.source, format, arguments);
}

int
sscanf(const char *restrict text, const char *restrict format, ...)
{
	va_list arguments;
	int result;

	va_start(arguments, format);
	result = vsscanf(text, format, arguments);
	va_end(arguments);
	return result;
}
