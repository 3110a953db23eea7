#define _GNU_SOURCE
#include <string.h>

/* Like strchr, but gives the end of the string when the byte is not there. */
char *
strchrnul(const char *string, int byte)
{
	while (*string != 0 && *string != (char)byte)
		string++;
	return (char *)string;
}
