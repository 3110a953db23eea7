/* One character to UTF-8 bytes (C11 7.29.6.3.3). */
#include <errno.h>
#include <wchar.h>

size_t
wcrtomb(char *restrict bytes, wchar_t wide, mbstate_t *restrict state)
{
	unsigned code = wide;

	(void)state;
	if (bytes == NULL)
		return 1;
	if (code < 0x80) {
		bytes[0] = code;
		return 1;
	}
	if (code < 0x800) {
		bytes[0] = 0xc0 | code >> 6;
		bytes[1] = 0x80 | (code & 0x3f);
		return 2;
	}
	if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
		errno = EILSEQ;
		return (size_t)-1;
	}
	if (code < 0x10000) {
		bytes[0] = 0xe0 | code >> 12;
		bytes[1] = 0x80 | (code >> 6 & 0x3f);
		bytes[2] = 0x80 | (code & 0x3f);
		return 3;
	}
	bytes[0] = 0xf0 | code >> 18;
	bytes[1] = 0x80 | (code >> 12 & 0x3f);
	bytes[2] = 0x80 | (code >> 6 & 0x3f);
	bytes[3] = 0x80 | (code & 0x3f);
	return 4;
}
