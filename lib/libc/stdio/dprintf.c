#include <unistd.h>

#include "format.h"
#include "stream.h"

struct fd_sink {
	struct format_sink sink;
	int fd;
	bool failed;
	size_t used;
	char buffer[512];
};

static void
flush(struct fd_sink *s)
{
	size_t done = 0;

	while (done < s->used && !s->failed) {
		ssize_t n = write(s->fd, s->buffer + done, s->used - done);

		s->failed = n <= 0;
		done += n > 0 ? n : 0;
	}
	s->used = 0;
}

static void
put(struct format_sink *sink, const char *text, size_t length)
{
	struct fd_sink *s = (struct fd_sink *)sink;

	for (; length > 0; length--) {
		s->buffer[s->used++] = *text++;
		if (s->used == sizeof(s->buffer))
			flush(s);
	}
}

int
vdprintf(int fd, const char *restrict format, va_list arguments)
{
	struct fd_sink s = { .sink = { .put = put }, .fd = fd };
	int length = __format_to(&s.sink, format, arguments);

	flush(&s);
	return s.failed ? -1 : length;
}

int
dprintf(int fd, const char *restrict format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vdprintf(fd, format, arguments);
	va_end(arguments);
	return length;
}
