/* Streams: their list, locks and buffers. See stream.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stream.h"
#include "stream_fork.h"

static struct stream in_stream = { .operations = &__stream_fd_operations, .fd = 0, .readable = true, .fixed = true,
	.buffering = STREAM_UNDECIDED };
static struct stream out_stream = { .operations = &__stream_fd_operations, .fd = 1, .writable = true, .fixed = true,
	.buffering = STREAM_UNDECIDED };
static struct stream err_stream = { .operations = &__stream_fd_operations, .fd = 2, .writable = true, .fixed = true,
	.buffering = STREAM_NONE, .chosen = true };

FILE *stdin = &in_stream;
FILE *stdout = &out_stream;
FILE *stderr = &err_stream;

/*
 * No stream leaves the list while a thread walks along it, which may take long, as it writes. fork does not wait for that: for the change of
 * the list only, in which nothing else is done.
 */
static struct libc_lock walk_lock;
static void *walker;
static unsigned walks;			/* of the walker: what writes for a stream may open and close others */
struct libc_lock __streams_lock;
static struct stream *list;

static void *
this_thread(void)
{
	return &errno;			/* one address per thread */
}

static void
walk_begin(void)
{
	void *self = this_thread();

	if (__atomic_load_n(&walker, __ATOMIC_RELAXED) != self) {
		__lock_take(&walk_lock);
		__atomic_store_n(&walker, self, __ATOMIC_RELAXED);
	}
	walks++;
}

static void
walk_end(void)
{
	if (--walks > 0)
		return;
	__atomic_store_n(&walker, NULL, __ATOMIC_RELAXED);
	__lock_release(&walk_lock);
}

void
__stream_lock(FILE *stream)
{
	void *self = this_thread();

	if (__atomic_load_n(&stream->owner, __ATOMIC_RELAXED) != self) {
		__lock_take(&stream->lock);
		__atomic_store_n(&stream->owner, self, __ATOMIC_RELAXED);
	}
	stream->depth++;
}

void
__stream_unlock(FILE *stream)
{
	if (--stream->depth > 0)
		return;
	__atomic_store_n(&stream->owner, NULL, __ATOMIC_RELAXED);
	__lock_release(&stream->lock);
}

int
__stream_mode(FILE *stream, const char *mode)
{
	bool both = strchr(mode, '+') != NULL;
	int flags;

	switch (*mode) {
	case 'r': flags = 0; break;
	case 'w': flags = O_CREAT | O_TRUNC; break;
	case 'a': flags = O_CREAT | O_APPEND; break;
	default:
		errno = EINVAL;
		return -1;
	}
	if (strchr(mode, 'x') != NULL)
		flags |= O_EXCL;
	if (strchr(mode, 'e') != NULL)
		flags |= O_CLOEXEC;
	stream->readable = *mode == 'r' || both;
	stream->writable = *mode != 'r' || both;
	stream->append = *mode == 'a';
	return flags | (both ? O_RDWR : *mode == 'r' ? O_RDONLY : O_WRONLY);
}

FILE *
__stream_create(const char *mode, const struct stream_operations *operations, int fd, void *cookie)
{
	FILE *stream = calloc(1, sizeof(*stream));

	if (stream == NULL)
		return NULL;
	if (__stream_mode(stream, mode) < 0) {
		free(stream);
		return NULL;
	}
	stream->operations = operations;
	stream->fd = fd;
	stream->cookie = cookie;
	stream->buffering = STREAM_UNDECIDED;
	walk_begin();
	__lock_take_critical(&__streams_lock);
	stream->next = list;
	stream->link = &list;
	if (list != NULL)
		list->link = &stream->next;
	list = stream;
	__lock_release_critical(&__streams_lock);
	walk_end();
	return stream;
}

