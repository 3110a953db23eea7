#include "stream.h"

int
fseeko(FILE *stream, off_t offset, int whence)
{
	return fseek(stream, offset, whence);
}

off_t
ftello(FILE *stream)
{
	return ftell(stream);
}
