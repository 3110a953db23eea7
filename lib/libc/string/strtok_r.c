#include <string.h>

/* POSIX.1-2017 strtok_r: *state keeps the place behind the last token. */
char *
strtok_r(char *restrict string, const char *restrict separators, char **restrict state)
{
	char *end;

	if (string == NULL)
		string = *state;
	if (string == NULL)
		return NULL;
	string += strspn(string, separators);
	if (*string == 0) {
		*state = NULL;
		return NULL;
	}
	end = string + strcspn(string, separators);
	*state = *end != 0 ? end + 1 : NULL;
	*end = 0;
	return string;
}
