/* One character to the bytes of the locale (C11 7.29.6.3.3): UTF-8, or a byte. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <wchar.h>

#include "../misc/locale_now.h"
#include "utf8.h"

size_t
wcrtomb(char *restrict bytes, wchar_t wide, mbstate_t *restrict state)
{
	unsigned code = wide;
	size_t n = 1;

	(void)state;
	if (bytes == NULL)
		return 1;
	if (__locale_is_utf8())
		n = __utf8_encode(bytes, wide, false);
	else if (code < 0x80 || (code >= BYTE_CHARACTER(0x80) && code <= BYTE_CHARACTER(0xff)))
		*bytes = (char)code;
	else
		n = (size_t)-1;
	if (n == (size_t)-1)
		errno = EILSEQ;
	return n;
}

int
wctob(wint_t wide)
{
	char bytes[MB_LEN_MAX];

	return wide != WEOF && wcrtomb(bytes, (wchar_t)wide, NULL) == 1 ? (unsigned char)bytes[0] : EOF;
}
