/*
 * The printf family's formatting, into any sink. Integers, characters, strings, pointers; C11 7.21.6.1.
 */
#include <stdint.h>
#include <string.h>

#include "format.h"

struct spec {
	bool minus, zero, plus, space, alternate;
	int width, precision;			/* precision -1: none given */
	int size;				/* bytes of the argument */
};

static void
put(struct format_sink *sink, const char *text, size_t length)
{
	sink->put(sink, text, length);
	sink->total += length;
}

static void
pad(struct format_sink *sink, char with, int count)
{
	static const char spaces[17] = "                ", zeros[17] = "0000000000000000";

	for (; count > 0; count -= 16)
		put(sink, with == '0' ? zeros : spaces, count < 16 ? count : 16);
}

static void
put_text(struct format_sink *sink, const struct spec *spec, const char *text, size_t length)
{
	int blanks = spec->width > (int)length ? spec->width - (int)length : 0;

	if (!spec->minus)
		pad(sink, ' ', blanks);
	put(sink, text, length);
	if (spec->minus)
		pad(sink, ' ', blanks);
}

static void
put_number(struct format_sink *sink, const struct spec *spec, uint64_t value, unsigned base, bool upper, const char *prefix)
{
	const char *set = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	char digits[24];
	int at = sizeof(digits), count, zeros, blanks;

	for (; value != 0; value /= base)
		digits[--at] = set[value % base];
	count = sizeof(digits) - at;
	zeros = (spec->precision < 0 ? 1 : spec->precision) - count;
	if (base == 8 && spec->alternate && zeros <= 0)
		zeros = 1;
	if (zeros < 0)
		zeros = 0;
	blanks = spec->width - (int)strlen(prefix) - zeros - count;
	if (spec->zero && !spec->minus && spec->precision < 0 && blanks > 0) {
		zeros += blanks;
		blanks = 0;
	}
	if (!spec->minus)
		pad(sink, ' ', blanks);
	put(sink, prefix, strlen(prefix));
	pad(sink, '0', zeros);
	put(sink, digits + at, count);
	if (spec->minus)
		pad(sink, ' ', blanks);
}

static int64_t
signed_argument(const struct spec *spec, va_list *arguments)
{
	int value;

	if (spec->size == 8)
		return va_arg(*arguments, int64_t);
	value = va_arg(*arguments, int);
	return spec->size == 1 ? (signed char)value : spec->size == 2 ? (short)value : value;
}

static uint64_t
unsigned_argument(const struct spec *spec, va_list *arguments)
{
	unsigned value;

	if (spec->size == 8)
		return va_arg(*arguments, uint64_t);
	value = va_arg(*arguments, unsigned);
	return spec->size == 1 ? (unsigned char)value : spec->size == 2 ? (unsigned short)value : value;
}

static const char *
parse_flags(const char *f, struct spec *spec)
{
	for (;; f++)
		switch (*f) {
		case '-': spec->minus = true; break;
		case '0': spec->zero = true; break;
		case '+': spec->plus = true; break;
		case ' ': spec->space = true; break;
		case '#': spec->alternate = true; break;
		default: return f;
		}
}

static const char *
parse_count(const char *f, int *value, va_list *arguments)
{
	if (*f == '*') {
		*value = va_arg(*arguments, int);
		return f + 1;
	}
	for (*value = 0; *f >= '0' && *f <= '9'; f++)
		*value = *value < 100000 ? *value * 10 + (*f - '0') : *value;
	return f;
}

static const char *
parse_spec(const char *f, struct spec *spec, va_list *arguments)
{
	*spec = (struct spec){ .precision = -1, .size = sizeof(int) };
	f = parse_count(parse_flags(f, spec), &spec->width, arguments);
	if (spec->width < 0) {
		spec->minus = true;
		spec->width = -spec->width;
	}
	if (*f == '.')
		f = parse_count(f + 1, &spec->precision, arguments);
	if (*f == 'h') {
		spec->size = f[1] == 'h' ? 1 : 2;
		return f + (f[1] == 'h' ? 2 : 1);
	}
	if (*f == 'l' || *f == 'z' || *f == 'j' || *f == 't') {
		spec->size = 8;
		return f + (*f == 'l' && f[1] == 'l' ? 2 : 1);
	}
	return f;
}

static void
put_signed(struct format_sink *sink, const struct spec *spec, int64_t value)
{
	const char *sign = value < 0 ? "-" : spec->plus ? "+" : spec->space ? " " : "";

	put_number(sink, spec, value < 0 ? -(uint64_t)value : (uint64_t)value, 10, false, sign);
}

static void
put_string(struct format_sink *sink, const struct spec *spec, const char *text)
{
	if (text == NULL)
		text = "(null)";
	put_text(sink, spec, text, spec->precision < 0 ? strlen(text) : strnlen(text, spec->precision));
}

static void
convert(struct format_sink *sink, const struct spec *spec, char conversion, va_list *arguments)
{
	uint64_t value;
	char c;

	switch (conversion) {
	case 'd': case 'i':
		put_signed(sink, spec, signed_argument(spec, arguments));
		break;
	case 'u':
		put_number(sink, spec, unsigned_argument(spec, arguments), 10, false, "");
		break;
	case 'o':
		put_number(sink, spec, unsigned_argument(spec, arguments), 8, false, "");
		break;
	case 'x': case 'X':
		value = unsigned_argument(spec, arguments);
		put_number(sink, spec, value, 16, conversion == 'X',
		    !spec->alternate || value == 0 ? "" : conversion == 'X' ? "0X" : "0x");
		break;
	case 'p':
		put_number(sink, spec, (uintptr_t)va_arg(*arguments, void *), 16, false, "0x");
		break;
	case 's':
		put_string(sink, spec, va_arg(*arguments, const char *));
		break;
	case 'c':
		c = va_arg(*arguments, int);
		put_text(sink, spec, &c, 1);
		break;
	case '%':
		put(sink, "%", 1);
		break;
	}
}

size_t
format_to(struct format_sink *sink, const char *format, va_list arguments)
{
	va_list copy;

	va_copy(copy, arguments);
	while (*format != 0) {
		size_t plain = strcspn(format, "%");
		struct spec spec;

		if (plain > 0)
			put(sink, format, plain);
		format += plain;
		if (*format == 0)
			break;
		format = parse_spec(format + 1, &spec, &copy);
		if (*format == 0)
			break;
		convert(sink, &spec, *format++, &copy);
	}
	va_end(copy);
	return sink->total;
}
