/* The C locale. */
#include <limits.h>
#include <locale.h>
#include <string.h>

char *
setlocale(int category, const char *name)
{
	if (category < LC_CTYPE || category > LC_ALL)
		return NULL;
	if (name == NULL || *name == 0 || strcmp(name, "C") == 0 || strcmp(name, "POSIX") == 0)
		return (char *)"C";
	return NULL;
}

/* C11 7.11.2.1: in the C locale all but the decimal point is empty or CHAR_MAX. */
struct lconv *
localeconv(void)
{
	static char empty[1], point[] = ".";
	static struct lconv c = { point, empty, empty, empty, empty, empty, empty, empty, empty, empty,
		CHAR_MAX, CHAR_MAX, CHAR_MAX, CHAR_MAX, CHAR_MAX, CHAR_MAX, CHAR_MAX, CHAR_MAX, CHAR_MAX, CHAR_MAX,
		CHAR_MAX, CHAR_MAX, CHAR_MAX, CHAR_MAX };

	return &c;
}
