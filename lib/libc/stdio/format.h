/* printf formatting into a sink: a stream, a buffer, wide characters. */
#ifndef LIBC_STDIO_FORMAT_H
#define LIBC_STDIO_FORMAT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct format_sink {
	void (*put)(struct format_sink *sink, const char *text, size_t length);
	size_t total;				/* bytes, or wide characters, put so far */
	bool wide;				/* everything counts characters; the text put is UTF-8 all the same */
};

/* One conversion specification (C11 7.21.6.1). */
struct format_spec {
	bool minus, zero, plus, space, alternate;
	int width, precision;			/* precision -1: none given */
	int size;				/* bytes of an integer argument; 16: long double */
	char conversion;
	short argument, width_argument, precision_argument;	/* n of n$; 0: the next one */
};

/* Returns `total`, or -1: EOVERFLOW, EILSEQ, EINVAL. */
int __format_to(struct format_sink *sink, const char *format, va_list arguments);

/* For the conversions' own files. */
void __format_put(struct format_sink *sink, const char *text, size_t length);
void __format_pad(struct format_sink *sink, char with, long count);

/* a e f g of a double or, with size 16, a long double. */
void __format_float(struct format_sink *sink, const struct format_spec *spec, long double value);

#endif
