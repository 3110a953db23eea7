#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "environment.h"

/* POSIX.1-2017 setenv. EINVAL: the name is empty or has a '='. */
int
setenv(const char *name, const char *value, int overwrite)
{
	size_t length, value_length;
	char *string;

	if (name == NULL || *name == 0 || strchr(name, '=') != NULL) {
		errno = EINVAL;
		return -1;
	}
	length = strlen(name);
	if (!overwrite && __environment_find(name, length) >= 0)
		return 0;
	value_length = strlen(value);
	string = malloc(length + value_length + 2);
	if (string == NULL)
		return -1;
	memcpy(string, name, length);
	string[length] = '=';
	memcpy(string + length + 1, value, value_length + 1);
	if (__environment_put(string, length, true) == 0)
		return 0;
	free(string);
	return -1;
}
