/*
 * Locale objects (POSIX.1-2017 newlocale, uselocale): there is one, of the C locale, whatever categories are asked for. It is never freed, so
 * a copy is itself.
 */
#include <errno.h>
#include <locale.h>
#include <stddef.h>

struct __locale {
	char unused;
};

static struct __locale c_locale;
static _Thread_local locale_t used = LC_GLOBAL_LOCALE;

/* ENOENT: a name that setlocale does not know, either; EINVAL. */
locale_t
newlocale(int mask, const char *name, locale_t base)
{
	(void)base;
	if ((mask & ~LC_ALL_MASK) != 0 || name == NULL) {
		errno = EINVAL;
		return NULL;
	}
	if (mask != 0 && setlocale(LC_ALL, name) == NULL) {
		errno = ENOENT;
		return NULL;
	}
	return &c_locale;
}

locale_t
duplocale(locale_t locale)
{
	(void)locale;
	return &c_locale;
}

/* Each thread's own; NULL only asks. */
locale_t
uselocale(locale_t locale)
{
	locale_t before = used;

	if (locale != NULL)
		used = locale;
	return before;
}

void
freelocale(locale_t locale)
{
	(void)locale;
}
