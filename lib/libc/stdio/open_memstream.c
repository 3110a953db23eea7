/* A stream that grows a text (POSIX.1-2017 open_memstream); *text and *size are right after fflush and fclose. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "stream.h"

struct text {
	char **where;
	size_t *size;
	char *bytes;
	size_t room, used, position;
};

static int
grow(struct text *t, size_t need)
{
	size_t room = t->room * 2 > need ? t->room * 2 : need;
	char *more;

	if (need <= t->room)
		return 0;
	more = realloc(t->bytes, room);
	if (more == NULL)
		return -1;
	memset(more + t->room, 0, room - t->room);
	t->bytes = more;
	t->room = room;
	return 0;
}

static void
publish(struct text *t)
{
	*t->where = t->bytes;
	*t->size = t->position < t->used ? t->position : t->used;
}

static ssize_t
text_write(FILE *stream, const void *buffer, size_t size)
{
	struct text *t = stream->cookie;

	if (grow(t, t->position + size + 1) < 0)
		return -1;
	memcpy(t->bytes + t->position, buffer, size);
	t->position += size;
	if (t->position > t->used) {
		t->used = t->position;
		t->bytes[t->used] = 0;
	}
	publish(t);
	return size;
}

static off_t
text_seek(FILE *stream, off_t offset, int whence)
{
	struct text *t = stream->cookie;
	off_t to = offset + (whence == SEEK_SET ? 0 : whence == SEEK_CUR ? (off_t)t->position : (off_t)t->used);

	if (to < 0) {
		errno = EINVAL;
		return -1;
	}
	t->position = to;
	publish(t);
	return to;
}

static int
text_close(FILE *stream)
{
	free(stream->cookie);
	return 0;
}

static const struct stream_operations operations = { NULL, text_write, text_seek, text_close };

FILE *
open_memstream(char **text, size_t *size)
{
	struct text *t = calloc(1, sizeof(*t));
	FILE *stream;

	if (t == NULL)
		return NULL;
	t->where = text;
	t->size = size;
	stream = grow(t, 64) == 0 ? __stream_create("w", &operations, -1, t) : NULL;
	if (stream == NULL) {
		free(t->bytes);
		free(t);
		return NULL;
	}
	publish(t);
	return stream;
}
