/*
 * The printf family's formatting (C11 7.21.6.1 with POSIX's n$), into any sink.
 *
 * A format with n$ is walked twice: first for the types of all arguments, which are then fetched in order, then for
 * its output. Others fetch as they go.
 */
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <wchar.h>

#include "../string/error_text.h"
#include "../wchar/utf8.h"
#include "../wchar/wide_format.h"
#include "format.h"
#include "format_parse.h"

/* Characters of a UTF-8 text. */
static size_t
characters(const char *text, size_t length)
{
	size_t count = 0;

	for (size_t i = 0; i < length; i++)
		count += (text[i] & 0xc0) != 0x80;
	return count;
}

void
__format_put(struct format_sink *sink, const char *text, size_t length)
{
	sink->put(sink, text, length);
	sink->total += sink->wide ? characters(text, length) : length;
}

void
__format_pad(struct format_sink *sink, char with, long count)
{
	static const char spaces[33] = "                                ", zeros[33] = "00000000000000000000000000000000";

	for (; count > 0; count -= 32)
		__format_put(sink, with == '0' ? zeros : spaces, count < 32 ? count : 32);
}

static void
put_text(struct format_sink *sink, const struct format_spec *spec, const char *text, size_t length)
{
	long blanks = spec->width - (long)(sink->wide ? characters(text, length) : length);

	if (!spec->minus)
		__format_pad(sink, ' ', blanks);
	__format_put(sink, text, length);
	if (spec->minus)
		__format_pad(sink, ' ', blanks);
}

static void
put_number(struct format_sink *sink, const struct format_spec *spec, uint64_t value, unsigned base, const char *prefix)
{
	const char *set = spec->conversion == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
	char digits[24];
	int at = sizeof(digits), count;
	long zeros, blanks;

	for (; value != 0; value /= base)
		digits[--at] = set[value % base];
	count = sizeof(digits) - at;
	zeros = (spec->precision < 0 ? 1 : spec->precision) - count;
	if (base == 8 && spec->alternate && zeros <= 0)
		zeros = 1;
	if (zeros < 0)
		zeros = 0;
	blanks = spec->width - (long)strlen(prefix) - zeros - count;
	if (spec->zero && !spec->minus && spec->precision < 0 && blanks > 0) {
		zeros += blanks;
		blanks = 0;
	}
	if (!spec->minus)
		__format_pad(sink, ' ', blanks);
	__format_put(sink, prefix, strlen(prefix));
	__format_pad(sink, '0', zeros);
	__format_put(sink, digits + at, count);
	if (spec->minus)
		__format_pad(sink, ' ', blanks);
}

static void
put_integer(struct format_sink *sink, const struct format_spec *spec, uint64_t value)
{
	int64_t number = spec->size == 1 ? (int8_t)value : spec->size == 2 ? (int16_t)value :
	    spec->size == 4 ? (int32_t)value : (int64_t)value;
	uint64_t natural = spec->size == 8 ? value : value & ((1ul << spec->size * 8) - 1);

	switch (spec->conversion) {
	case 'd': case 'i':
		put_number(sink, spec, number < 0 ? -(uint64_t)number : (uint64_t)number, 10,
		    number < 0 ? "-" : spec->plus ? "+" : spec->space ? " " : "");
		break;
	case 'u':
		put_number(sink, spec, natural, 10, "");
		break;
	case 'o':
		put_number(sink, spec, natural, 8, "");
		break;
	default:
		put_number(sink, spec, natural, 16,
		    !spec->alternate || natural == 0 ? "" : spec->conversion == 'X' ? "0X" : "0x");
	}
}

static void
put_pointer(struct format_sink *sink, struct format_spec *spec, uint64_t value)
{
	if (value == 0) {
		put_text(sink, spec, "(nil)", 5);
		return;
	}
	spec->conversion = 'x';
	spec->size = 8;
	spec->alternate = true;
	put_integer(sink, spec, value);
}

/* Bytes of at most `most` characters of a UTF-8 text; -1 (EILSEQ): one is no character. */
static long
utf8_length(const char *text, size_t most)
{
	mbstate_t state = { 0, 0, 0 };
	long length = 0;

	for (; most > 0 && text[length] != 0; most--) {
		size_t n = __utf8_decode(NULL, text + length, MB_LEN_MAX, &state, false);

		if (n == (size_t)-1) {
			errno = EILSEQ;
			return -1;
		}
		length += n;
	}
	return length;
}

/* A text of bytes of the locale, where they are not UTF-8, as wide characters. */
static void
put_escaped(struct format_sink *sink, const struct format_spec *spec, const char *text, size_t length)
{
	long blanks = spec->width - (long)length;
	char escape[MB_LEN_MAX];

	if (!spec->minus)
		__format_pad(sink, ' ', blanks);
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = text[i];
		size_t n = __utf8_encode(escape, byte < 0x80 ? byte : BYTE_CHARACTER(byte), true);

		__format_put(sink, escape, n);
	}
	if (spec->minus)
		__format_pad(sink, ' ', blanks);
}

static int
put_string(struct format_sink *sink, const struct format_spec *spec, const char *text)
{
	long length;

	if (text == NULL)
		text = spec->precision < 0 || spec->precision >= 6 ? "(null)" : "";
	if (sink->wide && !__wide_escapes())
		length = utf8_length(text, spec->precision < 0 ? SIZE_MAX : (size_t)spec->precision);
	else
		length = spec->precision < 0 ? strlen(text) : strnlen(text, spec->precision);
	if (length < 0)
		return -1;
	if (sink->wide && __wide_escapes())
		put_escaped(sink, spec, text, length);
	else
		put_text(sink, spec, text, length);
	return 0;
}

