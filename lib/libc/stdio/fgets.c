#include <string.h>

#include "stream.h"

/* NULL: end of file before the first byte, or an error. */
char *
fgets(char *restrict text, int size, FILE *restrict stream)
{
	size_t room = size > 0 ? size - 1 : 0;
	unsigned char *newline = NULL;
	char *to = text;
	bool failed, before;

	if (size <= 0)
		return NULL;
	__stream_lock(stream);
	before = stream->error;
	stream->error = false;
	while (room > 0 && newline == NULL && (stream->at < stream->end || __stream_fill(stream) == 0)) {
		size_t ready = stream->end - stream->at, n = ready < room ? ready : room;

		newline = memchr(stream->at, '\n', n);
		if (newline != NULL)
			n = newline - stream->at + 1;
		memcpy(to, stream->at, n);
		stream->at += n;
		to += n;
		room -= n;
	}
	failed = stream->error || (to == text && size > 1);
	stream->error |= before;
	__stream_unlock(stream);
	if (failed)
		return NULL;
	*to = 0;
	return text;
}
