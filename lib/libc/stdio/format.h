/* printf formatting into a sink: a stream, a buffer. */
#ifndef LIBC_STDIO_FORMAT_H
#define LIBC_STDIO_FORMAT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct format_sink {
	void (*put)(struct format_sink *sink, const char *text, size_t length);
	size_t total;				/* bytes put so far */
};

/* Returns the number of bytes put. */
size_t format_to(struct format_sink *sink, const char *format, va_list arguments);

#endif
