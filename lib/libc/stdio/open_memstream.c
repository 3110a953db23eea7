/*
 * A stream that grows a text (POSIX.1-2017 open_memstream, open_wmemstream); *text and *size are right after fflush and fclose.
 *
 * Sizes and positions count units: bytes, or wide characters. The stream of these has no buffer, which would hold parts of them.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "stream.h"

struct text {
	void **where;
	size_t *size;
	char *bytes;
	size_t unit;			/* bytes */
	size_t room, used, position;
};

static int
grow(struct text *t, size_t need)
{
	size_t room = t->room * 2 > need ? t->room * 2 : need;
	char *more;

	if (need <= t->room)
		return 0;
	more = reallocarray(t->bytes, room, t->unit);
	if (more == NULL)
		return -1;
	memset(more + t->room * t->unit, 0, (room - t->room) * t->unit);
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
	size_t count = size / t->unit;

	if (count * t->unit != size) {
		errno = EINVAL;
		return -1;
	}
	if (grow(t, t->position + count + 1) < 0)
		return -1;
	memcpy(t->bytes + t->position * t->unit, buffer, size);
	t->position += count;
	if (t->position > t->used) {
		t->used = t->position;
		memset(t->bytes + t->used * t->unit, 0, t->unit);
	}
	publish(t);
	return (ssize_t)size;
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

static FILE *
create(void **text, size_t *size, size_t unit)
{
	struct text *t = calloc(1, sizeof(*t));
	FILE *stream;

	if (t == NULL)
		return NULL;
	*t = (struct text){ .where = text, .size = size, .unit = unit };
	stream = grow(t, 64) == 0 ? __stream_create("w", &operations, -1, t) : NULL;
	if (stream == NULL) {
		free(t->bytes);
		free(t);
		return NULL;
	}
	publish(t);
	return stream;
}

FILE *
open_memstream(char **text, size_t *size)
{
	return create((void **)text, size, sizeof(char));
}

FILE *
open_wmemstream(wchar_t **text, size_t *size)
{
	FILE *stream = create((void **)text, size, sizeof(wchar_t));

	if (stream != NULL) {
		stream->whole_wide = true;
		stream->wide = 1;
		stream->buffering = STREAM_NONE;
	}
	return stream;
}
