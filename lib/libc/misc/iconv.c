/*
 * iconv: a character at a time through its code point. A conversion has no state between calls but whether UTF-16 or UTF-32 have begun, since
 * without a byte order in their name they begin with a mark: written in this machine's order, and believed when read.
 *
 * What the target cannot have is EILSEQ, or, with //TRANSLIT, a question mark, which is counted; with //IGNORE it is left out, as is what is no
 * character, but what is told at the end is EILSEQ all the same: as GNU's.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <iconv.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "locale_now.h"

#define MARK		0xfeffu
#define MARK_SWAPPED	0xfffeu
#define LAST		0x10ffffu

enum form { ASCII, LATIN1, UTF8, UTF16, UTF32 };

struct encoding {
	enum form form;
	bool marked;			/* a mark says the byte order */
	bool big;			/* the byte order */
};

struct conversion {
	struct encoding from, to;
	bool from_begun, to_begun;
	bool from_big;			/* what the mark said */
	bool ignore, replace;
};

static const struct {
	const char *name;
	struct encoding encoding;
} names[] = {
	{ "UTF-8", { UTF8, false, false } }, { "UTF8", { UTF8, false, false } },
	{ "ASCII", { ASCII, false, false } }, { "US-ASCII", { ASCII, false, false } }, { "ANSI_X3.4-1968", { ASCII, false, false } },
	{ "646", { ASCII, false, false } }, { "C", { ASCII, false, false } }, { "POSIX", { ASCII, false, false } },
	{ "ISO-8859-1", { LATIN1, false, false } }, { "ISO8859-1", { LATIN1, false, false } }, { "ISO_8859-1", { LATIN1, false, false } },
	{ "LATIN1", { LATIN1, false, false } }, { "L1", { LATIN1, false, false } }, { "UTF-16", { UTF16, true, false } },
	{ "UTF16", { UTF16, true, false } }, { "UTF-16LE", { UTF16, false, false } }, { "UTF-16BE", { UTF16, false, true } },
	{ "UCS-2LE", { UTF16, false, false } }, { "UCS-2BE", { UTF16, false, true } }, { "UTF-32", { UTF32, true, false } },
	{ "UTF32", { UTF32, true, false } }, { "UTF-32LE", { UTF32, false, false } }, { "UTF-32BE", { UTF32, false, true } },
	{ "UCS-4LE", { UTF32, false, false } }, { "UCS-4BE", { UTF32, false, true } }, { "WCHAR_T", { UTF32, false, false } },
};

/* The name up to "//"; "" is what the locale has. */
static bool
find(const char *name, struct encoding *encoding)
{
	const char *end = strstr(name, "//");
	size_t length = end != NULL ? (size_t)(end - name) : strlen(name);

	if (length == 0) {
		*encoding = (struct encoding){ __locale_is_utf8() ? UTF8 : ASCII, false, false };
		return true;
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i].name) == length && strncasecmp(names[i].name, name, length) == 0) {
			*encoding = names[i].encoding;
			return true;
		}
	return false;
}

iconv_t
iconv_open(const char *to, const char *from)
{
	struct conversion *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return (iconv_t)-1;
	if (!find(to, &c->to) || !find(from, &c->from)) {
		free(c);
		errno = EINVAL;
		return (iconv_t)-1;
	}
	c->ignore = strcasestr(to, "//IGNORE") != NULL;
	c->replace = strcasestr(to, "//TRANSLIT") != NULL;
	return c;
}

int
iconv_close(iconv_t conversion)
{
	free(conversion);
	return 0;
}

/* --- reading: bytes of the character, 0: too few of them, -1: none that can be --- */

static int
read_utf8(const unsigned char *at, size_t left, uint32_t *code)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	int n = at[0] < 0x80 ? 1 : at[0] < 0xc2 ? -1 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : at[0] < 0xf5 ? 4 : -1;

	if (n < 2) {
		*code = at[0];
		return n;
	}
	*code = at[0] & (0x7fu >> n);
	for (int i = 1; i < n; i++) {
		if ((size_t)i == left)
			return 0;
		if ((at[i] & 0xc0) != 0x80)
			return -1;
		*code = *code << 6 | (at[i] & 0x3f);
	}
	return *code < least[n] || *code > LAST || (*code >= 0xd800 && *code < 0xe000) ? -1 : n;
}

static uint32_t
get(const unsigned char *at, int bytes, bool big)
{
	uint32_t value = 0;

	for (int i = 0; i < bytes; i++)
		value = value << 8 | at[big ? i : bytes - 1 - i];
	return value;
}

static int
read_utf16(const unsigned char *at, size_t left, bool big, uint32_t *code)
{
	uint32_t low;

	if (left < 2)
		return 0;
	*code = get(at, 2, big);
	if (*code < 0xd800 || *code >= 0xe000)
		return 2;
	if (*code >= 0xdc00)
		return -1;
	if (left < 4)
		return 0;
	low = get(at + 2, 2, big);
	if (low < 0xdc00 || low >= 0xe000)
		return -1;
	*code = 0x10000 + ((*code - 0xd800) << 10) + (low - 0xdc00);
	return 4;
}

