/* Integers from text (C11 7.22.1). */
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>

#include "integer.h"

long
strtol(const char *restrict text, char **restrict end, int base)
{
	return __integer_parse(text, end, base, LONG_MIN, LONG_MAX);
}

unsigned long
strtoul(const char *restrict text, char **restrict end, int base)
{
	return __integer_parse(text, end, base, 0, ULONG_MAX);
}

long long
strtoll(const char *restrict text, char **restrict end, int base)
{
	return __integer_parse(text, end, base, LLONG_MIN, LLONG_MAX);
}

unsigned long long
strtoull(const char *restrict text, char **restrict end, int base)
{
	return __integer_parse(text, end, base, 0, ULLONG_MAX);
}

intmax_t
strtoimax(const char *restrict text, char **restrict end, int base)
{
	return __integer_parse(text, end, base, LONG_MIN, LONG_MAX);
}

uintmax_t
strtoumax(const char *restrict text, char **restrict end, int base)
{
	return __integer_parse(text, end, base, 0, ULONG_MAX);
}
