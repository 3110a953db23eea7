#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "environment.h"

int
unsetenv(const char *name)
{
	long index;

	if (name == NULL || *name == 0 || strchr(name, '=') != NULL) {
		errno = EINVAL;
		return -1;
	}
	while ((index = __environment_find(name, strlen(name))) >= 0)
		__environment_remove(index);
	return 0;
}
