/*
 * Inside a stream.
 *
 *	reading:  buffer ... at ======= end		bytes of the file not yet read by the program
 *	writing:  buffer ======= at ... limit		bytes not yet written to the file; end == buffer
 *
 * A stream is idle, reading or writing; __stream_to_read and __stream_to_write change between them, flushing or giving
 * back what was read ahead. PUSHBACK bytes in front of `buffer` are kept for ungetc. An unbuffered stream has a
 * buffer of one byte for reading and limit == buffer for writing.
 *
 * Lock order: the list of streams, then a stream. Functions named *_unlocked and stream_* expect the lock held.
 */
#ifndef LIBC_STDIO_STREAM_H
#define LIBC_STDIO_STREAM_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>
#include <wchar.h>

#include "posix/lock.h"

#define PUSHBACK 8			/* bytes; C11 7.21.7.10 asks for one */

/* What is behind a stream. Each may be NULL; results and errno are those of read, write, lseek and close. */
struct stream_operations {
	ssize_t (*read)(FILE *stream, void *buffer, size_t size);
	ssize_t (*write)(FILE *stream, const void *buffer, size_t size);
	off_t (*seek)(FILE *stream, off_t offset, int whence);
	int (*close)(FILE *stream);
};

enum stream_buffering { STREAM_FULL = _IOFBF, STREAM_LINE = _IOLBF, STREAM_NONE = _IONBF, STREAM_UNDECIDED };

struct stream {
	struct libc_lock lock;
	void *owner;			/* the thread that holds the lock */
	unsigned depth;			/* how often it took it */

	unsigned char *buffer, *at, *end, *limit;
	size_t size;			/* bytes at buffer */
	bool readable, writable, append;
	bool reading, writing;
	bool eof, error;
	bool own_buffer;		/* came from malloc, with PUSHBACK bytes in front */
	bool fixed;			/* the structure is not from malloc: the three standard streams */
	signed char wide;		/* orientation: < 0 bytes, > 0 wide */
	bool whole_wide;		/* takes wchar_t as they are, not as bytes of the locale; no buffer */
	enum stream_buffering buffering;
	bool chosen;			/* the buffering, by the program: another file does not change it */
	unsigned char small[PUSHBACK + 1];

	const struct stream_operations *operations;
	int fd;				/* -1: no file */
	void *cookie;			/* of the operations */
	void (*closing)(FILE *stream);	/* NULL, or who keeps a list of such streams: called before the file is closed */
	struct stream *next, **link;	/* list of open streams */
};

extern const struct stream_operations __stream_fd_operations;

/* Takes the lock, as often as the thread likes. */
void __stream_lock(FILE *stream);
void __stream_unlock(FILE *stream);

/* A new stream in the list; mode is fopen's. NULL: ENOMEM, or EINVAL for the mode. */
FILE *__stream_create(const char *mode, const struct stream_operations *operations, int fd, void *cookie);

/* Sets what a mode allows. Returns open() flags, or -1 and EINVAL. */
int __stream_mode(FILE *stream, const char *mode);

/* A stream over a descriptor goes to the end of its file, if it appends and does not read. */
void __stream_fd_to_end(FILE *stream);

/* Closes the file; the stream stays to be reopened or destroyed. Returns -1 with errno where closing fails. */
int __stream_close(FILE *stream);

/* Takes a stream out of the list and frees it with its buffer. */
void __stream_destroy(FILE *stream);

/* Get ready for a direction. Returns EOF (EBADF or a failed flush) or 0. */
int __stream_to_read(FILE *stream);
int __stream_to_write(FILE *stream);

/* Reads more into an empty buffer. EOF: end of file or error, with the flag set. */
int __stream_fill(FILE *stream);

/* Writes what is buffered, or gives back what was read ahead. */
int __stream_flush(FILE *stream);

/* Bytes, past the buffer where that is larger. They return how many were moved. */
size_t __stream_read(FILE *stream, void *data, size_t size);
size_t __stream_write(FILE *stream, const void *data, size_t size);

int __stream_seek(FILE *stream, off_t offset, int whence);
off_t __stream_tell(FILE *stream);

/* One wide character, as the stream takes them. false: it is none of the locale's (EILSEQ), or was not written. */
bool __stream_put_wide(FILE *stream, wchar_t wide);

/* Calls visit for every open stream, locked, but for those that another thread reads. Returns EOF if one did. */
int __stream_each(int (*visit)(FILE *stream));

/* One byte out of or into the buffer; the call only when it is empty or full. */
static inline int
stream_get(FILE *stream)
{
	if (stream->at < stream->end || __stream_fill(stream) == 0)
		return *stream->at++;
	return EOF;
}

static inline int
stream_put(FILE *stream, int c)
{
	unsigned char byte = c;

	if (stream->writing && stream->at < stream->limit && (byte != '\n' || stream->buffering == STREAM_FULL))
		return *stream->at++ = byte;
	return __stream_write(stream, &byte, 1) == 1 ? byte : EOF;
}

#endif
