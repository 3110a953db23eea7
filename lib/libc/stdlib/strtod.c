/* Floating-point numbers from text (C11 7.22.1.3), correctly rounded. */
#include <stdlib.h>

#include "../float/number.h"

double
strtod(const char *restrict text, char **restrict end)
{
	return (double)__number_parse(text, end, DOUBLE_FORMAT);
}

float
strtof(const char *restrict text, char **restrict end)
{
	return (float)__number_parse(text, end, FLOAT_FORMAT);
}

long double
strtold(const char *restrict text, char **restrict end)
{
	return __number_parse(text, end, LONG_DOUBLE_FORMAT);
}
