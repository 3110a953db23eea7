/* A stream's lock for the program (POSIX.1-2017 flockfile), and operations for who holds it. */
#include <errno.h>

#include "stream.h"

void
flockfile(FILE *stream)
{
	__stream_lock(stream);
}

/* 0: the lock is taken. */
int
ftrylockfile(FILE *stream)
{
	void *self = &errno;

	if (__atomic_load_n(&stream->owner, __ATOMIC_RELAXED) != self) {
		if (!__lock_try(&stream->lock))
			return -1;
		__atomic_store_n(&stream->owner, self, __ATOMIC_RELAXED);
	}
	stream->depth++;
	return 0;
}

void
funlockfile(FILE *stream)
{
	__stream_unlock(stream);
}

int
getc_unlocked(FILE *stream)
{
	return stream_get(stream);
}

int
getchar_unlocked(void)
{
	return stream_get(stdin);
}

int
putc_unlocked(int c, FILE *stream)
{
	return stream_put(stream, c);
}

int
putchar_unlocked(int c)
{
	return stream_put(stdout, c);
}
