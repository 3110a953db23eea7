/* Date and time in a locale of the caller's (POSIX.1-2017): all are the C locale. */
#include <time.h>

size_t
strftime_l(char *restrict text, size_t size, const char *restrict format, const struct tm *restrict tm, locale_t locale)
{
	(void)locale;
	return strftime(text, size, format, tm);
}
