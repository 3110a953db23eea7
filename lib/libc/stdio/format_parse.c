/* See format_parse.h. */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "format_parse.h"

#define NEXT	(-1)			/* a '*': the next argument */

static const char *
parse_flags(const char *f, struct format_spec *spec)
{
	for (;; f++)
		switch (*f) {
		case '-': spec->minus = true; break;
		case '0': spec->zero = true; break;
		case '+': spec->plus = true; break;
		case ' ': spec->space = true; break;
		case '#': spec->alternate = true; break;
		case '\'': break;
		default: return f;
		}
}

static const char *
parse_digits(const char *f, int *value)
{
	for (*value = 0; *f >= '0' && *f <= '9'; f++)
		*value = *value > (INT_MAX - 9) / 10 ? INT_MAX : *value * 10 + (*f - '0');
	return f;
}

/* n$ in front; leaves f when there is none. */
static const char *
parse_number(const char *f, short *number)
{
	int value;
	const char *end = parse_digits(f, &value);

	if (end == f || *end != '$')
		return f;
	*number = value > SHRT_MAX ? SHRT_MAX : value;
	return end + 1;
}

/* Digits, '*' or '*n$'. */
static const char *
parse_count(const char *f, int *value, short *argument)
{
	if (*f != '*')
		return parse_digits(f, value);
	*argument = NEXT;
	return parse_number(f + 1, argument);
}

static const char *
parse_size(const char *f, int *size)
{
	switch (*f) {
	case 'h':
		*size = f[1] == 'h' ? 1 : 2;
		return f + (f[1] == 'h' ? 2 : 1);
	case 'l':
		*size = 8;
		return f + (f[1] == 'l' ? 2 : 1);
	case 'q': case 'j': case 'z': case 't':
		*size = 8;
		return f + 1;
	case 'L':
		*size = 16;
		return f + 1;
	}
	return f;
}

const char *
__format_parse(const char *f, struct format_spec *spec)
{
	*spec = (struct format_spec){ .precision = -1, .size = 4 };
	f = parse_flags(parse_number(f, &spec->argument), spec);
	f = parse_count(f, &spec->width, &spec->width_argument);
	if (*f == '.')
		f = parse_count(f + 1, &spec->precision, &spec->precision_argument);
	f = parse_size(f, &spec->size);
	spec->conversion = *f;
	if (*f == 'C' || *f == 'S') {
		spec->conversion = *f | 32;
		spec->size = 8;
	}
	if (strchr("diouxX", *f) != NULL && spec->size == 16)
		spec->size = 8;
	return *f != 0 ? f + 1 : f;
}

static void
fetch(va_list *arguments, char conversion, int size, union format_argument *value)
{
	switch (conversion) {
	case 'd': case 'i': case 'u': case 'o': case 'x': case 'X': case 'c':
		value->integer = size == 8 ? va_arg(*arguments, uint64_t) : va_arg(*arguments, unsigned);
		break;
	case 'a': case 'A': case 'e': case 'E': case 'f': case 'F': case 'g': case 'G':
		value->real = size == 16 ? va_arg(*arguments, long double) : va_arg(*arguments, double);
		break;
	case 's': case 'p': case 'n':
		value->pointer = va_arg(*arguments, void *);
		break;
	}
}

struct type {
	char conversion;
	unsigned char size;
};

static bool
note(struct type types[FORMAT_NUMBERED_MAX], int *count, int number, char conversion, int size)
{
	if (number <= 0)
		return number == 0 && strchr("%m", conversion) != NULL;
	if (number > FORMAT_NUMBERED_MAX)
		return false;
	types[number - 1] = (struct type){ conversion, size };
	if (number > *count)
		*count = number;
	return true;
}

static bool
note_all(struct type types[FORMAT_NUMBERED_MAX], int *count, const char *format)
{
	struct format_spec spec;

	while ((format = strchr(format, '%')) != NULL) {
		format = __format_parse(format + 1, &spec);
		if (spec.width_argument != 0 && !note(types, count, spec.width_argument, 'd', 4))
			return false;
		if (spec.precision_argument != 0 && !note(types, count, spec.precision_argument, 'd', 4))
			return false;
		if (!note(types, count, spec.argument, spec.conversion, spec.size))
			return false;
	}
	return true;
}

/* A format is numbered when its first specification that takes an argument is. */
static bool
is_numbered(const char *format)
{
	struct format_spec spec;

	while ((format = strchr(format, '%')) != NULL) {
		format = __format_parse(format + 1, &spec);
		if (spec.conversion != '%' && spec.conversion != 'm')
			return spec.argument != 0;
	}
	return false;
}

int
__format_arguments_start(struct format_arguments *list, const char *format, va_list arguments)
{
	struct type types[FORMAT_NUMBERED_MAX] = { { 0, 0 } };
	int count = 0;

	list->numbered = is_numbered(format);
	if (list->numbered && !note_all(types, &count, format)) {
		errno = EINVAL;
		return -1;
	}
	for (int i = 0; i < count; i++)
		if (types[i].conversion == 0) {
			errno = EINVAL;
			return -1;
		}
	va_copy(list->next, arguments);
	for (int i = 0; i < count; i++)
		fetch(&list->next, types[i].conversion, types[i].size, &list->values[i]);
	return 0;
}

void
__format_arguments_end(struct format_arguments *list)
{
	va_end(list->next);
}

static int
resolve(struct format_arguments *list, int argument)
{
	return argument > 0 && list->numbered ? (int)list->values[argument - 1].integer : va_arg(list->next, int);
}

void
__format_arguments_resolve(struct format_arguments *list, struct format_spec *spec)
{
	if (spec->width_argument != 0)
		spec->width = resolve(list, spec->width_argument);
	if (spec->width < 0) {
		spec->minus = true;
		spec->width = spec->width == INT_MIN ? INT_MAX : -spec->width;
	}
	if (spec->precision_argument != 0)
		spec->precision = resolve(list, spec->precision_argument);
	if (spec->precision < 0)
		spec->precision = -1;
}

void
__format_arguments_next(struct format_arguments *list, const struct format_spec *spec, union format_argument *value)
{
	if (list->numbered)
		*value = list->values[spec->argument - 1];
	else
		fetch(&list->next, spec->conversion, spec->size, value);
}
