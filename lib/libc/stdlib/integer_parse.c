/* See integer.h. */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "integer.h"

static unsigned
digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if ((c | 32) >= 'a' && (c | 32) <= 'z')
		return (c | 32) - 'a' + 10;
	return 99;
}

static const char *
skip_prefix(const char *at, int *base)
{
	if ((*base == 0 || *base == 16) && at[0] == '0' && (at[1] | 32) == 'x' && digit_value(at[2]) < 16) {
		*base = 16;
		return at + 2;
	}
	if (*base == 0)
		*base = *at == '0' ? 8 : 10;
	return at;
}

/* Returns the end of the digits. */
static const char *
magnitude(const char *at, unsigned base, unsigned long *value, bool *overflow)
{
	*value = 0;
	for (; digit_value(*at) < base; at++)
		if (__builtin_mul_overflow(*value, base, value) ||
		    __builtin_add_overflow(*value, digit_value(*at), value))
			*overflow = true;
	return at;
}

unsigned long
__integer_parse(const char *text, char **end, int base, unsigned long low, unsigned long high)
{
	const char *at = text, *digits;
	bool negative = false, overflow = false;
	unsigned long value, most;

	if (base < 0 || base == 1 || base > 36) {
		errno = EINVAL;
		return 0;
	}
	while (*at == ' ' || (*at >= '\t' && *at <= '\r'))
		at++;
	if (*at == '+' || *at == '-')
		negative = *at++ == '-';
	digits = skip_prefix(at, &base);
	at = magnitude(digits, base, &value, &overflow);
	if (end != NULL)
		*end = (char *)(at != digits ? at : text);
	most = negative && low != 0 ? -low : high;
	if (overflow || value > most) {
		errno = ERANGE;
		return negative && low != 0 ? low : high;
	}
	return negative ? -value : value;
}
