/* Writing characters and strings (C11 7.21.7). */
#include <string.h>

#include "stream.h"

int
fputc(int c, FILE *stream)
{
	__stream_lock(stream);
	c = stream_put(stream, c);
	__stream_unlock(stream);
	return c;
}

int
putc(int c, FILE *stream)
{
	return fputc(c, stream);
}

int
putchar(int c)
{
	return fputc(c, stdout);
}

int
fputs(const char *restrict text, FILE *restrict stream)
{
	size_t length = strlen(text);

	return fwrite(text, 1, length, stream) == length ? 0 : EOF;
}

int
puts(const char *text)
{
	int result;

	__stream_lock(stdout);
	result = fputs(text, stdout) == EOF || fputc('\n', stdout) == EOF ? EOF : 0;
	__stream_unlock(stdout);
	return result;
}
