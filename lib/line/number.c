/* See number.h. */
#include "line/number.h"

/* The value of a digit, 16 if it is none. */
static unsigned
digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10u : 16;
}

bool
number_parse(const char *text, uint64_t *value)
{
	unsigned base = 10;
	uint64_t sum = 0;

	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		base = 16;
		text += 2;
	}
	if (*text == 0)
		return false;
	for (; *text != 0; text++) {
		unsigned d = digit(*text);

		if (d >= base || sum > (UINT64_MAX - d) / base)
			return false;
		sum = sum * base + d;
	}
	*value = sum;
	return true;
}
