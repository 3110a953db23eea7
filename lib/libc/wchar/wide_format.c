#include "wide_format.h"

#include <stdlib.h>

char *
__wide_to_bytes(const wchar_t *text)
{
	const wchar_t *at = text;
	size_t size = wcsrtombs(NULL, &at, 0, NULL);
	char *bytes = size != (size_t)-1 ? malloc(size + 1) : NULL;

	if (bytes != NULL)
		wcsrtombs(bytes, &text, size + 1, NULL);
	return bytes;
}
