#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "stream.h"

static int
make_room(char **line, size_t *room, size_t need)
{
	size_t more = *room * 2 > need ? *room * 2 : need < 120 ? 120 : need;
	char *grown;

	if (*line != NULL && *room >= need)
		return 0;
	grown = realloc(*line, more);
	if (grown == NULL)
		return -1;
	*line = grown;
	*room = more;
	return 0;
}

/* POSIX.1-2017 getdelim. Returns the bytes read with the delimiter, or -1. */
ssize_t
getdelim(char **restrict line, size_t *restrict room, int delimiter, FILE *restrict stream)
{
	size_t length = 0, n;
	unsigned char *found = NULL;

	if (line == NULL || room == NULL) {
		errno = EINVAL;
		return -1;
	}
	if (*line == NULL)
		*room = 0;
	__stream_lock(stream);
	while (found == NULL && (stream->at < stream->end || __stream_fill(stream) == 0)) {
		n = stream->end - stream->at;
		found = memchr(stream->at, delimiter, n);
		if (found != NULL)
			n = found - stream->at + 1;
		if (make_room(line, room, length + n + 1) < 0) {
			stream->error = true;
			__stream_unlock(stream);
			return -1;
		}
		memcpy(*line + length, stream->at, n);
		stream->at += n;
		length += n;
	}
	__stream_unlock(stream);
	if (length == 0 || (found == NULL && !stream->eof))
		return -1;
	(*line)[length] = 0;
	return length;
}
