/* Strings between the bytes of the locale and wide characters (C11 7.29.6, 7.22.7, 7.22.8). */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

int
mbsinit(const mbstate_t *state)
{
	return state == NULL || (state->__left == 0 && state->__bits == 0);
}

size_t
mbrlen(const char *restrict bytes, size_t size, mbstate_t *restrict state)
{
	static _Thread_local mbstate_t own;

	return mbrtowc(NULL, bytes, size, state != NULL ? state : &own);
}

size_t
mbsnrtowcs(wchar_t *restrict wide, const char **restrict bytes, size_t size, size_t count, mbstate_t *restrict state)
{
	static _Thread_local mbstate_t own;
	mbstate_t *at_state = state != NULL ? state : &own, copy = *at_state;
	const char *at = *bytes;
	size_t done = 0, n = 0;

	if (wide == NULL)
		at_state = &copy;
	while (size > 0 && (wide == NULL || done < count)) {
		wchar_t c;

		n = mbrtowc(&c, at, size, at_state);
		if (n == (size_t)-1)
			break;
		if (n == (size_t)-2) {
			at += size;
			break;
		}
		if (wide != NULL)
			wide[done] = c;
		if (c == 0) {
			at = NULL;
			break;
		}
		done++;
		at += n;
		size -= n;
	}
	if (wide != NULL)
		*bytes = at;
	return n != (size_t)-1 ? done : n;
}

size_t
mbsrtowcs(wchar_t *restrict wide, const char **restrict bytes, size_t count, mbstate_t *restrict state)
{
	return mbsnrtowcs(wide, bytes, strlen(*bytes) + 1, count, state);
}

size_t
wcsnrtombs(char *restrict bytes, const wchar_t **restrict wide, size_t count, size_t size, mbstate_t *restrict state)
{
	const wchar_t *at = *wide;
	char one[MB_LEN_MAX];
	size_t done = 0, n = 0;

	for (; count > 0 && (bytes == NULL || done < size); count--, at++) {
		n = wcrtomb(one, *at, state);
		if (n == (size_t)-1)
			break;
		if (bytes != NULL && done + n > size)
			break;
		if (bytes != NULL)
			memcpy(bytes + done, one, n);
		if (*at == 0) {
			at = NULL;
			break;
		}
		done += n;
	}
	if (bytes != NULL)
		*wide = at;
	return n != (size_t)-1 ? done : n;
}

size_t
wcsrtombs(char *restrict bytes, const wchar_t **restrict wide, size_t size, mbstate_t *restrict state)
{
	return wcsnrtombs(bytes, wide, (size_t)-1, size, state);
}

int
mbtowc(wchar_t *restrict wide, const char *restrict bytes, size_t size)
{
	mbstate_t state = { 0, 0, 0 };
	size_t n;

	if (bytes == NULL)
		return 0;
	n = mbrtowc(wide, bytes, size, &state);
	return n >= (size_t)-2 ? -1 : (int)n;
}

int
mblen(const char *bytes, size_t size)
{
	return mbtowc(NULL, bytes, size);
}

int
wctomb(char *bytes, wchar_t wide)
{
	return bytes == NULL ? 0 : (int)wcrtomb(bytes, wide, NULL);
}

size_t
mbstowcs(wchar_t *restrict wide, const char *restrict bytes, size_t count)
{
	mbstate_t state = { 0, 0, 0 };
	const char *at = bytes;

	return mbsrtowcs(wide, &at, count, &state);
}

size_t
wcstombs(char *restrict bytes, const wchar_t *restrict wide, size_t size)
{
	const wchar_t *at = wide;

	return wcsrtombs(bytes, &at, size, NULL);
}
