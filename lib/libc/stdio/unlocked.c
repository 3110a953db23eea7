/* Traditional operations for who holds the lock. The lock is recursive, so those that move blocks just take it again. */
#define _GNU_SOURCE
#include "stream.h"

int
feof_unlocked(FILE *stream)
{
	return feof(stream);
}

int
ferror_unlocked(FILE *stream)
{
	return stream->error;
}

void
clearerr_unlocked(FILE *stream)
{
	stream->eof = stream->error = false;
}

int
fflush_unlocked(FILE *stream)
{
	return fflush(stream);
}

int
fgetc_unlocked(FILE *stream)
{
	return stream_get(stream);
}

int
fputc_unlocked(int c, FILE *stream)
{
	return stream_put(stream, c);
}

size_t
fread_unlocked(void *restrict data, size_t size, size_t count, FILE *restrict stream)
{
	return fread(data, size, count, stream);
}

size_t
fwrite_unlocked(const void *restrict data, size_t size, size_t count, FILE *restrict stream)
{
	return fwrite(data, size, count, stream);
}

char *
fgets_unlocked(char *restrict text, int size, FILE *restrict stream)
{
	return fgets(text, size, stream);
}

int
fputs_unlocked(const char *restrict text, FILE *restrict stream)
{
	return fputs(text, stream);
}

int
fileno_unlocked(FILE *stream)
{
	return fileno(stream);
}
