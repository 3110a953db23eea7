/*
 * a e f g: exact, since they start from all decimal digits of the value (float/number.h) and round those half to even.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "../float/number.h"
#include "format.h"

struct text {
	char sign[2];
	const char *body;		/* before the padding zeros at the end */
	size_t length;
};

static void
put_padded(struct format_sink *sink, const struct format_spec *spec, const char *prefix, long length, bool zeros)
{
	long blanks = spec->width - length - (long)strlen(prefix);

	if (!spec->minus && !zeros)
		__format_pad(sink, ' ', blanks);
	__format_put(sink, prefix, strlen(prefix));
	if (!spec->minus && zeros)
		__format_pad(sink, '0', blanks);
}

static void
pad_behind(struct format_sink *sink, const struct format_spec *spec, size_t start)
{
	if (spec->minus)
		__format_pad(sink, ' ', spec->width - (long)(sink->total - start));
}

/* Rounds to `keep` digits; a carry out of the first moves the point. Returns the digits left, without zeros behind. */
static int
round_digits(char *digits, int count, long keep, int *point)
{
	bool up;

	if (keep >= count)
		return count;
	if (keep < 0)
		return 0;
	up = digits[keep] > '5' ||
	    (digits[keep] == '5' && (keep + 1 < count || (keep > 0 && (digits[keep - 1] & 1) != 0)));
	count = keep;
	while (up && count > 0 && digits[count - 1] == '9')
		count--;
	if (up && count == 0) {
		digits[0] = '1';
		++*point;
		return 1;
	}
	if (up)
		digits[count - 1]++;
	while (count > 0 && digits[count - 1] == '0')
		count--;
	return count;
}

/* `length` digits from position `from` (0 is the first); what is not there are zeros. */
static void
put_digits(struct format_sink *sink, const char *digits, int count, long from, long length)
{
	if (from < 0) {
		long zeros = -from < length ? -from : length;

		__format_pad(sink, '0', zeros);
		from += zeros;
		length -= zeros;
	}
	if (length > 0 && from < count) {
		long n = count - from < length ? count - from : length;

		__format_put(sink, digits + from, n);
		length -= n;
	}
	__format_pad(sink, '0', length);
}

static void
put_fixed(struct format_sink *sink, const struct format_spec *spec, const char *sign, const char *digits, int count,
    int point, long precision)
{
	long whole = point > 0 ? point : 1;
	bool dot = precision > 0 || spec->alternate;
	size_t start = sink->total;

	put_padded(sink, spec, sign, whole + dot + precision, spec->zero);
	if (point > 0)
		put_digits(sink, digits, count, 0, point);
	else
		__format_put(sink, "0", 1);
	if (dot)
		__format_put(sink, ".", 1);
	put_digits(sink, digits, count, point, precision);
	pad_behind(sink, spec, start);
}

/* The exponent as %+.2d, into text; returns its length. */
static int
exponent_text(char text[8], char letter, int exponent, int least)
{
	unsigned value = exponent < 0 ? -exponent : exponent;
	int digits = least;

	for (unsigned limit = least == 2 ? 100 : 10; value >= limit; limit *= 10)
		digits++;
	text[0] = letter;
	text[1] = exponent < 0 ? '-' : '+';
	for (int i = digits + 1; i > 1; i--, value /= 10)
		text[i] = '0' + value % 10;
	return digits + 2;
}

static void
put_scientific(struct format_sink *sink, const struct format_spec *spec, const char *sign, const char *digits,
    int count, int point, long precision)
{
	char exponent[8];
	int length = exponent_text(exponent, spec->conversion == 'e' || spec->conversion == 'g' ? 'e' : 'E',
	    count == 0 ? 0 : point - 1, 2);
	bool dot = precision > 0 || spec->alternate;
	size_t start = sink->total;

	put_padded(sink, spec, sign, 1 + dot + precision + length, spec->zero);
	put_digits(sink, digits, count, 0, 1);
	if (dot)
		__format_put(sink, ".", 1);
	put_digits(sink, digits, count, 1, precision);
	__format_put(sink, exponent, length);
	pad_behind(sink, spec, start);
}

