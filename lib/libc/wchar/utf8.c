/* See utf8.h. */
#include "utf8.h"

/* --- decoding: bytes may come piece by piece --- */

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

/* Whether a character that begins so, and has `shift` bits to come, may be. */
static bool
may_be(unsigned code, unsigned least, unsigned shift, bool escapes)
{
	unsigned last = code | ((1u << shift) - 1);

	if (last < least || code > 0x10ffff)
		return false;
	return code < 0xd800 || code > 0xdfff || (escapes && last >= BYTE_CHARACTER(0x80) && code <= BYTE_CHARACTER(0xff));
}

/* One more byte. Returns -1 when it cannot be: no continuation, an overlong form, a surrogate, above 0x10ffff. */
static int
go_on(unsigned char byte, mbstate_t *state, bool escapes)
{
	unsigned bits = state->__bits << 6 | (byte & 0x3f), shift = 6 * (state->__left - 1);

	if ((byte & 0xc0) != 0x80)
		return -1;
	if (!may_be(bits << shift, state->__least, shift, escapes))
		return -1;
	state->__bits = bits;
	state->__left--;
	return 0;
}

static size_t
invalid(mbstate_t *state)
{
	*state = (mbstate_t){ 0, 0, 0 };
	return (size_t)-1;
}

size_t
__utf8_decode(wchar_t *wide, const char *bytes, size_t size, mbstate_t *state, bool escapes)
{
	size_t used = 0;

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
		if (go_on(bytes[used], state, escapes) < 0)
			return invalid(state);
		used++;
	}
	if (wide != NULL)
		*wide = state->__bits;
	*state = (mbstate_t){ 0, 0, 0 };
	return used;
}

/* --- encoding --- */

size_t
__utf8_encode(char *bytes, wchar_t wide, bool escapes)
{
	unsigned code = wide;

	if (code < 0x80) {
		bytes[0] = code;
		return 1;
	}
	if (code < 0x800) {
		bytes[0] = 0xc0 | code >> 6;
		bytes[1] = 0x80 | (code & 0x3f);
		return 2;
	}
	if (!may_be(code, 0x800, 0, escapes))
		return (size_t)-1;
	if (code < 0x10000) {
		bytes[0] = 0xe0 | code >> 12;
		bytes[1] = 0x80 | (code >> 6 & 0x3f);
		bytes[2] = 0x80 | (code & 0x3f);
		return 3;
	}
	bytes[0] = 0xf0 | code >> 18;
	bytes[1] = 0x80 | (code >> 12 & 0x3f);
	bytes[2] = 0x80 | (code >> 6 & 0x3f);
	bytes[3] = 0x80 | (code & 0x3f);
	return 4;
}
