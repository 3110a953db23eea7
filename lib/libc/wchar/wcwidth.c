/* Columns that a character takes on a terminal: 2 for East Asian wide ones (Unicode UAX 11), 0 for combining marks. */
#include <wchar.h>
#include <wctype.h>

struct range {
	wchar_t first, last;
};

static const struct range none[] = {
	{ 0x300, 0x36f }, { 0x483, 0x489 }, { 0x591, 0x5bd }, { 0x610, 0x61a }, { 0x64b, 0x65f }, { 0x6d6, 0x6dc },
	{ 0x93c, 0x93c }, { 0x941, 0x948 }, { 0x94d, 0x94d }, { 0xe31, 0xe31 }, { 0xe34, 0xe3a }, { 0xe47, 0xe4e },
	{ 0x1ab0, 0x1aff }, { 0x1dc0, 0x1dff }, { 0x200b, 0x200f }, { 0x202a, 0x202e }, { 0x2060, 0x2064 },
	{ 0x20d0, 0x20ff }, { 0x302a, 0x302d }, { 0x3099, 0x309a }, { 0xfe00, 0xfe0f }, { 0xfe20, 0xfe2f },
	{ 0xfeff, 0xfeff }, { 0xe0100, 0xe01ef },
};

static const struct range two[] = {
	{ 0x1100, 0x115f }, { 0x231a, 0x231b }, { 0x2329, 0x232a }, { 0x23e9, 0x23ec }, { 0x2e80, 0x303e },
	{ 0x3041, 0x33ff }, { 0x3400, 0x4dbf }, { 0x4e00, 0xa4cf }, { 0xa960, 0xa97f }, { 0xac00, 0xd7a3 },
	{ 0xf900, 0xfaff }, { 0xfe10, 0xfe19 }, { 0xfe30, 0xfe6f }, { 0xff00, 0xff60 }, { 0xffe0, 0xffe6 },
	{ 0x16fe0, 0x18aff }, { 0x1b000, 0x1b2ff }, { 0x1f300, 0x1f64f }, { 0x1f680, 0x1f6ff }, { 0x1f900, 0x1f9ff },
	{ 0x20000, 0x3fffd },
};

static int
contains(const struct range *ranges, int count, wchar_t wide)
{
	for (int i = 0; i < count && ranges[i].first <= wide; i++)
		if (wide <= ranges[i].last)
			return 1;
	return 0;
}

int
wcwidth(wchar_t wide)
{
	if (wide == 0)
		return 0;
	if (!iswprint(wide))
		return -1;
	if (contains(none, sizeof(none) / sizeof(none[0]), wide))
		return 0;
	return contains(two, sizeof(two) / sizeof(two[0]), wide) ? 2 : 1;
}

int
wcswidth(const wchar_t *string, size_t count)
{
	int total = 0, width;

	for (; count > 0 && *string != 0; count--, string++) {
		width = wcwidth(*string);
		if (width < 0)
			return -1;
		total += width;
	}
	return total;
}