static void
put_decimal(struct format_sink *sink, const struct format_spec *spec, const char *sign, long double value)
{
	char digits[DIGITS_MAX], kind = spec->conversion | 32;
	long precision = spec->precision < 0 ? 6 : spec->precision;
	int point = 1, count = value == 0 ? 0 : __number_digits(value, digits, &point);

	if (kind == 'g' && precision == 0)
		precision = 1;
	count = round_digits(digits, count, kind == 'f' ? point + precision : precision + (kind == 'e'), &point);
	if (kind == 'f') {
		put_fixed(sink, spec, sign, digits, count, point, precision);
	} else if (kind == 'e') {
		put_scientific(sink, spec, sign, digits, count, point, precision);
	} else if (point - 1 < -4 || point - 1 >= precision) {
		put_scientific(sink, spec, sign, digits, count, point,
		    spec->alternate ? precision - 1 : count > 0 ? count - 1 : 0);
	} else {
		put_fixed(sink, spec, sign, digits, count, point,
		    spec->alternate ? precision - point : count > point ? count - point : 0);
	}
}

/*
 * The significand of a hexadecimal number, its first digit above *bits bits of fraction. A double has 1.xxx with 52;
 * a long double of 64 bits a first digit of 4 bits. Numbers below the normal ones keep the least exponent.
 */
static unsigned __int128
hex_significand(long double value, bool large, int *exponent, int *bits)
{
	int lead = large && LDBL_MANT_DIG == 64 ? 4 : 1, precision = large ? LDBL_MANT_DIG : DBL_MANT_DIG;
	int least = (large ? LDBL_MIN_EXP : DBL_MIN_EXP) - lead;

	*bits = precision - lead;
	if (value == 0) {
		*exponent = 0;
		return 0;
	}
	value = frexpl(value, exponent);
	*exponent -= lead;
	if (*exponent < least) {
		value = scalbnl(value, *exponent - least);
		*exponent = least;
	}
	return scalbnl(value, precision);
}

static void
put_hex(struct format_sink *sink, const struct format_spec *spec, const char *sign, long double value)
{
	const char *set = spec->conversion == 'a' ? "0123456789abcdef" : "0123456789ABCDEF";
	int exponent, bits, length, count = 0, exponent_length;
	char text[8], digits[32], prefix[4];
	unsigned __int128 significand = hex_significand(value, spec->size == 16, &exponent, &bits), half;
	long precision = spec->precision;
	size_t start = sink->total;

	strcpy(prefix, sign);
	strcat(prefix, spec->conversion == 'a' ? "0x" : "0X");
	if (precision >= 0 && precision * 4 < bits) {
		half = (unsigned __int128)1 << (bits - precision * 4 - 1);
		if ((significand & (2 * half - 1)) > half || ((significand & (4 * half - 1)) > 2 * half &&
		    (significand & half) != 0 && (significand & (2 * half)) != 0) ||
		    ((significand & (2 * half - 1)) == half && (significand & (2 * half)) != 0))
			significand += half;
		significand &= ~(2 * half - 1);
	}
	if (significand >> bits > 15) {		/* rounded up to one digit more */
		significand >>= 4;
		exponent += 4;
	}
	for (int shift = bits - 4; shift >= 0; shift -= 4) {
		digits[count] = set[significand >> shift & 15];
		count++;
	}
	length = count;
	while (length > 0 && digits[length - 1] == '0')
		length--;
	if (precision < 0)
		precision = length;
	exponent_length = exponent_text(text, spec->conversion == 'a' ? 'p' : 'P', exponent, 1);
	put_padded(sink, spec, prefix, 1 + (precision > 0 || spec->alternate) + precision + exponent_length,
	    spec->zero);
	__format_put(sink, &set[significand >> bits & 15], 1);
	if (precision > 0 || spec->alternate)
		__format_put(sink, ".", 1);
	put_digits(sink, digits, length, 0, precision);
	__format_put(sink, text, exponent_length);
	pad_behind(sink, spec, start);
}

void
__format_float(struct format_sink *sink, const struct format_spec *spec, long double value)
{
	const char *sign = signbit(value) ? "-" : spec->plus ? "+" : spec->space ? " " : "", *word;
	bool small = spec->conversion >= 'a';
	size_t start = sink->total;

	value = fabsl(value);
	if (isnan(value) || isinf(value)) {
		word = isnan(value) ? small ? "nan" : "NAN" : small ? "inf" : "INF";
		put_padded(sink, spec, sign, 3, false);
		__format_put(sink, word, 3);
		pad_behind(sink, spec, start);
	} else if ((spec->conversion | 32) == 'a') {
		put_hex(sink, spec, sign, value);
	} else {
		put_decimal(sink, spec, sign, value);
	}
}
