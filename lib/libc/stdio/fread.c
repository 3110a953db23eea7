/* Bytes in blocks (C11 7.21.8). */
#include "stream.h"

static size_t
moved(size_t bytes, size_t size, size_t count)
{
	return bytes == size * count ? count : bytes / size;
}

size_t
fread(void *restrict data, size_t size, size_t count, FILE *restrict stream)
{
	size_t done;

	if (size == 0 || count == 0)
		return 0;
	__stream_lock(stream);
	done = __stream_read(stream, data, size * count);
	__stream_unlock(stream);
	return moved(done, size, count);
}

size_t
fwrite(const void *restrict data, size_t size, size_t count, FILE *restrict stream)
{
	size_t done;

	if (size == 0 || count == 0)
		return 0;
	__stream_lock(stream);
	done = __stream_write(stream, data, size * count);
	__stream_unlock(stream);
	return moved(done, size, count);
}
