#include <stdlib.h>
#include <string.h>

char *
strndup(const char *string, size_t most)
{
	size_t length = strnlen(string, most);
	char *copy = malloc(length + 1);

	if (copy == NULL)
		return NULL;
	copy[length] = 0;
	return memcpy(copy, string, length);
}
