/* Floating-point numbers from text in a locale of the caller's: both locales write them with a point. */
#define _GNU_SOURCE
#include <stdlib.h>

double
strtod_l(const char *restrict text, char **restrict end, locale_t locale)
{
	(void)locale;
	return strtod(text, end);
}

float
strtof_l(const char *restrict text, char **restrict end, locale_t locale)
{
	(void)locale;
	return strtof(text, end);
}

long double
strtold_l(const char *restrict text, char **restrict end, locale_t locale)
{
	(void)locale;
	return strtold(text, end);
}