/* The character for the sink. Returns its bytes, or -1 (EILSEQ). */
static size_t
encode(const struct format_sink *sink, char bytes[static MB_LEN_MAX], wchar_t wide)
{
	size_t n = sink->wide ? __utf8_encode(bytes, wide, __wide_escapes()) : wcrtomb(bytes, wide, NULL);

	if (n == (size_t)-1)
		errno = EILSEQ;
	return n;
}

/* Bytes of wide characters that fit in `most`; -1: one is no character. */
static long
wide_length(const struct format_sink *sink, const wchar_t *text, size_t most)
{
	char bytes[MB_LEN_MAX];
	size_t length = 0, used = 0, n;

	for (; used < most && *text != 0; text++, length += n) {
		n = encode(sink, bytes, *text);
		if (n == (size_t)-1)
			return -1;
		used += sink->wide ? 1 : n;
		if (used > most)
			break;
	}
	return length;
}

static int
put_wide(struct format_sink *sink, const struct format_spec *spec, const wchar_t *text)
{
	size_t most = spec->precision < 0 ? SIZE_MAX : (size_t)spec->precision, count = 0;
	char bytes[MB_LEN_MAX];
	long length, blanks;

	if (text == NULL)
		text = L"(null)";
	length = wide_length(sink, text, most);
	if (length < 0)
		return -1;
	while (sink->wide && count < most && text[count] != 0)
		count++;
	blanks = spec->width - (sink->wide ? (long)count : length);
	if (!spec->minus)
		__format_pad(sink, ' ', blanks);
	while (length > 0) {
		size_t n = encode(sink, bytes, *text++);

		__format_put(sink, bytes, n);
		length -= n;
	}
	if (spec->minus)
		__format_pad(sink, ' ', blanks);
	return 0;
}

static int
put_character(struct format_sink *sink, const struct format_spec *spec, uint64_t value)
{
	wchar_t text[2] = { value, 0 };
	char c = value;

	if (spec->size != 8 && sink->wide && __wide_escapes()) {
		put_escaped(sink, spec, &c, 1);
		return 0;
	}
	if (spec->size != 8 && sink->wide && (c & 0x80) != 0) {
		errno = EILSEQ;			/* no character of its own */
		return -1;
	}
	if (spec->size != 8) {
		put_text(sink, spec, &c, 1);
		return 0;
	}
	if (value != 0)
		return put_wide(sink, &(struct format_spec){ .width = spec->width, .minus = spec->minus,
		    .precision = -1 }, text);
	put_text(sink, spec, "", 1);
	return 0;
}

static void
store_count(const struct format_spec *spec, void *where, size_t count)
{
	switch (spec->size) {
	case 1: *(signed char *)where = count; break;
	case 2: *(short *)where = count; break;
	case 4: *(int *)where = count; break;
	default: *(long *)where = count;
	}
}

static int
convert(struct format_sink *sink, struct format_spec *spec, const union format_argument *argument)
{
	char unknown[ERROR_TEXT_MOST];

	switch (spec->conversion) {
	case 'd': case 'i': case 'u': case 'o': case 'x': case 'X':
		put_integer(sink, spec, argument->integer);
		return 0;
	case 'a': case 'A': case 'e': case 'E': case 'f': case 'F': case 'g': case 'G':
		__format_float(sink, spec, argument->real);
		return 0;
	case 'c':
		return put_character(sink, spec, argument->integer);
	case 's':
		if (spec->size == 8)
			return put_wide(sink, spec, argument->pointer);
		return put_string(sink, spec, argument->pointer);
	case 'p':
		put_pointer(sink, spec, argument->integer);
		return 0;
	case 'n':
		store_count(spec, argument->pointer, sink->total);
		return 0;
	case 'm':
		return put_string(sink, spec, __error_text(argument->integer, unknown));
	case '%':
		__format_put(sink, "%", 1);
		return 0;
	}
	errno = EINVAL;
	return -1;
}

/* Puts the plain text up to the next specification. Returns the place behind its %, or NULL at the end. */
static const char *
put_plain(struct format_sink *sink, const char *format)
{
	const char *percent = format;

	while (*percent != 0 && *percent != '%')
		percent++;
	if (percent > format)
		__format_put(sink, format, percent - format);
	return *percent != 0 ? percent + 1 : NULL;
}

int
__format_to(struct format_sink *sink, const char *format, va_list arguments)
{
	struct format_arguments list;
	int result = 0, error = errno;

	if (__format_arguments_start(&list, format, arguments) < 0)
		return -1;
	while (result == 0 && (format = put_plain(sink, format)) != NULL) {
		struct format_spec spec;
		union format_argument argument = { .integer = error };

		format = __format_parse(format, &spec);
		__format_arguments_resolve(&list, &spec);
		if (spec.conversion != '%' && spec.conversion != 'm')
			__format_arguments_next(&list, &spec, &argument);
		result = convert(sink, &spec, &argument);
	}
	__format_arguments_end(&list);
	if (result == 0 && sink->total > INT_MAX) {
		errno = EOVERFLOW;
		return -1;
	}
	return result == 0 ? (int)sink->total : -1;
}
