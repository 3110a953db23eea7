/* Inside a stream. */
#ifndef LIBC_STDIO_STREAM_H
#define LIBC_STDIO_STREAM_H

#include <stdbool.h>
#include <stdio.h>

struct stream {
	int fd;
	bool error;
	enum { STREAM_FULL, STREAM_LINE, STREAM_NONE, STREAM_UNDECIDED } buffering;
	size_t used;				/* bytes waiting to be written */
	char buffer[BUFSIZ];
};

#endif
