/* A stream over memory (POSIX.1-2017 fmemopen). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "stream.h"

struct memory {
	char *bytes;
	size_t room, size, position;	/* size: bytes that count as the file */
	bool own;
};

static ssize_t
memory_read(FILE *stream, void *buffer, size_t size)
{
	struct memory *m = stream->cookie;
	size_t left = m->position < m->size ? m->size - m->position : 0, n = size < left ? size : left;

	memcpy(buffer, m->bytes + m->position, n);
	m->position += n;
	return n;
}

/* A 0 follows what was written where there is room. */
static ssize_t
memory_write(FILE *stream, const void *buffer, size_t size)
{
	struct memory *m = stream->cookie;
	size_t left, n;

	if (stream->append)
		m->position = m->size;
	left = m->position < m->room ? m->room - m->position : 0;
	n = size < left ? size : left;
	if (n == 0) {
		errno = ENOSPC;
		return -1;
	}
	memcpy(m->bytes + m->position, buffer, n);
	m->position += n;
	if (m->position > m->size)
		m->size = m->position;
	if (m->size < m->room)
		m->bytes[m->size] = 0;
	else if (!stream->readable)
		m->bytes[m->room - 1] = 0;
	return n;
}

static off_t
memory_seek(FILE *stream, off_t offset, int whence)
{
	struct memory *m = stream->cookie;
	off_t to = offset + (whence == SEEK_SET ? 0 : whence == SEEK_CUR ? (off_t)m->position : (off_t)m->size);

	if (to < 0 || to > (off_t)m->room) {
		errno = EINVAL;
		return -1;
	}
	m->position = to;
	return to;
}

static int
memory_close(FILE *stream)
{
	struct memory *m = stream->cookie;

	if (m->own)
		free(m->bytes);
	free(m);
	return 0;
}

static const struct stream_operations operations = { memory_read, memory_write, memory_seek, memory_close };

FILE *
fmemopen(void *restrict memory, size_t size, const char *restrict mode)
{
	struct memory *m = malloc(sizeof(*m));
	FILE *stream;

	if (m == NULL)
		return NULL;
	*m = (struct memory){ memory, size, 0, 0, memory == NULL };
	if (m->own)
		m->bytes = calloc(1, size + 1);
	stream = m->bytes != NULL ? __stream_create(mode, &operations, -1, m) : NULL;
	if (stream == NULL) {
		if (m->own)
			free(m->bytes);
		free(m);
		return NULL;
	}
	if (*mode == 'r' && !m->own)
		m->size = size;
	else if (*mode == 'a')
		m->size = m->position = strnlen(m->bytes, size);
	else if (*mode == 'w' && size > 0)
		m->bytes[0] = 0;
	return stream;
}
