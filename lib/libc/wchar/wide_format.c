#include "wide_format.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "../misc/locale_now.h"
#include "utf8.h"

bool
__wide_escapes(void)
{
	return !__locale_is_utf8();
}

char *
__wide_to_bytes(const wchar_t *text)
{
	bool escapes = __wide_escapes();
	char one[MB_LEN_MAX], *bytes;
	size_t size = 0, n;

	for (const wchar_t *at = text; *at != 0; at++, size += n) {
		n = __utf8_encode(one, *at, escapes);
		if (n == (size_t)-1) {
			errno = EILSEQ;
			return NULL;
		}
	}
	bytes = malloc(size + 1);
	if (bytes == NULL)
		return NULL;
	bytes[size] = 0;
	for (char *to = bytes; *text != 0; text++)
		to += __utf8_encode(to, *text, escapes);
	return bytes;
}
