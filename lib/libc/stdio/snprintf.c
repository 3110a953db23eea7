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

	memcpy(b->buffer + (room != 0 ? sink->total : 0), text, length < room ? length : room);
}

int
vsnprintf(char *restrict buffer, size_t size, const char *restrict format, va_list arguments)
{
	struct buffer_sink b = { { put, 0 }, buffer, size };
	size_t length = format_to(&b.sink, format, arguments);

	if (size > 0)
		buffer[length < size ? length : size - 1] = 0;
	return length;
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
