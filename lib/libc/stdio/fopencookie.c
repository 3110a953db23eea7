/* A stream over functions of the program (GNU fopencookie). */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>

#include "stream.h"

struct cookie {
	void *cookie;
	cookie_io_functions_t functions;
};

/* What moved as many bytes as no buffer has is an error, too. */
static ssize_t
sane(ssize_t moved, size_t size)
{
	if (moved <= (ssize_t)size)
		return moved;
	errno = EIO;
	return -1;
}

/* Without a function: the end of the file. */
static ssize_t
cookie_read(FILE *stream, void *buffer, size_t size)
{
	struct cookie *c = stream->cookie;

	return c->functions.read != NULL ? sane(c->functions.read(c->cookie, buffer, size), size) : 0;
}

/* Without a function: all is thrown away. */
static ssize_t
cookie_write(FILE *stream, const void *buffer, size_t size)
{
	struct cookie *c = stream->cookie;

	return c->functions.write != NULL ? sane(c->functions.write(c->cookie, buffer, size), size) : (ssize_t)size;
}

static off_t
cookie_seek(FILE *stream, off_t offset, int whence)
{
	struct cookie *c = stream->cookie;

	if (c->functions.seek == NULL) {
		errno = ESPIPE;
		return -1;
	}
	return c->functions.seek(c->cookie, &offset, whence) == 0 ? offset : -1;
}

static int
cookie_close(FILE *stream)
{
	struct cookie *c = stream->cookie;
	int result = c->functions.close != NULL ? c->functions.close(c->cookie) : 0;

	free(c);
	return result != 0 ? -1 : 0;
}

static const struct stream_operations operations = { cookie_read, cookie_write, cookie_seek, cookie_close };

FILE *
fopencookie(void *restrict cookie, const char *restrict mode, cookie_io_functions_t functions)
{
	struct cookie *c = malloc(sizeof(*c));
	FILE *stream;

	if (c == NULL)
		return NULL;
	*c = (struct cookie){ cookie, functions };
	stream = __stream_create(mode, &operations, -1, c);
	if (stream == NULL)
		free(c);
	return stream;
}
