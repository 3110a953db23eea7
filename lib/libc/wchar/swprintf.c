/* Formatting into wide characters (C11 7.29.2.3). */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "../stdio/format.h"
#include "utf8.h"
#include "wide_format.h"

struct wide_sink {
	struct format_sink sink;
	wchar_t *buffer;
	size_t size, used;
	mbstate_t state;
	bool escapes, failed;
};

static void
put(struct format_sink *sink, const char *text, size_t length)
{
	struct wide_sink *s = (struct wide_sink *)sink;
	wchar_t wide;

	for (size_t i = 0; i < length; i++) {
		size_t n = __utf8_decode(&wide, text + i, 1, &s->state, s->escapes);

		if (n == (size_t)-1)
			s->failed = true;
		if (n == (size_t)-2 || n == (size_t)-1)
			continue;
		if (s->used + 1 < s->size)
			s->buffer[s->used] = wide;
		s->used++;
	}
}

/* Unlike vsnprintf, it fails when there is not room for all (EOVERFLOW). */
int
vswprintf(wchar_t *restrict buffer, size_t size, const wchar_t *restrict format, va_list arguments)
{
	struct wide_sink s = { .sink = { .put = put, .wide = true }, .buffer = buffer, .size = size, .escapes = __wide_escapes() };
	char *bytes = __wide_to_bytes(format);
	int length;

	if (bytes == NULL)
		return -1;
	length = __format_to(&s.sink, bytes, arguments);
	free(bytes);
	if (size > 0)
		buffer[s.used < size ? s.used : size - 1] = 0;
	if (s.failed || (length >= 0 && s.used >= size)) {
		errno = s.failed ? EILSEQ : EOVERFLOW;
		return -1;
	}
	return length;
}

int
swprintf(wchar_t *restrict buffer, size_t size, const wchar_t *restrict format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vswprintf(buffer, size, format, arguments);
	va_end(arguments);
	return length;
}
