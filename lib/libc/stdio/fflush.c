/* Writing out, buffers, states (C11 7.21.5, 7.21.10). */
#include "stream.h"

static int
flush_output(FILE *stream)
{
	return stream->writing ? __stream_flush(stream) : 0;
}

int
fflush(FILE *stream)
{
	int result;

	if (stream == NULL)
		return __stream_each(flush_output);
	__stream_lock(stream);
	result = __stream_flush(stream);
	__stream_unlock(stream);
	return result;
}

int
setvbuf(FILE *restrict stream, char *restrict buffer, int mode, size_t size)
{
	if ((mode != _IOFBF && mode != _IOLBF && mode != _IONBF) || (stream->whole_wide && mode != _IONBF))
		return -1;
	__stream_lock(stream);
	__stream_flush(stream);
	if (stream->writing)
		stream->writing = false;
	if (mode == _IONBF && !stream->reading && !stream->own_buffer) {
		stream->buffer = stream->small + PUSHBACK;
		stream->size = 1;
	} else if (mode != _IONBF && !stream->reading && buffer != NULL && size > 2 * PUSHBACK && !stream->own_buffer) {
		stream->buffer = (unsigned char *)buffer + PUSHBACK;
		stream->size = size - PUSHBACK;
	} else if (mode != _IONBF && !stream->reading && stream->buffer == stream->small + PUSHBACK) {
		stream->buffer = NULL;
	}
	if (!stream->reading)
		stream->at = stream->end = stream->limit = stream->buffer;
	stream->buffering = mode;
	stream->chosen = true;
	__stream_unlock(stream);
	return 0;
}

void
setbuf(FILE *restrict stream, char *restrict buffer)
{
	setvbuf(stream, buffer, buffer != NULL ? _IOFBF : _IONBF, BUFSIZ);
}

int
feof(FILE *stream)
{
	return stream->eof;
}

int
ferror(FILE *stream)
{
	return stream->error;
}

void
clearerr(FILE *stream)
{
	__stream_lock(stream);
	stream->eof = stream->error = false;
	__stream_unlock(stream);
}
