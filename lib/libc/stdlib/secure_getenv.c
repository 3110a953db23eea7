#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/auxv.h>

/* NULL in a program that has other rights than who started it, and therefore its environment. */
char *
secure_getenv(const char *name)
{
	return getauxval(AT_SECURE) == 0 ? getenv(name) : NULL;
}
