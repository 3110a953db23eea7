/* Case by name (C11 7.30.3.2). */
#include <errno.h>
#include <string.h>
#include <wctype.h>

enum { TO_LOWER = 1, TO_UPPER };

wctrans_t
wctrans(const char *name)
{
	if (strcmp(name, "tolower") == 0)
		return TO_LOWER;
	if (strcmp(name, "toupper") == 0)
		return TO_UPPER;
	errno = EINVAL;
	return 0;
}

wint_t
towctrans(wint_t c, wctrans_t mapping)
{
	return mapping == TO_LOWER ? towlower(c) : mapping == TO_UPPER ? towupper(c) : c;
}
