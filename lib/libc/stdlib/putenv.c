#include <stdlib.h>
#include <string.h>

#include "environment.h"

/* The string itself becomes part of the environment. Without '=' the name is removed, as other systems do. */
int
putenv(char *string)
{
	char *equals = strchr(string, '=');

	if (equals == NULL)
		return unsetenv(string);
	return __environment_put(string, equals - string, false);
}
