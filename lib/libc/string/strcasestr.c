#define _GNU_SOURCE
#include <ctype.h>
#include <string.h>

char *
strcasestr(const char *string, const char *part)
{
	size_t length = strlen(part);
	int first = tolower((unsigned char)*part);

	for (; length > 0; string++) {
		if (tolower((unsigned char)*string) == first && strncasecmp(string, part, length) == 0)
			break;
		if (*string == 0)
			return NULL;
	}
	return (char *)string;
}
