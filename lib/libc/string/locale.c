/* Strings in a locale of the caller's (POSIX.1-2017): all are the C locale. */
#define _GNU_SOURCE
#include <string.h>
#include <strings.h>

int
strcoll_l(const char *left, const char *right, locale_t locale)
{
	(void)locale;
	return strcoll(left, right);
}

size_t
strxfrm_l(char *restrict to, const char *restrict from, size_t size, locale_t locale)
{
	(void)locale;
	return strxfrm(to, from, size);
}

char *
strerror_l(int error, locale_t locale)
{
	(void)locale;
	return strerror(error);
}

int
strcasecmp_l(const char *left, const char *right, locale_t locale)
{
	(void)locale;
	return strcasecmp(left, right);
}

int
strncasecmp_l(const char *left, const char *right, size_t count, locale_t locale)
{
	(void)locale;
	return strncasecmp(left, right, count);
}
