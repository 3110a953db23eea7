#include <stddef.h>

char *
strchr(const char *string, int byte)
{
	for (;; string++) {
		if (*string == (char)byte)
			return (char *)string;
		if (*string == 0)
			return NULL;
	}
}
