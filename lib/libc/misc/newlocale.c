/* Locale objects (POSIX.1-2017 newlocale). They are never freed, so a copy is itself. */
#include <errno.h>
#include <stddef.h>

#include "locale_now.h"

/* ENOENT: a name that setlocale does not know, either; EINVAL. */
locale_t
newlocale(int mask, const char *name, locale_t base)
{
	int set;

	if ((mask & ~LC_ALL_MASK) != 0 || name == NULL) {
		errno = EINVAL;
		return NULL;
	}
	set = __locale_named(mask, name);
	if (set < 0) {
		errno = ENOENT;
		return NULL;
	}
	return __locale_objects + ((base != NULL ? __locale_set(base) & ~(unsigned)mask : 0) | (unsigned)set);
}

locale_t
duplocale(locale_t locale)
{
	return __locale_objects + __locale_set(locale);
}

void
freelocale(locale_t locale)
{
	(void)locale;
}
