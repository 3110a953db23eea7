#include <string.h>

/* Cuts the next field, which may be empty, off *string; NULL after the last. */
char *
strsep(char **string, const char *separators)
{
	char *field = *string, *end;

	if (field == NULL)
		return NULL;
	end = field + strcspn(field, separators);
	*string = *end != 0 ? end + 1 : NULL;
	*end = 0;
	return field;
}
