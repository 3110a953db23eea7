#define _GNU_SOURCE
#include <stdlib.h>

/* No program runs with more rights than its caller here, so there is nothing to hide. */
char *
secure_getenv(const char *name)
{
	return getenv(name);
}