void
__stream_destroy(FILE *stream)
{
	if (stream->own_buffer)
		free(stream->buffer - PUSHBACK);
	stream->buffer = stream->at = stream->end = stream->limit = NULL;
	stream->own_buffer = stream->readable = stream->writable = stream->reading = stream->writing = false;
	if (stream->fixed)
		return;
	walk_begin();
	__lock_take_critical(&__streams_lock);
	*stream->link = stream->next;
	if (stream->next != NULL)
		stream->next->link = stream->link;
	__lock_release_critical(&__streams_lock);
	walk_end();
	free(stream);
}

static void
free_in_child(FILE *stream)
{
	if (stream->owner == this_thread()) {
		__lock_forget_waiters(&stream->lock);
		return;
	}
	stream->lock = (struct libc_lock){ 0 };
	stream->owner = NULL;
	stream->depth = 0;
}

void
__streams_fork_child(void)
{
	if (walker == this_thread()) {		/* a handler called fork */
		__lock_forget_waiters(&walk_lock);
	} else {
		walk_lock = (struct libc_lock){ 0 };
		walker = NULL;
		walks = 0;
	}
	free_in_child(&in_stream);
	free_in_child(&out_stream);
	free_in_child(&err_stream);
	for (FILE *stream = list; stream != NULL; stream = stream->next)
		free_in_child(stream);
}

/* A thread that reads may have the lock for as long as nothing comes: nobody waits for a stream that has nothing to write. */
static int
visit_one(FILE *stream, int (*visit)(FILE *stream))
{
	int result;

	if (__atomic_load_n(&stream->writing, __ATOMIC_RELAXED))
		__stream_lock(stream);
	else if (ftrylockfile(stream) != 0)
		return 0;
	result = visit(stream);
	__stream_unlock(stream);
	return result;
}

int
__stream_each(int (*visit)(FILE *stream))
{
	int result = visit_one(&in_stream, visit) | visit_one(&out_stream, visit) | visit_one(&err_stream, visit);

	walk_begin();
	for (FILE *stream = list; stream != NULL; stream = stream->next)
		result |= visit_one(stream, visit);
	walk_end();
	return result != 0 ? EOF : 0;
}

/* The buffer comes with the first byte; a terminal is then known as such. */
static void
make_buffer(FILE *stream)
{
	int saved = errno;
	unsigned char *memory;

	if (stream->buffering == STREAM_UNDECIDED)
		stream->buffering = stream->fd >= 0 && isatty(stream->fd) ? STREAM_LINE : STREAM_FULL;
	if (stream->buffer == NULL) {
		memory = stream->buffering == STREAM_NONE ? NULL : malloc(PUSHBACK + BUFSIZ);
		stream->own_buffer = memory != NULL;
		stream->buffer = (memory != NULL ? memory : stream->small) + PUSHBACK;
		stream->size = memory != NULL ? BUFSIZ : 1;
		stream->at = stream->end = stream->limit = stream->buffer;
	}
	errno = saved;
}

/* What wide functions have not claimed before they read or write is a stream of bytes (C11 7.21.2). */
static void
orient(FILE *stream)
{
	if (stream->wide == 0)
		stream->wide = -1;
}

int
__stream_to_read(FILE *stream)
{
	if (stream->reading)
		return 0;
	if (!stream->readable) {
		errno = EBADF;
		stream->error = true;
		return EOF;
	}
	if (stream->writing && __stream_flush(stream) == EOF)
		return EOF;
	make_buffer(stream);
	stream->writing = false;
	stream->reading = true;
	orient(stream);
	stream->at = stream->end = stream->limit = stream->buffer;
	return 0;
}

int
__stream_to_write(FILE *stream)
{
	if (stream->writing)
		return 0;
	if (!stream->writable) {
		errno = EBADF;
		stream->error = true;
		return EOF;
	}
	if (stream->reading)
		__stream_flush(stream);
	make_buffer(stream);
	stream->reading = stream->eof = false;
	stream->writing = true;
	orient(stream);
	stream->at = stream->end = stream->buffer;
	stream->limit = stream->buffering == STREAM_NONE ? stream->buffer : stream->buffer + stream->size;
	return 0;
}
