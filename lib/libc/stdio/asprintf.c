#define _GNU_SOURCE
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* *text comes from malloc; after an error (-1) it is NULL. */
int
vasprintf(char **restrict text, const char *restrict format, va_list arguments)
{
	va_list again;
	int length;

	va_copy(again, arguments);
	length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	*text = length < 0 ? NULL : malloc(length + 1ul);
	if (*text == NULL)
		return -1;
	return vsnprintf(*text, length + 1ul, format, arguments);
}

int
asprintf(char **restrict text, const char *restrict format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vasprintf(text, format, arguments);
	va_end(arguments);
	return length;
}
