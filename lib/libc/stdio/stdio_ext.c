/* Looking at a stream's buffer (<stdio_ext.h>). */
#include <stdio_ext.h>

#include "stream.h"

size_t
__fbufsize(FILE *stream)
{
	return stream->buffering == STREAM_NONE ? 0 : stream->size;
}

size_t
__fpending(FILE *stream)
{
	return stream->writing ? stream->at - stream->buffer : 0;
}

void
__fpurge(FILE *stream)
{
	__stream_lock(stream);
	stream->at = stream->end = stream->buffer;
	__stream_unlock(stream);
}

int
__freadable(FILE *stream)
{
	return stream->readable;
}

int
__fwritable(FILE *stream)
{
	return stream->writable;
}

int
__freading(FILE *stream)
{
	return stream->reading || !stream->writable;
}

int
__fwriting(FILE *stream)
{
	return stream->writing || !stream->readable;
}

int
__flbf(FILE *stream)
{
	return stream->buffering == STREAM_LINE;
}

static int
flush_lines(FILE *stream)
{
	return stream->writing && stream->buffering == STREAM_LINE ? __stream_flush(stream) : 0;
}

void
_flushlbf(void)
{
	__stream_each(flush_lines);
}

size_t
__freadahead(FILE *stream)
{
	return stream->reading ? (size_t)(stream->end - stream->at) : 0;
}

const char *
__freadptr(FILE *stream, size_t *size)
{
	*size = __freadahead(stream);
	return *size > 0 ? (const char *)stream->at : NULL;
}

void
__freadptrinc(FILE *stream, size_t count)
{
	stream->at += count;
}

void
__fseterr(FILE *stream)
{
	stream->error = true;
}

int
__fsetlocking(FILE *stream, int how)
{
	(void)stream;
	(void)how;
	return FSETLOCKING_INTERNAL;
}
