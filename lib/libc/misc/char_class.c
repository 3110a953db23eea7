/* Classes of characters by name, for patterns and regular expressions. */
#include <ctype.h>
#include <string.h>

#include "char_class.h"

static const struct {
	const char *name;
	int (*contains)(int c);
} classes[] = {
	{ "alnum", isalnum }, { "alpha", isalpha }, { "blank", isblank }, { "cntrl", iscntrl }, { "digit", isdigit },
	{ "graph", isgraph }, { "lower", islower }, { "print", isprint }, { "punct", ispunct }, { "space", isspace },
	{ "upper", isupper }, { "xdigit", isxdigit },
};

static int
find(const char *name, size_t length)
{
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if (strncmp(classes[i].name, name, length) == 0 && classes[i].name[length] == 0)
			return i;
	return -1;
}

bool
__char_class_exists(const char *name, size_t length)
{
	return find(name, length) >= 0;
}

bool
__char_class(const char *name, size_t length, int c)
{
	int i = find(name, length);

	return i >= 0 && classes[i].contains(c) != 0;
}
