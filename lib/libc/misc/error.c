/* See <error.h>. */
#include <error.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program_name.h"

unsigned int error_message_count;
void (*error_print_progname)(void);
int error_one_per_line;

static void
begin(const char *after)
{
	fflush(stdout);
	if (error_print_progname != NULL)
		error_print_progname();
	else
		fprintf(stderr, "%s:%s", __program_path, after);
}

static void
finish(int status, int number, const char *format, va_list arguments)
{
	vfprintf(stderr, format, arguments);
	error_message_count++;
	if (number != 0)
		fprintf(stderr, ": %s", strerror(number));
	fputc('\n', stderr);
	if (status != 0)
		exit(status);
}

void
error(int status, int number, const char *format, ...)
{
	va_list arguments;

	begin(" ");
	va_start(arguments, format);
	finish(status, number, format, arguments);
	va_end(arguments);
}

/* Whether this place is where the last message was for, and notes it. */
static bool
same_place(const char *file, unsigned int line)
{
	static const char *last_file;
	static unsigned int last_line;
	bool same = line == last_line && last_file != NULL && file != NULL && strcmp(file, last_file) == 0;

	last_file = file;
	last_line = line;
	return same;
}

void
error_at_line(int status, int number, const char *file, unsigned int line, const char *format, ...)
{
	va_list arguments;

	if (same_place(file, line) && error_one_per_line)
		return;
	begin("");
	fprintf(stderr, file != NULL ? "%s:%u: " : " ", file, line);
	va_start(arguments, format);
	finish(status, number, format, arguments);
	va_end(arguments);
}
