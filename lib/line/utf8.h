/*
 * UTF-8 (RFC 3629): where characters begin and how wide they are on a terminal.
 */
#ifndef LINE_UTF8_H
#define LINE_UTF8_H

#include <stddef.h>

#define UTF8_INCOMPLETE	0		/* a character begins here; more bytes are needed */
#define UTF8_INVALID	(-1)		/* the first byte belongs to no character */

/*
 * Bytes of the character at `text`, of which `count` > 0 bytes are there. Returns 1 to 4,
 * UTF8_INCOMPLETE or UTF8_INVALID.
 */
int utf8_length(const char *text, size_t count);

/*
 * Columns of the character at `text` (valid UTF-8): 0 for combining marks, 2 for wide East Asian
 * characters and emoji, else 1.
 */
unsigned utf8_columns(const char *text);

/* Whether the byte is the second or a later one of a character. */
static inline int
utf8_continues(char byte)
{
	return (byte & 0xc0) == 0x80;
}

#endif
