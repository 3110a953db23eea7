/* Wide strings of POSIX.1-2017. */
#include <stdlib.h>
#include <wchar.h>
#include <wctype.h>

wchar_t *
wcsdup(const wchar_t *string)
{
	size_t size = wcslen(string) + 1;
	wchar_t *copy = malloc(size * sizeof(wchar_t));

	return copy == NULL ? NULL : wmemcpy(copy, string, size);
}

size_t
wcsnlen(const wchar_t *string, size_t most)
{
	size_t n = 0;

	while (n < most && string[n] != 0)
		n++;
	return n;
}

wchar_t *
wcpcpy(wchar_t *restrict to, const wchar_t *restrict from)
{
	return wcscpy(to, from) + wcslen(from);
}

wchar_t *
wcpncpy(wchar_t *restrict to, const wchar_t *restrict from, size_t count)
{
	return wcsncpy(to, from, count) + wcsnlen(from, count);
}

int
wcsncasecmp(const wchar_t *left, const wchar_t *right, size_t count)
{
	for (; count > 0; count--, left++, right++)
		if (towlower(*left) != towlower(*right) || *left == 0)
			return towlower(*left) < towlower(*right) ? -1 : towlower(*left) > towlower(*right);
	return 0;
}

int
wcscasecmp(const wchar_t *left, const wchar_t *right)
{
	return wcsncasecmp(left, right, (size_t)-1);
}
