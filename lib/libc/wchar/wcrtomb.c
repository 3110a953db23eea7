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

	(void)state;
	if (bytes == NULL)
		return 1;
	if (__locale_is_utf8())
		return __utf8_encode(bytes, wide, false);
	if (code >= 0x80 && (code < BYTE_CHARACTER(0x80) || code > BYTE_CHARACTER(0xff))) {
		errno = EILSEQ;
		return (size_t)-1;
	}
	*bytes = (char)code;
	return 1;
}

int
wctob(wint_t wide)
{
	char bytes[MB_LEN_MAX];

	return wide != WEOF && wcrtomb(bytes, (wchar_t)wide, NULL) == 1 ? (unsigned char)bytes[0] : EOF;
}
