/* The directives of a scanf format. See scan.h. */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wctype.h>

#include "../wchar/utf8.h"
#include "../wchar/wide_format.h"
#include "scan.h"

int
__scan_get(struct scan_source *source, size_t *left)
{
	bool within = source->rest > 0;
	int c;

	if (*left == 0 && !within)
		return EOF;
	c = source->get(source);
	if (c == EOF)
		return EOF;
	if (source->wide)
		source->rest = within ? source->rest - 1 : c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;
	source->count += !within;
	*left -= !within;
	return c;
}

/* A character of the source, or of the format: of the locale, or UTF-8 where the source is wide. As mbrtowc. */
static size_t
decode(const struct scan_source *source, wchar_t *wide, const char *bytes, size_t size, mbstate_t *state)
{
	return source->wide ? __utf8_decode(wide, bytes, size, state, __wide_escapes()) : mbrtowc(wide, bytes, size, state);
}

wint_t
__scan_wanted(const struct scan_source *source, bool characters, const char **at, const char *end)
{
	mbstate_t state = { 0, 0, 0 };
	wchar_t wide;
	size_t n;

	if (!characters)
		return (unsigned char)*(*at)++;
	n = decode(source, &wide, *at, (size_t)(end - *at), &state);
	*at += n <= MB_LEN_MAX ? n : 1;
	return n <= MB_LEN_MAX ? (wint_t)wide : WEOF;
}

void
__scan_unget(struct scan_source *source, int c)
{
	if (c == EOF)
		return;
	source->unget(source, c);
	source->count--;
	source->rest = 0;
}

bool
__scan_take(struct scan_source *source, bool characters, size_t *left, struct scan_item *item, bool *bad)
{
	mbstate_t state = { 0, 0, 0 };
	size_t n = (size_t)-2, whole = MB_LEN_MAX;
	wchar_t wide;
	int c = EOF;

	*bad = false;
	for (item->length = 0; n == (size_t)-2; item->length++) {
		c = __scan_get(source, item->length == 0 ? left : &whole);
		if (c == EOF)
			break;
		item->bytes[item->length] = (unsigned char)c;
		item->code = (wint_t)c;
		n = characters ? decode(source, &wide, &(char){ (char)c }, 1, &state) : 1;
	}
	*bad = n == (size_t)-1 || (c == EOF && item->length > 0);
	if (*bad)
		errno = EILSEQ;
	if (*bad || c == EOF)
		return false;
	if (characters)
		item->code = (wint_t)wide;
	return true;
}

void
__scan_give_back(struct scan_source *source, const struct scan_item *item)
{
	for (int i = item->length; i > 0;)
		source->unget(source, item->bytes[--i]);
	source->count -= source->wide ? 1 : (size_t)item->length;
	source->rest = 0;
}

bool
__scan_is_space(const struct scan_source *source, wint_t code)
{
	return source->wide ? iswspace(code) : code < 0x100 && isspace((int)code);
}

/* Returns false at the end of the input. */
static bool
skip_space(struct scan_source *source)
{
	size_t left = SIZE_MAX;
	struct scan_item item;
	bool bad;

	while (__scan_take(source, source->wide, &left, &item, &bad))
		if (!__scan_is_space(source, item.code)) {
			__scan_give_back(source, &item);
			return true;
		}
	return false;
}

static const char *
parse_size(const char *f, int *size)
{
	switch (*f) {
	case 'h':
		*size = f[1] == 'h' ? 1 : 2;
		return f + *size % 2 + 1;
	case 'l':
		*size = 8;
		return f + (f[1] == 'l' ? 2 : 1);
	case 'q': case 'j': case 'z': case 't':
		*size = 8;
		return f + 1;
	case 'L':
		*size = 16;
		return f + 1;
	}
	return f;
}

/* A ']' that stands first is a member. Returns the place behind the set's end. */
static const char *
parse_set(const char *f, struct scan_spec *spec)
{
	spec->set_inverted = *f == '^';
	f += spec->set_inverted;
	spec->set = f;
	for (f += *f == ']'; *f != 0 && *f != ']';)
		f++;
	spec->set_length = f - spec->set;
	return *f != 0 ? f + 1 : f;
}

