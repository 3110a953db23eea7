/*
 * Numbers for scanf: the longest beginning of the input that could become a number is taken, at most one byte is
 * given back; what was taken must then be a number (C11 7.21.6.2, paragraph 9).
 */
#include <ctype.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../float/number.h"
#include "scan.h"

struct item {
	char *text;
	size_t used, room;
	char small[128];
};

static bool
append(struct item *item, int c)
{
	if (item->used + 1 >= item->room) {
		char *more = realloc(item->text == item->small ? NULL : item->text, item->room * 2);

		if (more == NULL)
			return false;
		if (item->text == item->small)
			memcpy(more, item->small, item->used);
		item->text = more;
		item->room *= 2;
	}
	item->text[item->used++] = c;
	item->text[item->used] = 0;
	return true;
}

static void
item_start(struct item *item)
{
	item->text = item->small;
	item->used = 0;
	item->room = sizeof(item->small);
	item->text[0] = 0;
}

static void
item_end(struct item *item)
{
	if (item->text != item->small)
		free(item->text);
}

/* Takes the next byte if it is one of `set`, in any case. */
static bool
take(struct scan_source *source, size_t *left, struct item *item, const char *set)
{
	int c = __scan_get(source, left);

	if (c != EOF && strchr(set, tolower(c)) != NULL && c != 0 && append(item, c))
		return true;
	if (c != EOF)
		++*left;
	__scan_unget(source, c);
	return false;
}

/* Returns whether there were any. */
static bool
take_digits(struct scan_source *source, size_t *left, struct item *item, const char *digits)
{
	size_t before = item->used;

	while (take(source, left, item, digits))
		continue;
	return item->used > before;
}

static int
integer_base(char conversion)
{
	switch (conversion) {
	case 'i': return 0;
	case 'o': return 8;
	case 'x': case 'X': case 'p': return 16;
	}
	return 10;
}

static void
take_integer(struct scan_source *source, size_t *left, struct item *item, int base)
{
	take(source, left, item, "+-");
	if (base == 0 || base == 16) {
		if (take(source, left, item, "0")) {
			if (take(source, left, item, "x"))
				base = 16;
			else if (base == 0)
				base = 8;
		} else if (base == 0) {
			base = 10;
		}
	}
	take_digits(source, left, item, base == 16 ? "0123456789abcdef" : base == 8 ? "01234567" : "0123456789");
}

static void
store_integer(const struct scan_spec *spec, void *where, unsigned long value)
{
	switch (spec->conversion == 'p' ? 8 : spec->size) {
	case 1: *(unsigned char *)where = value; break;
	case 2: *(unsigned short *)where = value; break;
	case 4: *(unsigned *)where = value; break;
	default: *(unsigned long *)where = value;
	}
}

/* The rest of a word of which the first letter came. Returns whether all of it came. */
static bool
take_word(struct scan_source *source, size_t *left, struct item *item, const char *rest)
{
	for (; *rest != 0; rest++)
		if (!take(source, left, item, (char[]){ *rest, 0 }))
			return false;
	return true;
}

/* The integer of an item, or false. */
static bool
integer_of(const struct item *item, char conversion, unsigned long *value)
{
	int base = integer_base(conversion);
	char *end;

	if (conversion == 'd' || conversion == 'i')
		*value = (unsigned long)strtol(item->text, &end, base);
	else
		*value = strtoul(item->text, &end, base);
	return end != item->text && *end == 0;
}

enum scan_result
__scan_integer(struct scan_source *source, const struct scan_spec *spec, void *where)
{
	size_t left = spec->width != 0 ? spec->width : SIZE_MAX;
	struct item item;
	unsigned long value = 0;
	bool whole;

	item_start(&item);
	if (spec->conversion == 'p' && take(source, &left, &item, "(")) {
		whole = take_word(source, &left, &item, "nil)");	/* as printf writes NULL */
	} else {
		take_integer(source, &left, &item, integer_base(spec->conversion));
		whole = integer_of(&item, spec->conversion, &value);
	}
	item_end(&item);
	if (!whole)
		return SCAN_NO_MATCH;
	if (where != NULL)
		store_integer(spec, where, value);
	return SCAN_STORED;
}

/* "nan", or "nan(" digits, letters and '_' ")", of which the first letter came. */
static void
take_nan(struct scan_source *source, size_t *left, struct item *item)
{
	if (take_word(source, left, item, "an") && take(source, left, item, "(")) {
		take_digits(source, left, item, "0123456789abcdefghijklmnopqrstuvwxyz_");
		take(source, left, item, ")");
	}
}

static void
take_float(struct scan_source *source, size_t *left, struct item *item)
{
	const char *digits = "0123456789", *letter = "e";
	bool some;

	take(source, left, item, "+-");
	if (take(source, left, item, "i")) {
		if (take_word(source, left, item, "nf"))
			take_word(source, left, item, "inity");
		return;
	}
	if (take(source, left, item, "n")) {
		take_nan(source, left, item);
		return;
	}
	some = take(source, left, item, "0");
	if (some && take(source, left, item, "x")) {
		digits = "0123456789abcdef";
		letter = "p";
		some = false;
	}
	some |= take_digits(source, left, item, digits);
	if (take(source, left, item, "."))
		some |= take_digits(source, left, item, digits);
	if (some && take(source, left, item, letter)) {
		take(source, left, item, "+-");
		take_digits(source, left, item, "0123456789");
	}
}

enum scan_result
__scan_float(struct scan_source *source, const struct scan_spec *spec, void *where)
{
	size_t left = spec->width != 0 ? spec->width : SIZE_MAX;
	struct float_format format = spec->size == 16 ? LONG_DOUBLE_FORMAT : spec->size == 8 ? DOUBLE_FORMAT : FLOAT_FORMAT;
	struct item item;
	long double value;
	char *end;
	bool whole;

	item_start(&item);
	take_float(source, &left, &item);
	value = __number_parse(item.text, &end, format);
	whole = end != item.text && *end == 0;
	item_end(&item);
	if (!whole)
		return SCAN_NO_MATCH;
	if (where != NULL && spec->size == 16)
		*(long double *)where = value;
	else if (where != NULL && spec->size == 8)
		*(double *)where = value;
	else if (where != NULL)
		*(float *)where = value;
	return SCAN_STORED;
}
