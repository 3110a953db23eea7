/* See locale_now.h. */
#include "locale_now.h"

unsigned __locale_global;
struct __locale __locale_objects[LC_ALL_MASK + 1];

static _Thread_local locale_t own = LC_GLOBAL_LOCALE;

unsigned
__locale_set(locale_t locale)
{
	return locale == LC_GLOBAL_LOCALE ? __locale_global : (unsigned)(locale - __locale_objects);
}

bool
__locale_is_utf8(void)
{
	return (__locale_set(own) & LC_CTYPE_MASK) != 0;
}

/* Each thread's own; NULL only asks. */
locale_t
uselocale(locale_t locale)
{
	locale_t before = own;

	if (locale != NULL)
		own = locale;
	return before;
}
