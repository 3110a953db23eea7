/* Positions (C11 7.21.9). */
#include <errno.h>

#include "stream.h"

int
fseek(FILE *stream, long offset, int whence)
{
	int result;

	__stream_lock(stream);
	result = __stream_seek(stream, offset, whence);
	__stream_unlock(stream);
	return result;
}

long
ftell(FILE *stream)
{
	long result;

	__stream_lock(stream);
	result = __stream_tell(stream);
	__stream_unlock(stream);
	return result;
}

void
rewind(FILE *stream)
{
	__stream_lock(stream);
	__stream_seek(stream, 0, SEEK_SET);
	stream->error = stream->eof = false;	/* of a terminal, too, where there is no way back */
	__stream_unlock(stream);
}

int
fgetpos(FILE *restrict stream, fpos_t *restrict position)
{
	position->__offset = ftell(stream);
	return position->__offset < 0 ? -1 : 0;
}

int
fsetpos(FILE *stream, const fpos_t *position)
{
	return fseek(stream, position->__offset, SEEK_SET);
}
