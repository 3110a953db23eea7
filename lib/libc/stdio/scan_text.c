/* %s, %c and %[ for scanf, into bytes or wide characters, in the caller's memory or in memory from malloc. */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

#include "../wchar/utf8.h"
#include "../wchar/wide_format.h"
#include "scan.h"

struct target {
	char *bytes;			/* NULL: nothing is stored */
	size_t used, room;		/* bytes; room counts for memory that grows */
	bool grows, wide;
	mbstate_t state;
};

/* --- which characters belong to a text --- */

/* The set's next member. */
static wint_t
member(const struct scan_source *source, const struct scan_spec *spec, size_t *at)
{
	mbstate_t state = { 0, 0, 0 };
	wchar_t wide;
	size_t n;

	if (!source->wide)
		return (unsigned char)spec->set[(*at)++];
	n = __utf8_decode(&wide, spec->set + *at, spec->set_length - *at, &state, __wide_escapes());
	*at += n <= MB_LEN_MAX ? n : 1;
	return n <= MB_LEN_MAX ? (wint_t)wide : WEOF;
}

static bool
in_set(const struct scan_source *source, const struct scan_spec *spec, wint_t c)
{
	for (size_t at = 0; at < spec->set_length;) {
		wint_t first = member(source, spec, &at), last = first;

		if (at + 1 < spec->set_length && spec->set[at] == '-') {
			at++;
			last = member(source, spec, &at);
		}
		if (first <= c && c <= last)
			return !spec->set_inverted;
	}
	return spec->set_inverted;
}

static bool
belongs(const struct scan_source *source, const struct scan_spec *spec, wint_t c)
{
	if (spec->conversion == 'c')
		return true;
	if (spec->conversion == '[')
		return in_set(source, spec, c);
	return source->wide ? !iswspace(c) : !isspace((int)c);
}

/* --- keeping them --- */

static bool
store(struct target *to, const void *data, size_t size)
{
	if (to->bytes == NULL)
		return true;
	if (to->grows && to->used + size > to->room) {
		char *more = realloc(to->bytes, to->room * 2);

		if (more == NULL)
			return false;
		to->bytes = more;
		to->room *= 2;
	}
	memcpy(to->bytes + to->used, data, size);
	to->used += size;
	return true;
}

static bool
store_item(struct target *to, const struct scan_source *source, const struct scan_item *item)
{
	char bytes[MB_LEN_MAX] = { (char)item->bytes[0] };
	wchar_t wide = (wchar_t)item->code;
	size_t n = 1;

	if (source->wide && !to->wide)
		n = wcrtomb(bytes, wide, &to->state);
	if (!source->wide && to->wide)
		n = mbrtowc(&wide, bytes, 1, &to->state);
	if (n == (size_t)-2)
		return true;
	return n != (size_t)-1 && (to->wide ? store(to, &wide, sizeof(wide)) : store(to, bytes, n));
}

static bool
target_start(struct target *to, const struct scan_spec *spec, void *where)
{
	*to = (struct target){ .bytes = where, .wide = spec->size == 8, .grows = spec->allocate && where != NULL };
	if (!to->grows)
		return true;
	to->room = 64;
	to->bytes = malloc(to->room);
	return to->bytes != NULL;
}

enum scan_result
__scan_text(struct scan_source *source, const struct scan_spec *spec, void *where)
{
	size_t left = spec->width != 0 ? spec->width : spec->conversion == 'c' ? 1 : SIZE_MAX, count = 0;
	struct target to;
	bool good = target_start(&to, spec, where), bad = false, refused = false;
	struct scan_item item;

	if (!good)
		return SCAN_ERROR;
	while (good && __scan_take(source, &left, &item, &bad)) {
		refused = !belongs(source, spec, item.code);
		if (refused) {
			__scan_give_back(source, &item);
			break;
		}
		good = store_item(&to, source, &item);
		count++;
	}
	good &= !bad;
	if (good && spec->conversion != 'c')
		good = store(&to, L"", to.wide ? sizeof(wchar_t) : 1);
	if (!good || count == 0 || (spec->conversion == 'c' && left > 0)) {
		if (to.grows)
			free(to.bytes);
		return !good ? SCAN_ERROR : refused ? SCAN_NO_MATCH : SCAN_END;
	}
	if (to.grows)
		*(char **)where = to.bytes;
	return SCAN_STORED;
}
