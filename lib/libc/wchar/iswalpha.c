/* Classes of wide characters (C11 7.30). See <wctype.h> for how far they go. */
#include <ctype.h>
#include <stddef.h>
#include <string.h>
#include <wctype.h>

#include "../misc/locale_now.h"

/* Ranges of pairs: even code points are capitals where `step` is 1, odd ones where it is 0; else 32 or 80 apart. */
static const struct {
	wint_t first, last;
	int to_lower;			/* distance; 0: pairs, capital even; 1: pairs, capital odd */
} capitals[] = {
	{ 'A', 'Z', 32 }, { 0xc0, 0xd6, 32 }, { 0xd8, 0xde, 32 }, { 0x100, 0x12f, 0 }, { 0x132, 0x137, 0 },
	{ 0x139, 0x148, 1 }, { 0x14a, 0x177, 0 }, { 0x179, 0x17e, 1 }, { 0x391, 0x3a1, 32 }, { 0x3a3, 0x3ab, 32 },
	{ 0x400, 0x40f, 80 }, { 0x410, 0x42f, 32 }, { 0x460, 0x481, 0 }, { 0x48a, 0x4bf, 0 }, { 0x4d0, 0x52f, 0 },
	{ 0x531, 0x556, 48 }, { 0x1e00, 0x1e95, 0 }, { 0x1ea0, 0x1eff, 0 },
};

#define RANGES (sizeof(capitals) / sizeof(capitals[0]))

/* In the C locale only ASCII has classes. */
static bool
has_class(wint_t c)
{
	return c < 128 || __locale_is_utf8();
}

wint_t
towlower(wint_t c)
{
	if (!has_class(c))
		return c;
	for (size_t i = 0; i < RANGES; i++)
		if (c >= capitals[i].first && c <= capitals[i].last) {
			if (capitals[i].to_lower > 1)
				return c + capitals[i].to_lower;
			return (c & 1) == (wint_t)capitals[i].to_lower ? c + 1 : c;
		}
	return c;
}

wint_t
towupper(wint_t c)
{
	if (!has_class(c))
		return c;
	for (size_t i = 0; i < RANGES; i++) {
		int distance = capitals[i].to_lower;

		if (distance > 1 && c >= capitals[i].first + distance && c <= capitals[i].last + distance)
			return c - distance;
		if (distance <= 1 && c >= capitals[i].first && c <= capitals[i].last)
			return (c & 1) != (wint_t)distance ? c - 1 : c;
	}
	return c;
}

int
iswupper(wint_t c)
{
	return towlower(c) != c;
}

int
iswlower(wint_t c)
{
	return towupper(c) != c || ((c == 0xdf || c == 0xff) && has_class(c));
}

int
iswspace(wint_t c)
{
	if (!has_class(c))
		return 0;
	return c < 128 ? isspace(c) : c == 0x1680 || (c >= 0x2000 && c <= 0x200a && c != 0x2007) || c == 0x2028 ||
	    c == 0x2029 || c == 0x205f || c == 0x3000;
}

int
iswblank(wint_t c)
{
	return c < 128 ? isblank(c) : iswspace(c) && c != 0x2028 && c != 0x2029;
}

int
iswcntrl(wint_t c)
{
	return c < 128 ? iscntrl(c) : has_class(c) && (c < 0xa0 || c == 0x2028 || c == 0x2029);
}

int
iswdigit(wint_t c)
{
	return c < 128 && isdigit(c);
}

int
iswxdigit(wint_t c)
{
	return c < 128 && isxdigit(c);
}

int
iswprint(wint_t c)
{
	if (!has_class(c))
		return 0;
	return c < 128 ? isprint(c) : !iswcntrl(c) && c <= 0x10ffff && (c < 0xd800 || c > 0xdfff) && (c & 0xfffe) != 0xfffe;
}

int
iswgraph(wint_t c)
{
	return iswprint(c) && !iswspace(c);
}

int
iswalpha(wint_t c)
{
	if (c < 128)
		return isalpha(c);
	if (!iswgraph(c) || (c < 0xc0 && c != 0xaa && c != 0xb5 && c != 0xba) || c == 0xd7 || c == 0xf7)
		return 0;
	return !((c >= 0x2000 && c < 0x2c00) || (c >= 0x3001 && c < 0x3005) || (c >= 0xe000 && c < 0xf900) ||
	    (c >= 0xfe00 && c < 0xfe70) || (c >= 0xff00 && c < 0xff10) || (c >= 0x1f000 && c < 0x20000));
}

int
iswalnum(wint_t c)
{
	return iswalpha(c) || iswdigit(c);
}

int
iswpunct(wint_t c)
{
	return iswgraph(c) && !iswalnum(c);
}

static const struct {
	const char *name;
	int (*contains)(wint_t c);
} classes[] = {
	{ "alnum", iswalnum }, { "alpha", iswalpha }, { "blank", iswblank }, { "cntrl", iswcntrl }, { "digit", iswdigit },
	{ "graph", iswgraph }, { "lower", iswlower }, { "print", iswprint }, { "punct", iswpunct }, { "space", iswspace },
	{ "upper", iswupper }, { "xdigit", iswxdigit },
};

wctype_t
wctype(const char *name)
{
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if (strcmp(classes[i].name, name) == 0)
			return i + 1;
	return 0;
}

int
iswctype(wint_t c, wctype_t class)
{
	return class != 0 && class <= sizeof(classes) / sizeof(classes[0]) && classes[class - 1].contains(c);
}
