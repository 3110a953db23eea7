/*
 * UTF-16 and UTF-32 units from and to UTF-8 (C11 7.28.1). Between two halves of a surrogate pair the state has the other half in __bits, while
 * no bytes are to come (__left is 0).
 */
#include <errno.h>
#include <uchar.h>
#include <wchar.h>

static size_t
invalid(mbstate_t *state)
{
	*state = (mbstate_t){ 0, 0, 0 };
	errno = EILSEQ;
	return (size_t)-1;
}

size_t
mbrtoc16(char16_t *restrict unit, const char *restrict bytes, size_t size, mbstate_t *restrict state)
{
	static _Thread_local mbstate_t own;
	wchar_t wide;
	size_t used;

	if (state == NULL)
		state = &own;
	if (bytes == NULL)
		return mbrtoc16(NULL, "", 1, state);
	if (state->__left == 0 && state->__bits != 0) {
		if (unit != NULL)
			*unit = (char16_t)state->__bits;
		state->__bits = 0;
		return (size_t)-3;
	}
	used = mbrtowc(&wide, bytes, size, state);
	if (used == (size_t)-1 || used == (size_t)-2)
		return used;
	if (wide > 0xffff) {
		state->__bits = 0xdc00 | ((unsigned)wide & 0x3ff);
		wide = 0xd800 + (wide >> 10) - (0x10000 >> 10);
	}
	if (unit != NULL)
		*unit = (char16_t)wide;
	return used;
}

size_t
c16rtomb(char *restrict bytes, char16_t unit, mbstate_t *restrict state)
{
	static _Thread_local mbstate_t own;
	unsigned first;

	if (state == NULL)
		state = &own;
	if (bytes == NULL) {
		*state = (mbstate_t){ 0, 0, 0 };
		return 1;
	}
	first = state->__bits;
	if (first == 0 && unit >= 0xd800 && unit < 0xdc00) {
		state->__bits = unit;
		return 0;
	}
	if (first == 0)
		return wcrtomb(bytes, unit, NULL);
	if (unit < 0xdc00 || unit > 0xdfff)
		return invalid(state);
	state->__bits = 0;
	return wcrtomb(bytes, (wchar_t)(0x10000 + ((first & 0x3ff) << 10 | (unit & 0x3ff))), NULL);
}

size_t
mbrtoc32(char32_t *restrict code, const char *restrict bytes, size_t size, mbstate_t *restrict state)
{
	static _Thread_local mbstate_t own;
	wchar_t wide;
	size_t used = mbrtowc(&wide, bytes, size, state == NULL ? &own : state);

	if (code != NULL && bytes != NULL && used != (size_t)-1 && used != (size_t)-2)
		*code = (char32_t)wide;
	return used;
}

size_t
c32rtomb(char *restrict bytes, char32_t code, mbstate_t *restrict state)
{
	return wcrtomb(bytes, (wchar_t)code, state);
}
