/*
 * Floating-point numbers from text and to digits, exactly: what strtod, scanf and printf share.
 *
 * All three formats (24, 53 and 64 or 113 bits) go through the same integer algorithms, so each result is the
 * correctly rounded one (to nearest, ties to even).
 */
#ifndef LIBC_FLOAT_NUMBER_H
#define LIBC_FLOAT_NUMBER_H

#include <float.h>
#include <stdbool.h>
#include <stddef.h>

struct float_format {
	int precision;			/* bits of the significand */
	int lowest;			/* exponent of the least subnormal bit */
	int overflow;			/* least power of two that is too large */
};

#define FLOAT_FORMAT		((struct float_format){ FLT_MANT_DIG, FLT_MIN_EXP - FLT_MANT_DIG, FLT_MAX_EXP })
#define DOUBLE_FORMAT		((struct float_format){ DBL_MANT_DIG, DBL_MIN_EXP - DBL_MANT_DIG, DBL_MAX_EXP })
#define LONG_DOUBLE_FORMAT	((struct float_format){ LDBL_MANT_DIG, LDBL_MIN_EXP - LDBL_MANT_DIG, LDBL_MAX_EXP })

/* How a text reads as a number (C11 7.22.1.3). */
struct number_text {
	bool negative;
	enum { TEXT_NONE, TEXT_DECIMAL, TEXT_HEX, TEXT_INFINITY, TEXT_NAN } kind;
	const char *digits;		/* the first that is not 0; may have a '.' between them */
	size_t count;			/* digits from there on; 0: the number is zero */
	long exponent;			/* digits as an integer * 10^exponent, or * 2^exponent */
	const char *end;		/* behind the number; the beginning of the text when there is none */
};

struct number_text __number_scan(const char *text);

/* The nearest value of a format. Overflow gives an infinity, overflow and underflow set ERANGE. */
long double __number_value(const struct number_text *text, struct float_format format);

/* __number_scan, *end and __number_value in one. */
long double __number_parse(const char *text, char **end, struct float_format format);

/* Enough for every digit of a long double: 2^-16494 * (2^113 - 1), and 9 more. */
#define DIGITS_MAX	(11563 + 9)

/*
 * Purpose: all decimal digits of a finite value > 0, without leading or trailing zeros.
 * Returns: their count; value = 0.digits * 10^*point.
 */
int __number_digits(long double value, char digits[DIGITS_MAX], int *point);

#endif
