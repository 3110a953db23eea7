/* Integers from text in a locale of the caller's: no locale has digits or signs of its own. */
#define _GNU_SOURCE
#include <stdlib.h>

long
strtol_l(const char *restrict text, char **restrict end, int base, locale_t locale)
{
	(void)locale;
	return strtol(text, end, base);
}

long long
strtoll_l(const char *restrict text, char **restrict end, int base, locale_t locale)
{
	(void)locale;
	return strtoll(text, end, base);
}

unsigned long
strtoul_l(const char *restrict text, char **restrict end, int base, locale_t locale)
{
	(void)locale;
	return strtoul(text, end, base);
}

unsigned long long
strtoull_l(const char *restrict text, char **restrict end, int base, locale_t locale)
{
	(void)locale;
	return strtoull(text, end, base);
}
