/*
 * Numbers as digits without a point (POSIX.1-2001 ecvt, fcvt, gcvt; the forms that end in _r are GNU's): the exact ones, rounded to nearest, ties to
 * even. A value that has no digits is "inf" or "nan"; zero is zeros, and its point stands behind the first.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libc/float/number.h"

#define WANT_MAX	600		/* digits that are asked for; those before a point come on top */
#define GCVT_MAX	17		/* digits; as many as tell any two values apart */
#define ROOM		(WANT_MAX + DBL_MAX_10_EXP + 3)

/* Of `count` digits, of which the first `keep` stay: whether the last one that stays becomes one more. */
static bool
rounds_up(const char *digits, int count, int keep)
{
	if (keep < 0 || keep >= count || digits[keep] < '5')
		return false;
	if (digits[keep] > '5' || keep + 1 < count)
		return true;
	return keep > 0 && (digits[keep - 1] & 1) != 0;
}

/* Adds one to the last of `count` digits. False: all were 9, and are 0 now. */
static bool
increment(char *digits, int count)
{
	while (count > 0 && digits[count - 1] == '9')
		digits[--count] = '0';
	if (count > 0)
		digits[count - 1]++;
	return count > 0;
}

/* A number that is 0 with so many digits behind the point. */
static int
nothing(int want, char *text, int *point)
{
	if (want == 0)
		text[0] = '0';
	*point = want == 0 ? 1 : -want;
	return want == 0;
}

/* Of what fcvt is asked to round left of the point: as much as leaves a digit there. */
static int
left_of_point(int want, int point)
{
	return point < 1 ? 0 : want < 1 - point ? 1 - point : want;
}

/*
 * Stores `want` digits of a value > 0, or, `behind` set, those before its point and `want` more, where -want of those before it may be rounded to
 * zeros; 0.digits * 10^*point is the value. Returns their count.
 */
static int
convert(double value, int want, bool behind, char *text, int *point)
{
	char digits[DIGITS_MAX];
	int count = __number_digits(value, digits, point), keep;
	bool up;

	if (want < 0)
		want = left_of_point(want, *point);
	keep = behind ? *point + want : want;
	up = rounds_up(digits, count, keep);
	if (behind && keep <= 0 && !up)
		return nothing(want, text, point);
	for (int i = 0; i < keep; i++)
		text[i] = i < count ? digits[i] : '0';
	if (up && !increment(text, keep)) {
		if (behind)
			text[keep++] = '0';
		if (keep > 0)
			text[0] = '1';
		++*point;
	}
	while (behind && keep < *point)
		text[keep++] = '0';
	return keep;
}

static int
zeros(int want, bool behind, char *text, int *point)
{
	want = want > 0 ? want : 0;
	*point = 1;
	memset(text, '0', (size_t)want + 1);
	return behind ? want + 1 : want;
}

static char *
to_text(double value, int want, bool behind, int *restrict point, int *restrict negative, char text[ROOM])
{
	want = want < 0 && !behind ? 0 : want < WANT_MAX ? want : WANT_MAX;
	*negative = signbit(value) != 0;
	if (!isfinite(value)) {
		*point = 0;
		return strcpy(text, isnan(value) ? "nan" : "inf");
	}
	text[value == 0 ? zeros(want, behind, text, point) : convert(fabs(value), want, behind, text, point)] = 0;
	return text;
}

static int
store(char *restrict to, size_t size, const char *restrict text)
{
	if (strlen(text) >= size)
		return -1;
	strcpy(to, text);
	return 0;
}

int
ecvt_r(double value, int count, int *restrict point, int *restrict negative, char *restrict text, size_t size)
{
	char digits[ROOM];

	return store(text, size, to_text(value, count, false, point, negative, digits));
}

int
fcvt_r(double value, int count, int *restrict point, int *restrict negative, char *restrict text, size_t size)
{
	char digits[ROOM];

	return store(text, size, to_text(value, count, true, point, negative, digits));
}

char *
ecvt(double value, int count, int *restrict point, int *restrict negative)
{
	static char text[ROOM];

	return to_text(value, count, false, point, negative, text);
}

char *
fcvt(double value, int count, int *restrict point, int *restrict negative)
{
	static char text[ROOM];

	return to_text(value, count, true, point, negative, text);
}

char *
gcvt(double value, int count, char *text)
{
	sprintf(text, "%.*g", count < GCVT_MAX ? count : GCVT_MAX, value);
	return text;
}
