/*
 * The value of a number in text, correctly rounded: a ratio of two big integers, whose bits come by long division
 * until the significand and one more are known; the remainder tells whether it was exact.
 */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "big.h"
#include "number.h"

typedef unsigned __int128 uint128_t;

#define DIGITS_USED	11600		/* later digits can only tell that there is something */
#define EXPONENT_LIMIT	5000		/* 10^5000 is above, 10^-5000 below every format */

static long double
out_of_range(bool large)
{
	errno = ERANGE;
	return large ? (long double)INFINITY : 0;
}

/*
 * (bits + fraction) * 2^exponent, where the fraction is 0, below, at or above a half (half, rest); `close`: it is at
 * least 3/4. Underflow is told when the value is tiny also after rounding to full precision (IEEE 754-2019 7.5).
 */
static long double
rounded(uint128_t bits, int exponent, bool half, bool rest, bool close, struct float_format format)
{
	int width;
	bool tiny;

	tiny = (half || rest) && bits + close < (uint128_t)1 << (format.precision - 1);
	if (half && (rest || (bits & 1) != 0))
		bits++;
	width = bits >> 64 != 0 ? 128 - __builtin_clzll(bits >> 64) : bits != 0 ? 64 - __builtin_clzll(bits) : 0;
	if (width + exponent > format.overflow)
		return out_of_range(true);
	if (tiny)
		errno = ERANGE;
	return scalbnl((long double)bits, exponent);
}

/* above / below * 2^exponent; both are used up. */
static long double
ratio(struct big *above, struct big *below, int exponent, struct float_format format)
{
	int shift = __big_bits(above) - __big_bits(below), count;
	uint128_t bits = 0;
	bool bit = false;

	if (shift > 0)
		__big_shift_left(below, shift);
	else
		__big_shift_left(above, -shift);
	if (__big_compare(above, below) < 0) {
		__big_shift_left(above, 1);
		shift--;
	}
	exponent += shift;
	count = exponent - format.lowest + 1;
	if (count > format.precision)
		count = format.precision;
	if (count < 0)
		return out_of_range(false);
	for (int i = 0; i <= count; i++) {
		bits = bits << 1 | bit;
		bit = __big_compare(above, below) >= 0;
		if (bit)
			__big_subtract(above, below);
		__big_shift_left(above, 1);
	}
	return rounded(bits, exponent - count + 1, bit, above->used != 0, bit && __big_compare(above, below) >= 0, format);
}

/* Sets the digits as an integer; returns how many were left out. */
static long
read_digits(const struct number_text *text, struct big *big)
{
	const char *at = text->digits;
	size_t count = text->count < DIGITS_USED ? text->count : DIGITS_USED;
	uint32_t chunk = 0, factor = 1;

	big->used = 0;
	for (size_t i = 0; i < count; at++) {
		if (*at == '.')
			continue;
		i++;
		chunk = chunk * 10 + (*at - '0');
		factor *= 10;
		if (factor == 1000000000 || i == count) {
			__big_multiply_add(big, factor, chunk);
			chunk = 0;
			factor = 1;
		}
	}
	for (size_t i = count; i < text->count; at++) {
		if (*at == '.')
			continue;
		i++;
		if (*at != '0') {
			__big_multiply_add(big, 10, 1);
			return text->count - count - 1;
		}
	}
	return text->count - count;
}

static long double
decimal_value(const struct number_text *text, struct float_format format)
{
	struct big above, below = { .used = 1 };
	long exponent = text->exponent;

	if (exponent + (long)text->count > EXPONENT_LIMIT)
		return out_of_range(true);
	if (exponent + (long)text->count < -EXPONENT_LIMIT)
		return out_of_range(false);
	exponent += read_digits(text, &above);
	below.word[0] = 1;
	if (exponent >= 0)
		__big_multiply_power_of_5(&above, exponent);
	else
		__big_multiply_power_of_5(&below, -exponent);
	return ratio(&above, &below, exponent, format);
}

static unsigned
hex_digit(char c)
{
	return c <= '9' ? c - '0' : (c | 32) - 'a' + 10;
}

static long double
hex_value(const struct number_text *text, struct float_format format)
{
	struct big above = { .used = 0 }, below = { .used = 1, .word = { 1 } };
	const char *at = text->digits;
	bool rest = false;

	if (text->exponent + 4 * (long)text->count > 4 * EXPONENT_LIMIT)
		return out_of_range(true);
	if (text->exponent + 4 * (long)text->count < -4 * EXPONENT_LIMIT)
		return out_of_range(false);
	for (size_t i = 0; i < text->count; at++) {
		if (*at == '.')
			continue;
		if (i++ < 40)
			__big_multiply_add(&above, 16, hex_digit(*at));
		else
			rest |= *at != '0';
	}
	above.word[0] |= rest;
	return ratio(&above, &below, text->exponent + (text->count > 40 ? 4 * (long)(text->count - 40) : 0), format);
}

/* Up to 15 digits and a power of ten that is exact in a double: one correctly rounded operation. */
static bool
quick_value(const struct number_text *text, struct float_format format, double *value)
{
	static const double powers[] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14,
		1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
	unsigned long whole = 0;
	const char *at = text->digits;

	if (format.precision != DBL_MANT_DIG || text->kind != TEXT_DECIMAL || text->count > 15 ||
	    text->exponent < -22 || text->exponent > 22)
		return false;
	for (size_t i = 0; i < text->count; at++)
		if (*at != '.') {
			whole = whole * 10 + (*at - '0');
			i++;
		}
	*value = text->exponent < 0 ? whole / powers[-text->exponent] : whole * powers[text->exponent];
	return true;
}

long double
__number_value(const struct number_text *text, struct float_format format)
{
	long double value = 0;
	double quick;

	if (text->kind == TEXT_INFINITY)
		value = INFINITY;
	else if (text->kind == TEXT_NAN)
		value = NAN;
	else if (text->count == 0)
		value = 0;
	else if (quick_value(text, format, &quick))
		value = quick;
	else if (text->kind == TEXT_DECIMAL)
		value = decimal_value(text, format);
	else if (text->kind == TEXT_HEX)
		value = hex_value(text, format);
	return text->negative && text->kind != TEXT_NONE ? -value : value;
}

long double
__number_parse(const char *start, char **end, struct float_format format)
{
	struct number_text text = __number_scan(start);

	if (end != NULL)
		*end = (char *)text.end;
	return __number_value(&text, format);
}
