/*
 * printf formatting for the kernel. Pure: no I/O, no allocation.
 */
#include "init/printk.h"

#include <stdbool.h>
#include <stdint.h>

struct output {
	char *buffer;
	size_t size;
	size_t length;			/* of the whole text, whether it fitted or not */
};

struct spec {
	bool minus, zero, plus, space, alternate;
	int width, precision;		/* precision -1: none given */
	int size;			/* bytes of the argument */
};

static void
put(struct output *out, char c)
{
	if (out->length + 1 < out->size)
		out->buffer[out->length] = c;
	out->length++;
}

static void
put_padding(struct output *out, char c, int count)
{
	while (count-- > 0)
		put(out, c);
}

static void
put_string(struct output *out, const struct spec *spec, const char *text)
{
	if (text == NULL)
		text = "(null)";
	/* LAB 1.1 begin [until then: while (*text != 0) put(out, *text++)]: a text in its field.
	 * At most `precision` bytes of it (and not one byte more is read); spaces in front, or behind
	 * with the flag '-', until `width` is reached.
	 */
	int length = 0;

	while ((spec->precision < 0 || length < spec->precision) && text[length] != 0)
		length++;
	if (!spec->minus)
		put_padding(out, ' ', spec->width - length);
	for (int i = 0; i < length; i++)
		put(out, text[i]);
	if (spec->minus)
		put_padding(out, ' ', spec->width - length);
	/* LAB 1.1 end */
}

/* prefix: sign or 0x. Digits are made backwards. */
static void
put_number(struct output *out, const struct spec *spec, uint64_t value, unsigned base, bool upper, const char *prefix)
{
	const char *set = upper ? "0123456789ABCDEF" : "0123456789abcdef";

	/* LAB 1.1 begin [until then: given put_number.c]: a number in its field.
	 * From left to right: spaces | prefix | zeros | digits | spaces.
	 * Hint: make the digits backwards in an array, count them, and only then decide on zeros and
	 * spaces. The precision is the least number of digits; without one it is 1, and only then does
	 * the flag 0 turn the spaces into zeros. '-' beats 0. With precision 0, the value 0 has no digit.
	 */
	char digits[24];
	int count = 0, zeros, pad, prefix_length = 0;

	while (prefix[prefix_length] != 0)
		prefix_length++;
	while (value != 0) {
		digits[count++] = set[value % base];
		value /= base;
	}
	zeros = (spec->precision < 0 ? 1 : spec->precision) - count;
	if (zeros < 0)
		zeros = 0;
	pad = spec->width - prefix_length - zeros - count;
	if (spec->zero && !spec->minus && spec->precision < 0 && pad > 0) {
		zeros += pad;
		pad = 0;
	}
	if (!spec->minus)
		put_padding(out, ' ', pad);
	for (int i = 0; i < prefix_length; i++)
		put(out, prefix[i]);
	put_padding(out, '0', zeros);
	while (count > 0)
		put(out, digits[--count]);
	if (spec->minus)
		put_padding(out, ' ', pad);
	/* LAB 1.1 end */
}

static void
put_signed(struct output *out, const struct spec *spec, int64_t value)
{
	const char *prefix = value < 0 ? "-" : spec->plus ? "+" : spec->space ? " " : "";

	put_number(out, spec, value < 0 ? -(uint64_t)value : (uint64_t)value, 10, false, prefix);
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
parse_digits(const char *f, int *value)
{
	for (*value = 0; *f >= '0' && *f <= '9'; f++)
		if (*value < 10000)
			*value = *value * 10 + (*f - '0');
	return f;
}

static const char *
parse_size(const char *f, struct spec *spec)
{
	spec->size = sizeof(int);
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

static int64_t
signed_argument(const struct spec *spec, va_list *arguments)
{
	if (spec->size == 8)
		return va_arg(*arguments, int64_t);
	int value = va_arg(*arguments, int);

	/* LAB 1.1 begin [until then: return value]: `hh` and `h` cut the number to a char or a short. */
	return spec->size == 1 ? (signed char)value : spec->size == 2 ? (short)value : value;
	/* LAB 1.1 end */
}

static uint64_t
unsigned_argument(const struct spec *spec, va_list *arguments)
{
	if (spec->size == 8)
		return va_arg(*arguments, uint64_t);
	unsigned value = va_arg(*arguments, unsigned);

	/* LAB 1.1 begin [until then: return value]: the same without a sign. */
	return spec->size == 1 ? (unsigned char)value : spec->size == 2 ? (unsigned short)value : value;
	/* LAB 1.1 end */
}

static void
put_conversion(struct output *out, const struct spec *spec, char conversion, va_list *arguments)
{
	uint64_t value;
	char text[2] = { 0, 0 };

	switch (conversion) {
	case 'd': case 'i':
		put_signed(out, spec, signed_argument(spec, arguments));
		break;
	case 'u':
		put_number(out, spec, unsigned_argument(spec, arguments), 10, false, "");
		break;
	case 'o':
		put_number(out, spec, unsigned_argument(spec, arguments), 8, false, spec->alternate ? "0" : "");
		break;
	case 'x': case 'X':
		value = unsigned_argument(spec, arguments);
		put_number(out, spec, value, 16, conversion == 'X', spec->alternate && value != 0 ? "0x" : "");
		break;
	case 'p':
		put_number(out, spec, (uintptr_t)va_arg(*arguments, void *), 16, false, "0x");
		break;
	case 's':
		put_string(out, spec, va_arg(*arguments, const char *));
		break;
	case 'c':
		text[0] = va_arg(*arguments, int);
		put_padding(out, ' ', spec->minus ? 0 : spec->width - 1);
		put(out, text[0]);
		put_padding(out, ' ', spec->minus ? spec->width - 1 : 0);
		break;
	case '%':
		put(out, '%');
		break;
	default:
		put(out, '%');
		put(out, conversion);
	}
}

static const char *
parse_spec(const char *f, struct spec *spec, va_list *arguments)
{
	*spec = (struct spec){ .precision = -1 };
	f = parse_flags(f, spec);
	if (*f == '*') {
		spec->width = va_arg(*arguments, int);
		if (spec->width < 0) {
			spec->minus = true;
			spec->width = -spec->width;
		}
		f++;
	} else {
		f = parse_digits(f, &spec->width);
	}
	if (*f == '.') {
		if (f[1] == '*') {
			spec->precision = va_arg(*arguments, int);
			f += 2;
		} else {
			f = parse_digits(f + 1, &spec->precision);
		}
	}
	return parse_size(f, spec);
}

int
kvsnprintf(char *buffer, size_t size, const char *format, va_list arguments)
{
	struct output out = { buffer, size, 0 };
	va_list copy;

	va_copy(copy, arguments);
	for (const char *f = format; *f != 0; f++) {
		struct spec spec;

		if (*f != '%') {
			put(&out, *f);
			continue;
		}
		f = parse_spec(f + 1, &spec, &copy);
		if (*f == 0)
			break;
		put_conversion(&out, &spec, *f, &copy);
	}
	va_end(copy);
	if (size > 0)
		buffer[out.length < size ? out.length : size - 1] = 0;
	return out.length;
}

int
ksnprintf(char *buffer, size_t size, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = kvsnprintf(buffer, size, format, arguments);
	va_end(arguments);
	return length;
}
