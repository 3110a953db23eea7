/* Wide strings (C11 7.29.4): as those of bytes. */
#include <wchar.h>

size_t
wcslen(const wchar_t *string)
{
	size_t n = 0;

	while (string[n] != 0)
		n++;
	return n;
}

wchar_t *
wmemcpy(wchar_t *restrict to, const wchar_t *restrict from, size_t count)
{
	for (size_t i = 0; i < count; i++)
		to[i] = from[i];
	return to;
}

wchar_t *
wmemmove(wchar_t *to, const wchar_t *from, size_t count)
{
	if (to <= from)
		return wmemcpy(to, from, count);
	while (count-- > 0)
		to[count] = from[count];
	return to;
}

wchar_t *
wmemset(wchar_t *to, wchar_t wide, size_t count)
{
	for (size_t i = 0; i < count; i++)
		to[i] = wide;
	return to;
}

wchar_t *
wmemchr(const wchar_t *memory, wchar_t wide, size_t count)
{
	for (; count > 0; count--, memory++)
		if (*memory == wide)
			return (wchar_t *)memory;
	return NULL;
}

int
wmemcmp(const wchar_t *left, const wchar_t *right, size_t count)
{
	for (; count > 0; count--, left++, right++)
		if (*left != *right)
			return *left < *right ? -1 : 1;
	return 0;
}

wchar_t *
wcscpy(wchar_t *restrict to, const wchar_t *restrict from)
{
	return wmemcpy(to, from, wcslen(from) + 1);
}

wchar_t *
wcsncpy(wchar_t *restrict to, const wchar_t *restrict from, size_t count)
{
	size_t i = 0;

	for (; i < count && from[i] != 0; i++)
		to[i] = from[i];
	wmemset(to + i, 0, count - i);
	return to;
}

wchar_t *
wcscat(wchar_t *restrict to, const wchar_t *restrict from)
{
	wcscpy(to + wcslen(to), from);
	return to;
}

wchar_t *
wcsncat(wchar_t *restrict to, const wchar_t *restrict from, size_t count)
{
	wchar_t *end = to + wcslen(to);

	for (; count > 0 && *from != 0; count--)
		*end++ = *from++;
	*end = 0;
	return to;
}

int
wcsncmp(const wchar_t *left, const wchar_t *right, size_t count)
{
	for (; count > 0; count--, left++, right++)
		if (*left != *right || *left == 0)
			return (*left > *right) - (*left < *right);
	return 0;
}

int
wcscmp(const wchar_t *left, const wchar_t *right)
{
	return wcsncmp(left, right, (size_t)-1);
}

int
wcscoll(const wchar_t *left, const wchar_t *right)
{
	return wcscmp(left, right);
}

size_t
wcsxfrm(wchar_t *restrict to, const wchar_t *restrict from, size_t size)
{
	size_t length = wcslen(from);

	if (length < size)
		wcscpy(to, from);
	return length;
}

wchar_t *
wcschr(const wchar_t *string, wchar_t wide)
{
	while (*string != wide)
		if (*string++ == 0)
			return NULL;
	return (wchar_t *)string;
}

wchar_t *
wcsrchr(const wchar_t *string, wchar_t wide)
{
	const wchar_t *found = NULL;

	do
		if (*string == wide)
			found = string;
	while (*string++ != 0);
	return (wchar_t *)found;
}

size_t
wcsspn(const wchar_t *string, const wchar_t *accept)
{
	size_t n = 0;

	while (string[n] != 0 && wcschr(accept, string[n]) != NULL)
		n++;
	return n;
}

size_t
wcscspn(const wchar_t *string, const wchar_t *reject)
{
	size_t n = 0;

	while (string[n] != 0 && wcschr(reject, string[n]) == NULL)
		n++;
	return n;
}

wchar_t *
wcspbrk(const wchar_t *string, const wchar_t *accept)
{
	string += wcscspn(string, accept);
	return *string != 0 ? (wchar_t *)string : NULL;
}

wchar_t *
wcsstr(const wchar_t *string, const wchar_t *part)
{
	size_t length = wcslen(part);

	for (;; string++) {
		if (wcsncmp(string, part, length) == 0)
			return (wchar_t *)string;
		if (*string == 0)
			return NULL;
	}
}

wchar_t *
wcstok(wchar_t *restrict string, const wchar_t *restrict separators, wchar_t **restrict state)
{
	wchar_t *end;

	if (string == NULL)
		string = *state;
	if (string == NULL)
		return NULL;
	string += wcsspn(string, separators);
	if (*string == 0) {
		*state = NULL;
		return NULL;
	}
	end = string + wcscspn(string, separators);
	*state = *end != 0 ? end + 1 : NULL;
	*end = 0;
	return string;
}
