/* Conversion specifications and their arguments. */
#ifndef LIBC_STDIO_FORMAT_PARSE_H
#define LIBC_STDIO_FORMAT_PARSE_H

#include <stdarg.h>
#include <stdint.h>

#include "format.h"

#define FORMAT_NUMBERED_MAX 64		/* greatest n of n$; NL_ARGMAX is 9 at least */

union format_argument {
	uint64_t integer;
	void *pointer;
	long double real;
};

struct format_arguments {
	bool numbered;
	va_list next;
	union format_argument values[FORMAT_NUMBERED_MAX];
};

/* Reads a specification behind its %. Returns the place behind it; at the end of the text the conversion is 0. */
const char *__format_parse(const char *format, struct format_spec *spec);

/* Fetches all arguments of a format with n$. EINVAL: n is too large or one is left out. */
int __format_arguments_start(struct format_arguments *list, const char *format, va_list arguments);
void __format_arguments_end(struct format_arguments *list);

/* Replaces * by the values. */
void __format_arguments_resolve(struct format_arguments *list, struct format_spec *spec);

void __format_arguments_next(struct format_arguments *list, const struct format_spec *spec, union format_argument *value);

#endif
