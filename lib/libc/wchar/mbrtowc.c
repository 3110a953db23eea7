/* One character from UTF-8 bytes, which may come piece by piece (C11 7.29.6.3; RFC 3629). */
#include <errno.h>
#include <wchar.h>

static int
begin(unsigned char byte, mbstate_t *state)
{
	if (byte >= 0xc2 && byte < 0xe0)
		*state = (mbstate_t){ byte & 0x1f, 1, 0x80 };
	else if (byte >= 0xe0 && byte < 0xf0)
		*state = (mbstate_t){ byte & 0x0f, 2, 0x800 };
	else if (byte >= 0xf0 && byte < 0xf5)
		*state = (mbstate_t){ byte & 0x07, 3, 0x10000 };
	else
		return -1;
	return 0;
}

/* One more byte. Returns -1 when it cannot be: no continuation, an overlong form, a surrogate, above 0x10ffff. */
static int
go_on(unsigned char byte, mbstate_t *state)
{
	unsigned bits = state->__bits << 6 | (byte & 0x3f), shift = 6 * (state->__left - 1);

	if ((byte & 0xc0) != 0x80)
		return -1;
	if ((bits << shift | ((1u << shift) - 1)) < state->__least || bits << shift > 0x10ffff ||
	    (state->__least == 0x800 && (bits << shift) >= 0xd800 && (bits << shift) <= 0xdfff))
		return -1;
	state->__bits = bits;
	state->__left--;
	return 0;
}

static size_t
invalid(mbstate_t *state)
{
	*state = (mbstate_t){ 0, 0, 0 };
	errno = EILSEQ;
	return (size_t)-1;
}

size_t
mbrtowc(wchar_t *restrict wide, const char *restrict bytes, size_t size, mbstate_t *restrict state)
{
	static _Thread_local mbstate_t own;
	size_t used = 0;

	if (state == NULL)
		state = &own;
	if (bytes == NULL)
		return mbrtowc(NULL, "", 1, state);
	if (size == 0)
		return (size_t)-2;
	if (state->__left == 0) {
		unsigned char first = *bytes;

		if (first < 0x80) {
			if (wide != NULL)
				*wide = first;
			return first != 0;
		}
		if (begin(first, state) < 0)
			return invalid(state);
		used = 1;
	}
	while (state->__left > 0) {
		if (used == size)
			return (size_t)-2;
		if (go_on(bytes[used], state) < 0)
			return invalid(state);
		used++;
	}
	if (wide != NULL)
		*wide = state->__bits;
	*state = (mbstate_t){ 0, 0, 0 };
	return used;
}
