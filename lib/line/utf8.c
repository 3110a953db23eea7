/* See utf8.h. */
#include "line/utf8.h"

#include <stdint.h>

/* Bytes that a first byte announces; 0: it cannot be one. */
static int
announced(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first < 0xe0)
		return 2;
	if (first >= 0xe0 && first < 0xf0)
		return 3;
	return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

/* Overlong forms, surrogates and numbers above 0x10ffff show in the second byte. */
static int
second_fits(unsigned char first, unsigned char second)
{
	if (first == 0xe0)
		return second >= 0xa0;
	if (first == 0xed)
		return second < 0xa0;
	if (first == 0xf0)
		return second >= 0x90;
	return first != 0xf4 || second < 0x90;
}

int
utf8_length(const char *text, size_t count)
{
	int length = announced(text[0]);

	if (length == 0)
		return UTF8_INVALID;
	for (int i = 1; i < length; i++) {
		if ((size_t)i == count)
			return UTF8_INCOMPLETE;
		if (!utf8_continues(text[i]) || (i == 1 && !second_fits(text[0], text[1])))
			return UTF8_INVALID;
	}
	return length;
}

static uint32_t
code_point(const char *text)
{
	int length = announced(text[0]);
	uint32_t code = length == 1 ? (unsigned char)text[0] :
	    (unsigned char)text[0] & (0xff >> (length + 1));

	for (int i = 1; i < length; i++)
		code = code << 6 | (text[i] & 0x3f);
	return code;
}

/*
 * The blocks that matter, from Unicode's EastAsianWidth and general categories Mn and Cf; sorted.
 */
static const struct {
	uint32_t first, last;
	unsigned columns;
} unusual[] = {
	{ 0x0300, 0x036f, 0 },		/* combining marks */
	{ 0x0483, 0x0489, 0 },
	{ 0x1100, 0x115f, 2 },		/* Hangul initial consonants */
	{ 0x1ab0, 0x1aff, 0 },
	{ 0x1dc0, 0x1dff, 0 },
	{ 0x200b, 0x200f, 0 },		/* zero-width space and joiners, directions */
	{ 0x20d0, 0x20ff, 0 },
	{ 0x2e80, 0x303e, 2 },		/* East Asian radicals and punctuation */
	{ 0x3041, 0xa4cf, 2 },		/* Kana, ideographs, Yi */
	{ 0xac00, 0xd7a3, 2 },		/* Hangul syllables */
	{ 0xf900, 0xfaff, 2 },
	{ 0xfe00, 0xfe0f, 0 },		/* variation selectors */
	{ 0xfe20, 0xfe2f, 0 },
	{ 0xfe30, 0xfe6f, 2 },
	{ 0xff00, 0xff60, 2 },		/* full-width forms */
	{ 0xffe0, 0xffe6, 2 },
	{ 0x1f300, 0x1f64f, 2 },	/* pictographs */
	{ 0x1f680, 0x1f6ff, 2 },
	{ 0x1f900, 0x1f9ff, 2 },
	{ 0x20000, 0x3fffd, 2 },	/* more ideographs */
};

unsigned
utf8_columns(const char *text)
{
	uint32_t code;

	if (!(text[0] & 0x80))
		return 1;
	code = code_point(text);
	for (unsigned i = 0; i < sizeof(unusual) / sizeof(unusual[0]); i++)
		if (code >= unusual[i].first && code <= unusual[i].last)
			return unusual[i].columns;
	return 1;
}
