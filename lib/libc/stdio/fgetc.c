/* Reading characters (C11 7.21.7). */
#include "stream.h"

int
fgetc(FILE *stream)
{
	int c;

	__stream_lock(stream);
	c = stream_get(stream);
	__stream_unlock(stream);
	return c;
}

int
getc(FILE *stream)
{
	return fgetc(stream);
}

int
getchar(void)
{
	return fgetc(stdin);
}

int
ungetc(int c, FILE *stream)
{
	__stream_lock(stream);
	if (c == EOF || __stream_to_read(stream) == EOF || stream->at == stream->buffer - PUSHBACK) {
		__stream_unlock(stream);
		return EOF;
	}
	if (stream->at == stream->end)
		stream->at = stream->end = stream->buffer;
	*--stream->at = c;
	stream->eof = false;
	__stream_unlock(stream);
	return (unsigned char)c;
}
