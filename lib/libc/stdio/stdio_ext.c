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
