/* The servers' formatter: pure, no allocation. See print.h. */
#include "mach/print.h"
#include <string.h>

struct output {
	char *buffer;
	size_t size, length;		/* bytes that fit; bytes the text has */
};

struct spec {
	bool left, zero, plus, space, alternate;
	int width, precision;		/* precision -1: none given */
	int longs;			/* -2 char, -1 short, 0 int, 1 and more: 64 bits */
};

static void
put(struct output *out, char c)
{
	if (out->length + 1 < out->size)
		out->buffer[out->length] = c;
	out->length++;
}

static void
put_many(struct output *out, char c, int n)
{
	while (n-- > 0)
		put(out, c);
}

static void
put_text(struct output *out, const struct spec *spec, const char *text, size_t length)
{
	int pad = spec->width - (int)length;

	if (!spec->left)
		put_many(out, ' ', pad);
	for (size_t i = 0; i < length; i++)
		put(out, text[i]);
	if (spec->left)
		put_many(out, ' ', pad);
}

/* prefix: sign or 0x, printed before the padding zeros. */
static void
put_number(struct output *out, const struct spec *spec, const char *prefix, uint64_t value,
	unsigned base, bool upper)
{
	char digits[24];
	int n = 0, zeros, pad;

	for (uint64_t v = value; v != 0; v /= base)
		digits[n++] = (upper ? "0123456789ABCDEF" : "0123456789abcdef")[v % base];
	if (n == 0 && spec->precision != 0)
		digits[n++] = '0';
	zeros = spec->precision > n ? spec->precision - n : 0;
	pad = spec->width - n - zeros - (int)strlen(prefix);
	if (spec->zero && !spec->left && spec->precision < 0 && pad > 0) {
		zeros += pad;
		pad = 0;
	}
	if (!spec->left)
		put_many(out, ' ', pad);
	while (*prefix != 0)
		put(out, *prefix++);
	put_many(out, '0', zeros);
	while (n > 0)
		put(out, digits[--n]);
	if (spec->left)
		put_many(out, ' ', pad);
}

static void
put_signed(struct output *out, const struct spec *spec, int64_t value)
{
	const char *sign = value < 0 ? "-" : spec->plus ? "+" : spec->space ? " " : "";

	put_number(out, spec, sign, value < 0 ? -(uint64_t)value : (uint64_t)value, 10, false);
}

static const char *
parse_count(const char *f, int *value, va_list *args)
{
	if (*f == '*') {
		*value = va_arg(*args, int);
		return f + 1;
	}
	for (*value = 0; *f >= '0' && *f <= '9'; f++)
		if (*value < 10000)
			*value = *value * 10 + (*f - '0');
	return f;
}

static const char *
parse_spec(const char *f, struct spec *spec, va_list *args)
{
	*spec = (struct spec){ .precision = -1 };
	for (;; f++) {
		if (*f == '-')
			spec->left = true;
		else if (*f == '0')
			spec->zero = true;
		else if (*f == '+')
			spec->plus = true;
		else if (*f == ' ')
			spec->space = true;
		else if (*f == '#')
			spec->alternate = true;
		else
			break;
	}
	f = parse_count(f, &spec->width, args);
	if (spec->width < 0) {
		spec->left = true;
		spec->width = -spec->width;
	}
	if (*f == '.')
		f = parse_count(f + 1, &spec->precision, args);
	for (; *f == 'h' || *f == 'l' || *f == 'z' || *f == 'j' || *f == 't'; f++)
		spec->longs += *f == 'h' ? -1 : 1;
	return f;
}

static uint64_t
take_unsigned(const struct spec *spec, va_list *args)
{
	if (spec->longs > 0)
		return va_arg(*args, uint64_t);
	if (spec->longs == 0)
		return va_arg(*args, unsigned);
	return spec->longs == -1 ? (uint16_t)va_arg(*args, unsigned)
				 : (uint8_t)va_arg(*args, unsigned);
}

static int64_t
take_signed(const struct spec *spec, va_list *args)
{
	if (spec->longs > 0)
		return va_arg(*args, int64_t);
	if (spec->longs == 0)
		return va_arg(*args, int);
	return spec->longs == -1 ? (int16_t)va_arg(*args, int) : (int8_t)va_arg(*args, int);
}

static void
put_argument(struct output *out, struct spec *spec, char conversion, va_list *args)
{
	const char *text;
	uint64_t value;
	char c;

	switch (conversion) {
	case 'd': case 'i':
		put_signed(out, spec, take_signed(spec, args));
		break;
	case 'u':
		put_number(out, spec, "", take_unsigned(spec, args), 10, false);
		break;
	case 'o':
		put_number(
			out, spec, spec->alternate ? "0" : "", take_unsigned(spec, args), 8, false);
		break;
	case 'x': case 'X':
		value = take_unsigned(spec, args);
		put_number(out, spec, spec->alternate && value != 0 ? "0x" : "", value, 16,
			conversion == 'X');
		break;
	case 'p':
		put_number(out, spec, "0x", (uintptr_t)va_arg(*args, void *), 16, false);
		break;
	case 'c':
		c = (char)va_arg(*args, int);
		put_text(out, spec, &c, 1);
		break;
	case 's':
		text = va_arg(*args, const char *);
		text = text != NULL ? text : "(null)";
		put_text(out, spec, text,
			spec->precision >= 0 ? strnlen(text, (size_t)spec->precision)
					     : strlen(text));
		break;
	default:
		put(out, '%');
		if (conversion != '%')
			put(out, conversion);
	}
}

int
print_to_v(char *buffer, size_t size, const char *format, va_list args)
{
	struct output out = { buffer, size, 0 };
	struct spec spec;
	va_list list;

	va_copy(list, args);
	for (const char *f = format; *f != 0; f++) {
		if (*f != '%') {
			put(&out, *f);
			continue;
		}
		f = parse_spec(f + 1, &spec, &list);
		if (*f == 0)
			break;
		put_argument(&out, &spec, *f, &list);
	}
	va_end(list);
	if (size != 0)
		buffer[out.length < size ? out.length : size - 1] = 0;
	return (int)out.length;
}

int
print_to(char *buffer, size_t size, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = print_to_v(buffer, size, format, args);
	va_end(args);
	return n;
}
