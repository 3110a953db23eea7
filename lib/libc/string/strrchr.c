#include <stddef.h>

char *
strrchr(const char *string, int byte)
{
	const char *found = NULL;

	do {
		if (*string == (char)byte)
			found = string;
	} while (*string++ != 0);
	return (char *)found;
}