static const char *
parse_spec(const char *f, struct scan_spec *spec)
{
	size_t number = 0;

	*spec = (struct scan_spec){ .size = 4 };
	for (const char *digit = f; isdigit((unsigned char)*digit); digit++) {
		number = number * 10 + (*digit - '0');
		if (digit[1] == '$') {
			spec->argument = number;
			f = digit + 2;
		}
	}
	if (*f == '*') {
		spec->suppress = true;
		f++;
	}
	for (; isdigit((unsigned char)*f); f++)
		spec->width = spec->width * 10 + (*f - '0');
	if (*f == 'm') {
		spec->allocate = true;
		f++;
	}
	f = parse_size(f, &spec->size);
	spec->conversion = *f;
	if (*f == 'C' || *f == 'S') {
		spec->conversion |= 32;
		spec->size = 8;
	}
	if (*f == '[')
		return parse_set(f + 1, spec);
	return *f != 0 ? f + 1 : f;
}

static void
store_count(const struct scan_spec *spec, void *where, size_t count)
{
	switch (spec->size) {
	case 1: *(signed char *)where = count; break;
	case 2: *(short *)where = count; break;
	case 4: *(int *)where = count; break;
	default: *(long *)where = count;
	}
}

static enum scan_result
directive(struct scan_source *source, const struct scan_spec *spec, void *where)
{
	if (strchr("[cCn", spec->conversion) == NULL && !skip_space(source))
		return SCAN_END;
	switch (spec->conversion) {
	case 'd': case 'i': case 'u': case 'o': case 'x': case 'X': case 'p':
		return __scan_integer(source, spec, where);
	case 'a': case 'A': case 'e': case 'E': case 'f': case 'F': case 'g': case 'G':
		return __scan_float(source, spec, where);
	case 's': case 'c': case '[':
		return __scan_text(source, spec, where);
	}
	errno = EINVAL;
	return SCAN_ERROR;
}

/* The n-th pointer of the arguments; all are pointers. */
static void *
numbered(va_list arguments, int number)
{
	va_list copy;
	void *where = NULL;

	va_copy(copy, arguments);
	while (number-- > 0)
		where = va_arg(copy, void *);
	va_end(copy);
	return where;
}

/* White space in the format, or a character that must come. Moves the format behind it. */
static enum scan_result
ordinary(struct scan_source *source, const char **format)
{
	wint_t wanted = __scan_wanted(source, source->wide, format, *format + strnlen(*format, MB_LEN_MAX));
	struct scan_item item;
	size_t left = 1;
	bool bad;

	if (__scan_is_space(source, wanted)) {
		skip_space(source);
		return SCAN_STORED;
	}
	if (!__scan_take(source, source->wide, &left, &item, &bad))
		return bad ? SCAN_ERROR : SCAN_END;
	if (item.code == wanted)
		return SCAN_STORED;
	__scan_give_back(source, &item);
	return SCAN_NO_MATCH;
}

int
__scan_from(struct scan_source *source, const char *format, va_list arguments)
{
	enum scan_result result = SCAN_STORED;
	int stored = 0;
	va_list next;

	va_copy(next, arguments);
	while (*format != 0 && result == SCAN_STORED) {
		struct scan_spec spec;
		void *where = NULL;

		if (*format != '%') {
			result = ordinary(source, &format);
			continue;
		}
		format = parse_spec(format + 1, &spec);
		if (spec.conversion == '%') {
			skip_space(source);
			result = ordinary(source, &(const char *){ "%" });
			continue;
		}
		if (!spec.suppress)
			where = spec.argument != 0 ? numbered(arguments, spec.argument) : va_arg(next, void *);
		if (spec.conversion == 'n') {
			if (where != NULL)
				store_count(&spec, where, source->count);
			continue;
		}
		result = directive(source, &spec, where);
		stored += result == SCAN_STORED && !spec.suppress;
	}
	va_end(next);
	return stored == 0 && (result == SCAN_END || result == SCAN_ERROR) ? EOF : stored;
}
