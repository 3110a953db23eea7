/* See pipe.h. */
#include "pipe.h"

#include <errno.h>
#include <string.h>

static void
queue_init(struct pipe_queue *queue)
{
	queue->first = NULL;
	queue->last = &queue->first;
}

static void
queue_add(struct pipe_queue *queue, struct pipe_wait *wait)
{
	wait->next = NULL;
	*queue->last = wait;
	queue->last = &wait->next;
}

static struct pipe_wait *
queue_take(struct pipe_queue *queue, struct pipe_wait **at)
{
	struct pipe_wait *wait = *at;

	*at = wait->next;
	if (queue->last == &wait->next)
		queue->last = at;
	return wait;
}

static bool
queue_remove(struct pipe_queue *queue, const struct pipe_wait *wait)
{
	struct pipe_wait **at = &queue->first;

	while (*at && *at != wait)
		at = &(*at)->next;
	if (!*at)
		return false;
	queue_take(queue, at);
	return true;
}

void
pipe_init(struct pipe *pipe, uint8_t *ring, const struct pipe_user *user)
{
	*pipe = (struct pipe){ .ring = ring, .user = user };
	queue_init(&pipe->reads);
	queue_init(&pipe->writes);
}

size_t
pipe_used(const struct pipe *pipe)
{
	return pipe->head - pipe->tail;
}

size_t
pipe_room(const struct pipe *pipe)
{
	return PIPE_SIZE - pipe_used(pipe);
}

void
pipe_peek(const struct pipe *pipe, void *to, size_t n)
{
	size_t at = pipe->tail % PIPE_SIZE, first = PIPE_SIZE - at < n ? PIPE_SIZE - at : n;

	memcpy(to, pipe->ring + at, first);
	memcpy((uint8_t *)to + first, pipe->ring, n - first);
}

static void
put(struct pipe *pipe, const uint8_t *data, size_t n)
{
	size_t at = pipe->head % PIPE_SIZE, first = PIPE_SIZE - at < n ? PIPE_SIZE - at : n;

	memcpy(pipe->ring + at, data, first);
	memcpy(pipe->ring, data + first, n - first);
	pipe->head += n;
}

/* How much of a write may go in now, of which `left` bytes are not in yet. */
static size_t
may_go_in(const struct pipe *pipe, size_t size, size_t left)
{
	size_t room = pipe_room(pipe);

	if (size <= PIPE_ATOMIC)
		return left <= room ? left : 0;
	return left < room ? left : room;
}

int
pipe_read(struct pipe *pipe, void *to, size_t size, size_t *done)
{
	size_t n = pipe_used(pipe);

	*done = 0;
	if (size == 0)
		return 0;
	if (n == 0)
		return pipe->writers > 0 ? EAGAIN : 0;
	*done = n < size ? n : size;
	pipe_peek(pipe, to, *done);
	pipe->tail += *done;
	pipe_run(pipe);
	return 0;
}

int
pipe_write(struct pipe *pipe, const void *data, size_t size, size_t *done)
{
	*done = 0;
	if (size == 0)
		return 0;
	if (pipe->readers == 0)
		return EPIPE;
	if (pipe->writes.first)
		return EAGAIN;
	*done = may_go_in(pipe, size, size);
	put(pipe, data, *done);
	pipe_run(pipe);
	while (*done < size) {			/* the reads that waited made room */
		size_t n = may_go_in(pipe, size, size - *done);

		if (n == 0)
			return EAGAIN;
		put(pipe, (const uint8_t *)data + *done, n);
		*done += n;
		pipe_run(pipe);
	}
	return 0;
}

void
pipe_wait_read(struct pipe *pipe, struct pipe_wait *wait)
{
	queue_add(&pipe->reads, wait);
}

void
pipe_wait_write(struct pipe *pipe, struct pipe_wait *wait)
{
	queue_add(&pipe->writes, wait);
}

bool
pipe_wait_remove(struct pipe *pipe, struct pipe_wait *wait)
{
	return queue_remove(&pipe->reads, wait) || queue_remove(&pipe->writes, wait);
}

/* Lets the first waiting read have what is there. Returns false if there is nothing to be done. */
static bool
run_read(struct pipe *pipe)
{
	struct pipe_wait *read = pipe->reads.first;
	size_t used = pipe_used(pipe), n;

	if (!read || (used == 0 && pipe->writers > 0))
		return false;
	n = used < read->size ? used : read->size;
	queue_take(&pipe->reads, &pipe->reads.first);
	if (pipe->user->give(pipe, read, n))
		pipe->tail += n;
	return true;
}

/* Lets the first waiting write go on. */
static bool
run_write(struct pipe *pipe)
{
	struct pipe_wait *write = pipe->writes.first;
	size_t n;

	if (!write)
		return false;
	n = pipe->readers > 0 ? may_go_in(pipe, write->size, write->size - write->done) : 0;
	if (n == 0 && pipe->readers > 0)
		return false;
	put(pipe, write->data + write->done, n);
	write->done += n;
	if (write->done == write->size || pipe->readers == 0) {
		queue_take(&pipe->writes, &pipe->writes.first);
		pipe->user->finish(write, write->done == write->size ? 0 : EPIPE);
	}
	return true;
}

void
pipe_run(struct pipe *pipe)
{
	while (run_write(pipe) || run_read(pipe))
		continue;
}
