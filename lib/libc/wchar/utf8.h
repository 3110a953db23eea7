/*
 * UTF-8 (RFC 3629), whatever the locale. The wide printf and scanf families work on it, since their texts may hold what the locale's bytes do not.
 *
 * In the C locale each byte is a character (POSIX.1-2017 XBD 6.2): those above 127 are the wide characters 0xdc80 to 0xdcff, which are no others'
 * (half a surrogate pair; the same as in Python's PEP 383). With `escapes` these, too, can be written in UTF-8's way.
 */
#ifndef LIBC_WCHAR_UTF8_H
#define LIBC_WCHAR_UTF8_H

#include <stdbool.h>
#include <wchar.h>

#define BYTE_CHARACTER(byte)	(0xdc00u | (byte))	/* of a byte above 127 */

/* As mbrtowc, with a state, but without errno. */
size_t __utf8_decode(wchar_t *wide, const char *bytes, size_t size, mbstate_t *state, bool escapes);

/* As wcrtomb, but without errno. */
size_t __utf8_encode(char *bytes, wchar_t wide, bool escapes);

#endif
