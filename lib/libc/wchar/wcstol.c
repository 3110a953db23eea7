/* Numbers from wide text (C11 7.29.4.1): their letters and digits are ASCII, so a byte copy is converted. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <wchar.h>
#include <wctype.h>

#include "../float/number.h"
#include "../stdlib/integer.h"

/* The beginning that may be a number; *skipped: white space in front. Freed by the caller unless NULL. */
static char *
narrow(const wchar_t *text, size_t *skipped)
{
	size_t start = 0, length = 0;
	char *copy;

	while (iswspace(text[start]))
		start++;
	while (text[start + length] > 0 && text[start + length] < 128)
		length++;
	copy = malloc(length + 1);
	for (size_t i = 0; copy != NULL && i <= length; i++)
		copy[i] = i < length ? (char)text[start + i] : 0;
	*skipped = start;
	return copy;
}

static unsigned long
integer(const wchar_t *text, wchar_t **end, int base, unsigned long low, unsigned long high)
{
	size_t skipped;
	char *copy = narrow(text, &skipped), *stop = copy;
	unsigned long value = copy != NULL ? __integer_parse(copy, &stop, base, low, high) : 0;

	if (end != NULL)
		*end = (wchar_t *)text + (stop != copy ? skipped + (stop - copy) : 0);
	free(copy);
	return value;
}

static long double
real(const wchar_t *text, wchar_t **end, struct float_format format)
{
	size_t skipped;
	char *copy = narrow(text, &skipped), *stop = copy;
	long double value = copy != NULL ? __number_parse(copy, &stop, format) : 0;

	if (end != NULL)
		*end = (wchar_t *)text + (stop != copy ? skipped + (stop - copy) : 0);
	free(copy);
	return value;
}

long
wcstol(const wchar_t *restrict text, wchar_t **restrict end, int base)
{
	return integer(text, end, base, LONG_MIN, LONG_MAX);
}

long long
wcstoll(const wchar_t *restrict text, wchar_t **restrict end, int base)
{
	return integer(text, end, base, LONG_MIN, LONG_MAX);
}

intmax_t
wcstoimax(const wchar_t *restrict text, wchar_t **restrict end, int base)
{
	return integer(text, end, base, LONG_MIN, LONG_MAX);
}

unsigned long
wcstoul(const wchar_t *restrict text, wchar_t **restrict end, int base)
{
	return integer(text, end, base, 0, ULONG_MAX);
}

unsigned long long
wcstoull(const wchar_t *restrict text, wchar_t **restrict end, int base)
{
	return integer(text, end, base, 0, ULONG_MAX);
}

uintmax_t
wcstoumax(const wchar_t *restrict text, wchar_t **restrict end, int base)
{
	return integer(text, end, base, 0, ULONG_MAX);
}

double
wcstod(const wchar_t *restrict text, wchar_t **restrict end)
{
	return (double)real(text, end, DOUBLE_FORMAT);
}

float
wcstof(const wchar_t *restrict text, wchar_t **restrict end)
{
	return (float)real(text, end, FLOAT_FORMAT);
}

long double
wcstold(const wchar_t *restrict text, wchar_t **restrict end)
{
	return real(text, end, LONG_DOUBLE_FORMAT);
}
