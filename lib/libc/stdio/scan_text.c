/* %s, %c and %[ for scanf, into bytes or wide characters, in the caller's memory or in memory from malloc. */
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "scan.h"

struct target {
	char *bytes;			/* NULL: nothing is stored */
	size_t used, room;		/* bytes; room counts for memory that grows */
	bool grows, wide;
};

/* --- which characters belong to a text --- */

/* Where bytes become wide characters, they, too, are taken by characters. */
static bool
by_characters(const struct scan_source *source, const struct scan_spec *spec)
{
	return source->wide || spec->size == 8;
}

static bool
in_set(const struct scan_source *source, const struct scan_spec *spec, wint_t c)
{
	const char *at = spec->set, *end = at + spec->set_length;
	bool characters = by_characters(source, spec);

	while (at < end) {
		wint_t first = __scan_wanted(source, characters, &at, end), last = first;

		if (at + 1 < end && *at == '-') {
			at++;
			last = __scan_wanted(source, characters, &at, end);
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
	return !__scan_is_space(source, c);
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

	if (to->wide)
		return store(to, &wide, sizeof(wide));
	if (source->wide)
		n = wcrtomb(bytes, wide, NULL);
	return n != (size_t)-1 && store(to, bytes, n);
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
	while (good && __scan_take(source, by_characters(source, spec), &left, &item, &bad)) {
		refused = !belongs(source, spec, item.code);
		if (refused) {
			__scan_give_back(source, &item);
			break;
		}
		good = store_item(&to, source, &item);
		count++;
	}
	good &= !bad;
	if (good && count > 0 && spec->conversion != 'c')
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
