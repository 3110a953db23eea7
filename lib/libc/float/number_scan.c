/* How a text reads as a floating-point number. See number.h. */
#include <ctype.h>
#include <strings.h>

#include "number.h"

#define EXPONENT_MAX	1000000000l	/* beyond every format, and sums of two do not overflow */

static int
is_digit(char c, bool hex)
{
	return hex ? isxdigit((unsigned char)c) : isdigit((unsigned char)c);
}

/* Digits with at most one '.'. Returns the end, or NULL when there was no digit. */
static const char *
scan_digits(const char *at, bool hex, struct number_text *text)
{
	bool any = false, point = false;
	long behind = 0;

	for (;; at++) {
		if (*at == '.' && !point) {
			point = true;
			continue;
		}
		if (!is_digit(*at, hex))
			break;
		any = true;
		behind += point;
		if (text->count == 0 && *at == '0')
			continue;
		if (text->count++ == 0)
			text->digits = at;
	}
	text->exponent = hex ? -4 * behind : -behind;
	return any ? at : NULL;
}

static const char *
scan_exponent(const char *at, char letter, struct number_text *text)
{
	const char *digits = at + 1;
	bool negative = false;
	long value = 0;

	if ((*at | 32) != letter)
		return at;
	if (*digits == '+' || *digits == '-')
		negative = *digits++ == '-';
	if (!isdigit((unsigned char)*digits))
		return at;
	for (; isdigit((unsigned char)*digits); digits++)
		if (value < EXPONENT_MAX)
			value = value * 10 + (*digits - '0');
	text->exponent += negative ? -value : value;
	return digits;
}

static const char *
scan_nan(const char *at)
{
	const char *end = at + 3;

	if (*end != '(')
		return end;
	do
		end++;
	while (isalnum((unsigned char)*end) || *end == '_');
	return *end == ')' ? end + 1 : at + 3;
}

struct number_text
__number_scan(const char *start)
{
	struct number_text text = { .end = start };
	const char *at = start, *end;

	while (isspace((unsigned char)*at))
		at++;
	if (*at == '+' || *at == '-')
		text.negative = *at++ == '-';
	if (strncasecmp(at, "inf", 3) == 0) {
		text.kind = TEXT_INFINITY;
		text.end = at + (strncasecmp(at, "infinity", 8) == 0 ? 8 : 3);
		return text;
	}
	if (strncasecmp(at, "nan", 3) == 0) {
		text.kind = TEXT_NAN;
		text.end = scan_nan(at);
		return text;
	}
	if (at[0] == '0' && (at[1] | 32) == 'x' && (end = scan_digits(at + 2, true, &text)) != NULL) {
		text.kind = TEXT_HEX;
		text.end = scan_exponent(end, 'p', &text);
		return text;
	}
	text.count = 0;
	end = scan_digits(at, false, &text);
	if (end != NULL) {
		text.kind = TEXT_DECIMAL;
		text.end = scan_exponent(end, 'e', &text);
	}
	return text;
}
