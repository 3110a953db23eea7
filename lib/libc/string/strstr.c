#include <string.h>

#include "search.h"

char *
strstr(const char *string, const char *part)
{
	size_t length = strlen(part);

	if (length == 0)
		return (char *)string;
	string = strchr(string, *part);
	if (string == NULL || length == 1)
		return (char *)string;
	return __string_search(string, strlen(string), part, length);
}
