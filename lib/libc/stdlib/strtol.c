/* strtol and relations (C11 7.22.1.4): one conversion to magnitude and sign, then the limits of each type. */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>

static int
digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'Z')
		return c - 'A' + 10;
	return 99;
}

/* Returns the magnitude; *end is the text itself when there is no number. */
static unsigned long
convert(const char *text, char **end, int base, bool *negative, bool *overflow)
{
	const char *at = text;
	unsigned long value = 0;
	bool any = false;

	*negative = *overflow = false;
	while (*at == ' ' || (*at >= '\t' && *at <= '\r'))
		at++;
	if (*at == '+' || *at == '-')
		*negative = *at++ == '-';
	if ((base == 0 || base == 16) && at[0] == '0' && (at[1] | 32) == 'x' && digit_value(at[2]) < 16) {
		at += 2;
		base = 16;
	}
	if (base == 0)
		base = *at == '0' ? 8 : 10;
	for (; digit_value(*at) < base; at++) {
		any = true;
		if (value > (ULONG_MAX - digit_value(*at)) / base)
			*overflow = true;
		value = value * base + digit_value(*at);
	}
	if (end != NULL)
		*end = (char *)(any ? at : text);
	return value;
}

long
strtol(const char *restrict text, char **restrict end, int base)
{
	bool negative, overflow;
	unsigned long value, limit;

	if (base < 0 || base == 1 || base > 36) {
		errno = EINVAL;
		return 0;
	}
	value = convert(text, end, base, &negative, &overflow);
	limit = negative ? (unsigned long)LONG_MAX + 1 : LONG_MAX;
	if (overflow || value > limit) {
		errno = ERANGE;
		return negative ? LONG_MIN : LONG_MAX;
	}
	return negative ? (long)-value : (long)value;
}

unsigned long
strtoul(const char *restrict text, char **restrict end, int base)
{
	bool negative, overflow;
	unsigned long value;

	if (base < 0 || base == 1 || base > 36) {
		errno = EINVAL;
		return 0;
	}
	value = convert(text, end, base, &negative, &overflow);
	if (overflow) {
		errno = ERANGE;
		return ULONG_MAX;
	}
	return negative ? -value : value;
}

int
atoi(const char *text)
{
	return (int)strtol(text, NULL, 10);
}
