/* Time by a wide format (C11 7.29.5.1): strftime's text is never longer in characters than in bytes. */
#include <stdlib.h>
#include <time.h>

#include "utf8.h"
#include "wide_format.h"

size_t
wcsftime(wchar_t *restrict text, size_t size, const wchar_t *restrict format, const struct tm *restrict tm)
{
	size_t room = size <= SIZE_MAX / 8 ? size * 4 + 1 : 0, length = 0, wide = 0, n = 0;
	char *bytes = __wide_to_bytes(format), *result = bytes != NULL && room > 0 ? malloc(room) : NULL;
	mbstate_t state = { 0, 0, 0 };

	if (result != NULL)
		length = strftime(result, room, bytes, tm);
	for (size_t at = 0; at < length && wide < size; at += n)
		n = __utf8_decode(text + wide++, result + at, length - at, &state, __wide_escapes());
	if (wide < size)
		text[wide] = 0;
	free(result);
	free(bytes);
	return wide < size ? wide : 0;
}