static int
read_character(const struct conversion *c, const unsigned char *at, size_t left, uint32_t *code)
{
	bool big = c->from.marked ? c->from_big : c->from.big;

	switch (c->from.form) {
	case ASCII:
	case LATIN1:
		*code = at[0];
		return c->from.form == ASCII && at[0] > 127 ? -1 : 1;
	case UTF8:
		return read_utf8(at, left, code);
	case UTF16:
		return read_utf16(at, left, big, code);
	default:
		if (left < 4)
			return 0;
		*code = get(at, 4, big);
		return *code > LAST || (*code >= 0xd800 && *code < 0xe000) ? -1 : 4;
	}
}

/* Whether the text's first character only says the byte order. */
static bool
is_mark(struct conversion *c, uint32_t code)
{
	bool first = c->from.marked && !c->from_begun, swapped;

	c->from_begun = true;
	swapped = code == (c->from.form == UTF16 ? MARK_SWAPPED : MARK_SWAPPED << 16);
	if (first && swapped)
		c->from_big = true;
	return first && (swapped || code == MARK);
}

/* A swapped mark of UTF-32 is no character: it is looked at before. */
static int
read_mark(struct conversion *c, const unsigned char *at, size_t left)
{
	int bytes = c->from.form == UTF16 ? 2 : 4;

	if (!c->from.marked || c->from_begun)
		return 0;
	if (left < (size_t)bytes)
		return 0;
	return is_mark(c, get(at, bytes, false)) ? bytes : 0;
}

/* --- writing: bytes of the character, 0: no room, -1: it cannot be written --- */

static void
put(unsigned char *to, uint32_t value, int bytes, bool big)
{
	for (int i = 0; i < bytes; i++)
		to[big ? bytes - 1 - i : i] = (unsigned char)(value >> 8 * i);
}

static int
write_utf8(uint32_t code, unsigned char *to, size_t room)
{
	int n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

	if (room < (size_t)n)
		return 0;
	for (int i = n - 1; i > 0; i--, code >>= 6)
		to[i] = (unsigned char)(0x80 | (code & 0x3f));
	to[0] = (unsigned char)(n == 1 ? code : code | (0xf00u >> n & 0xff));
	return n;
}

static int
write_utf16(uint32_t code, bool big, unsigned char *to, size_t room)
{
	int n = code < 0x10000 ? 2 : 4;

	if (room < (size_t)n)
		return 0;
	if (n == 2) {
		put(to, code, 2, big);
	} else {
		put(to, 0xd800 + ((code - 0x10000) >> 10), 2, big);
		put(to + 2, 0xdc00 + ((code - 0x10000) & 0x3ff), 2, big);
	}
	return n;
}

static int
write_character(const struct conversion *c, uint32_t code, unsigned char *to, size_t room)
{
	switch (c->to.form) {
	case ASCII:
	case LATIN1:
		if (code > (c->to.form == ASCII ? 127u : 255u))
			return -1;
		if (room == 0)
			return 0;
		*to = (unsigned char)code;
		return 1;
	case UTF8:
		return write_utf8(code, to, room);
	case UTF16:
		return write_utf16(code, c->to.big, to, room);
	default:
		if (room < 4)
			return 0;
		put(to, code, 4, c->to.big);
		return 4;
	}
}

/* A mark, before the first character. Returns false: no room. */
static bool
write_mark(struct conversion *c, char **to, size_t *room)
{
	int n;

	if (!c->to.marked || c->to_begun)
		return true;
	n = write_character(c, MARK, (unsigned char *)*to, *room);
	if (n == 0)
		return false;
	*to += n;
	*room -= (size_t)n;
	c->to_begun = true;
	return true;
}

static size_t
fail(int error)
{
	errno = error;
	return (size_t)-1;
}

/* Bytes of the input that are no character, to be left out. */
static int
width(const struct conversion *c, size_t left)
{
	size_t bytes = c->from.form == UTF32 ? 4 : c->from.form == UTF16 ? 2 : 1;

	return (int)(bytes < left ? bytes : left);
}

size_t
iconv(iconv_t conversion, char **restrict from, size_t *restrict from_left, char **restrict to, size_t *restrict to_left)
{
	struct conversion *c = conversion;
	size_t replaced = 0;
	uint32_t code;
	int taken, put_down;
	bool ignored = false;

	if (from == NULL || *from == NULL) {
		c->from_begun = c->to_begun = c->from_big = false;
		return 0;
	}
	while (*from_left > 0) {
		const unsigned char *at = (const unsigned char *)*from;

		taken = read_mark(c, at, *from_left);
		if (taken > 0) {
			*from += taken;
			*from_left -= (size_t)taken;
			continue;
		}
		taken = read_character(c, at, *from_left, &code);
		if (taken < 0 && c->ignore) {
			ignored = true;
			taken = width(c, *from_left);
			*from += taken;
			*from_left -= (size_t)taken;
			continue;
		}
		if (taken <= 0)
			return fail(taken == 0 ? EINVAL : EILSEQ);
		if (!write_mark(c, to, to_left))
			return fail(E2BIG);
		put_down = write_character(c, code, (unsigned char *)*to, *to_left);
		if (put_down < 0 && c->replace) {
			put_down = write_character(c, '?', (unsigned char *)*to, *to_left);
			replaced += put_down > 0;
		} else if (put_down < 0 && !c->ignore) {
			return fail(EILSEQ);
		}
		if (put_down == 0)
			return fail(E2BIG);
		if (put_down > 0) {
			*to += put_down;
			*to_left -= (size_t)put_down;
		}
		ignored |= put_down < 0;
		*from += taken;
		*from_left -= (size_t)taken;
	}
	return ignored ? fail(EILSEQ) : replaced;
}
