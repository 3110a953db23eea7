/* Classes of bytes in a locale of the caller's (POSIX.1-2017): all are the C locale. */
#include <ctype.h>

#define IN_LOCALE(function) \
	int function##_l(int c, locale_t locale) \
	{ \
		(void)locale; \
		return function(c); \
	}

IN_LOCALE(isalnum)
IN_LOCALE(isalpha)
IN_LOCALE(isblank)
IN_LOCALE(iscntrl)
IN_LOCALE(isdigit)
IN_LOCALE(isgraph)
IN_LOCALE(islower)
IN_LOCALE(isprint)
IN_LOCALE(ispunct)
IN_LOCALE(isspace)
IN_LOCALE(isupper)
IN_LOCALE(isxdigit)
IN_LOCALE(tolower)
IN_LOCALE(toupper)
