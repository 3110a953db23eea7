#include <langinfo.h>
#include <stddef.h>

#include "locale_now.h"

static const char *const texts[] = {
	[D_T_FMT] = "%a %b %e %H:%M:%S %Y", [D_FMT] = "%m/%d/%y", [T_FMT] = "%H:%M:%S",
	[T_FMT_AMPM] = "%I:%M:%S %p", [AM_STR] = "AM", [PM_STR] = "PM", [RADIXCHAR] = ".", [YESEXPR] = "^[yY]",
	[NOEXPR] = "^[nN]", [CRNCYSTR] = "-",
	[DAY_1] = "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
	[ABDAY_1] = "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat",
	[MON_1] = "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
	"November", "December",
	[ABMON_1] = "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
};

/* The C locale's text; empty for what it does not say. */
char *
nl_langinfo(nl_item item)
{
	if (item == CODESET)
		return (char *)(__locale_is_utf8() ? "UTF-8" : "ANSI_X3.4-1968");
	if (item < 0 || item >= (nl_item)(sizeof(texts) / sizeof(texts[0])) || texts[item] == NULL)
		return (char *)"";
	return (char *)texts[item];
}

char *
nl_langinfo_l(nl_item item, locale_t locale)
{
	locale_t before = uselocale(locale);
	char *text = nl_langinfo(item);

	uselocale(before);
	return text;
}
