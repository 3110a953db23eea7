/* setlocale and localeconv (C11 7.11). See locale_now.h for the locales. */
#include "locale_now.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const categories[LC_ALL] = { "LC_CTYPE", "LC_NUMERIC", "LC_TIME", "LC_COLLATE", "LC_MONETARY", "LC_MESSAGES" };
static const char *const names[] = { "C", "C.UTF-8" };

/* --- names --- */

/* 1: C.UTF-8, 0: C, -1: another. */
static int
look_up(const char *name)
{
	if (strcmp(name, "C") == 0 || strcmp(name, "POSIX") == 0)
		return 0;
	return strcasecmp(name, "C.UTF-8") == 0 || strcasecmp(name, "C.UTF8") == 0 ? 1 : -1;
}

/* POSIX.1-2017 XBD 8.2: the first of these that is set and not empty. */
static const char *
from_environment(int category)
{
	const char *const variables[] = { "LC_ALL", categories[category], "LANG" };

	for (int i = 0; i < 3; i++) {
		const char *value = getenv(variables[i]);

		if (value != NULL && *value != 0)
			return value;
	}
	return "C";
}

/* The part of "LC_CTYPE=C.UTF-8;LC_NUMERIC=C;..." that is about the category, in `part`; NULL: none, or too long a one. */
static const char *
from_list(const char *list, int category, char part[static 16])
{
	size_t length = strlen(categories[category]), size;

	while (strncmp(list, categories[category], length) != 0 || list[length] != '=') {
		list = strchr(list, ';');
		if (list++ == NULL)
			return NULL;
	}
	size = strcspn(list + length + 1, ";");
	if (size > 15)
		return NULL;
	memcpy(part, list + length + 1, size);
	part[size] = 0;
	return part;
}

int
__locale_named(int mask, const char *name)
{
	unsigned set = 0;

	for (int category = 0; category < LC_ALL; category++) {
		char part[16];
		const char *its_name = name;
		int found;

		if ((mask & 1 << category) == 0)
			continue;
		if (*name == 0)
			its_name = from_environment(category);
		else if (strchr(name, '=') != NULL)
			its_name = from_list(name, category, part);
		found = its_name != NULL ? look_up(its_name) : -1;
		if (found < 0)
			return -1;
		set |= (unsigned)found << category;
	}
	return (int)set;
}

/* One name where all categories have the same, else a list that setlocale takes again. */
static char *
name_of_all(void)
{
	static char list[LC_ALL * sizeof("LC_MONETARY=C.UTF-8")];
	char *at = list;

	if (__locale_global == 0 || __locale_global == LC_ALL_MASK)
		return (char *)names[__locale_global != 0];
	for (int category = 0; category < LC_ALL; category++) {
		at = stpcpy(at, category > 0 ? ";" : "");
		at = stpcpy(at, categories[category]);
		at = stpcpy(at, "=");
		at = stpcpy(at, names[__locale_global >> category & 1]);
	}
	return list;
}

/* --- the locale of all --- */

char *
setlocale(int category, const char *name)
{
	int mask, set;

	if (category < LC_CTYPE || category > LC_ALL)
		return NULL;
	mask = category == LC_ALL ? LC_ALL_MASK : 1 << category;
	if (name != NULL) {
		set = __locale_named(mask, name);
		if (set < 0) {
			errno = ENOENT;		/* as newlocale says it; programs print it */
			return NULL;
		}
		__locale_global = (__locale_global & ~(unsigned)mask) | (unsigned)set;
	}
	return category == LC_ALL ? name_of_all() : (char *)names[__locale_global >> category & 1];
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
