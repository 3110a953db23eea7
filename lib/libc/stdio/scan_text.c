/* %s, %c and %[ for scanf, into bytes or wide characters, in the caller's memory or in memory from malloc. */
#include <ctype.h>
#include <errno.h>
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
	mbstate_t state;
};

static bool
in_set(const struct scan_spec *spec, unsigned char c)
{
	const unsigned char *set = (const unsigned char *)spec->set;

	for (size_t i = 0; i < spec->set_length; i++) {
		if (i + 2 < spec->set_length && set[i + 1] == '-') {
			if (set[i] <= c && c <= set[i + 2])
				return !spec->set_inverted;
			i += 2;
		} else if (set[i] == c) {
			return !spec->set_inverted;
		}
	}
	return spec->set_inverted;
}

static bool
belongs(const struct scan_spec *spec, int c)
{
	return spec->conversion == 'c' || (spec->conversion == 's' ? !isspace(c) : in_set(spec, c));
}

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
store_byte(struct target *to, char c)
{
	wchar_t wide;
	size_t n;

	if (!to->wide)
		return store(to, &c, 1);
	n = mbrtowc(&wide, &c, 1, &to->state);
	if (n == (size_t)-2)
		return true;
	return n != (size_t)-1 && store(to, &wide, sizeof(wide));
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
	bool good = target_start(&to, spec, where);
	int c = EOF;

	if (!good)
		return SCAN_ERROR;
	while (good && (c = __scan_get(source, &left)) != EOF) {
		if (!belongs(spec, c)) {
			__scan_unget(source, c);
			break;
		}
		good = store_byte(&to, c);
		count++;
	}
	if (good && spec->conversion != 'c')
		good = store(&to, L"", to.wide ? sizeof(wchar_t) : 1);
	if (!good || count == 0 || (spec->conversion == 'c' && left > 0)) {
		if (to.grows)
			free(to.bytes);
		return !good ? SCAN_ERROR : c == EOF ? SCAN_END : SCAN_NO_MATCH;
	}
	if (to.grows)
		*(char **)where = to.bytes;
	return SCAN_STORED;
}
