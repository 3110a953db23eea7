#include <stdlib.h>
#include <string.h>

/*
 * POSIX.1-2017 getsubopt: takes "key[=value]" off a list with commas. Returns the index of the key; -1 when it is not
 * in the list, with *value at the text.
 */
int
getsubopt(char **options, char *const *keys, char **value)
{
	char *option = *options, *end = option + strcspn(option, ","), *equals;

	*options = *end != 0 ? end + 1 : end;
	*end = 0;
	equals = strchr(option, '=');
	*value = equals != NULL ? equals + 1 : NULL;
	for (int i = 0; keys[i] != NULL; i++) {
		size_t length = strlen(keys[i]);

		if (strncmp(option, keys[i], length) == 0 && (option[length] == 0 || option[length] == '='))
			return i;
	}
	*value = option;
	return -1;
}
