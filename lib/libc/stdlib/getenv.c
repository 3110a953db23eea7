#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *
getenv(const char *name)
{
	size_t length = strlen(name);

	for (char **e = environ; e != NULL && *e != NULL; e++)
		if (strncmp(*e, name, length) == 0 && (*e)[length] == '=')
			return *e + length + 1;
	return NULL;
}
