/* Formatting into memory (C11 7.21.6). */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "format.h"

struct buffer_sink {
	struct format_sink sink;
	char *buffer;
	size_t size;
};

static void
put(struct format_sink *sink, const char *text, size_t length)
{
	struct buffer_sink *b = (struct buffer_sink *)sink;
	size_t room = b->size > sink->total + 1 ? b->size - sink->total - 1 : 0;

	if (room > 0)
		memcpy(b->buffer + sink->total, text, length < room ? length : room);
}

int
vsnprintf(char *restrict buffer, size_t size, const char *restrict format, va_list arguments)
{
	struct buffer_sink b = { { .put = put }, buffer, size };
	int result = __format_to(&b.sink, format, arguments);

	if (size > 0)
		buffer[b.sink.total < size ? b.sink.total : size - 1] = 0;
	return result;
}

int
snprintf(char *restrict buffer, size_t size, const char *restrict format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(buffer, size, format, arguments);
	va_end(arguments);
	return length;
}

int
vsprintf(char *restrict buffer, const char *restrict format, va_list arguments)
{
	return vsnprintf(buffer, INT_MAX, format, arguments);
}

int
sprintf(char *restrict buffer, const char *restrict format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(buffer, INT_MAX, format, arguments);
	va_end(arguments);
	return length;
}
