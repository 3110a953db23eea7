/* Time by a wide format (C11 7.29.5.1): strftime's text is never longer in characters than in bytes. */
#include <stdlib.h>
#include <time.h>

#include "wide_format.h"

size_t
wcsftime(wchar_t *restrict text, size_t size, const wchar_t *restrict format, const struct tm *restrict tm)
{
	size_t room = size <= SIZE_MAX / 8 ? size * 4 + 1 : 0, length = 0, wide = 0;
	char *bytes = __wide_to_bytes(format), *result = bytes != NULL && room > 0 ? malloc(room) : NULL;
	const char *at = result;

	if (result != NULL)
		length = strftime(result, room, bytes, tm);
	if (length > 0)
		wide = mbsrtowcs(text, &at, size, NULL);
	free(result);
	free(bytes);
	return length > 0 && wide < size ? wide : 0;
}
