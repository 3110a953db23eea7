/* See <err.h>. */
#include <err.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program_name.h"

void
vwarnx(const char *format, va_list arguments)
{
	fprintf(stderr, "%s: ", __program_name());
	if (format != NULL)
		vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
}

void
vwarn(const char *format, va_list arguments)
{
	int error = errno;

	fprintf(stderr, "%s: ", __program_name());
	if (format != NULL) {
		vfprintf(stderr, format, arguments);
		fputs(": ", stderr);
	}
	fprintf(stderr, "%s\n", strerror(error));
}

void
verr(int status, const char *format, va_list arguments)
{
	vwarn(format, arguments);
	exit(status);
}

void
verrx(int status, const char *format, va_list arguments)
{
	vwarnx(format, arguments);
	exit(status);
}

void
warn(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vwarn(format, arguments);
	va_end(arguments);
}

void
warnx(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vwarnx(format, arguments);
	va_end(arguments);
}

void
err(int status, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	verr(status, format, arguments);
}

void
errx(int status, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	verrx(status, format, arguments);
}
