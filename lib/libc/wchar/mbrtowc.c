/* One character from the bytes of the locale (C11 7.29.6.3): UTF-8, or bytes. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

#include "../misc/locale_now.h"
#include "utf8.h"

size_t
mbrtowc(wchar_t *restrict wide, const char *restrict bytes, size_t size, mbstate_t *restrict state)
{
	static _Thread_local mbstate_t own;
	unsigned char byte;
	size_t n;

	if (state == NULL)
		state = &own;
	if (bytes == NULL)
		return mbrtowc(NULL, "", 1, state);
	if (__locale_is_utf8()) {
		n = __utf8_decode(wide, bytes, size, state, false);
		if (n == (size_t)-1)
			errno = EILSEQ;
		return n;
	}
	if (size == 0)
		return (size_t)-2;
	byte = *bytes;
	if (wide != NULL)
		*wide = byte < 0x80 ? byte : BYTE_CHARACTER(byte);
	return byte != 0;
}

wint_t
btowc(int c)
{
	wchar_t wide;
	char byte = c;

	return c != EOF && mbrtowc(&wide, &byte, 1, &(mbstate_t){ 0, 0, 0 }) <= 1 ? (wint_t)wide : WEOF;
}

size_t
__mb_cur_max(void)
{
	return __locale_is_utf8() ? 4 : 1;
}
