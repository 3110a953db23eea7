/*
 * A pipe: bytes on their way, and the reads and writes that wait. Pure logic: it makes no system call, and its user locks.
 *
 * What is written up to PIPE_ATOMIC bytes at a time goes in whole or not yet; more goes in as room comes, and others may come between. Reads
 * and writes that must wait stand in line, each kind in its own, and are served in their order; a newcomer does not overtake.
 *
 *	ring:  tail <= head <= tail + PIPE_SIZE (they only grow; a place is the number modulo PIPE_SIZE)
 *
 * Invariants between calls: if reads wait, the pipe is empty and somebody may still write; if writes wait, somebody may still read and the
 * first of them cannot go on.
 */
#ifndef FS_PIPE_PIPE_H
#define FS_PIPE_PIPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PIPE_SIZE	65536u		/* bytes, a power of two */
#define PIPE_ATOMIC	4096u		/* PIPE_BUF of <limits.h> */

/* A read or write that waits; the user's structure begins with it. */
struct pipe_wait {
	struct pipe_wait *next;
	size_t size;			/* bytes asked for */
	size_t done;			/* of a write: bytes in the pipe already */
	const uint8_t *data;		/* of a write: all of it */
};

struct pipe_queue {
	struct pipe_wait *first, **last;
};

struct pipe {
	uint8_t *ring;
	uint64_t head, tail;
	unsigned readers, writers;	/* open ends */
	struct pipe_queue reads, writes;
	const struct pipe_user *user;
};

/* Who is told when a wait is over. The wait is out of its line then, and the user's. */
struct pipe_user {
	/* n bytes, which pipe_peek gives, are for this read; n 0: end of file. Returns whether they could be delivered. */
	bool (*give)(struct pipe *pipe, struct pipe_wait *read, size_t n);
	/* A write is over: 0, all is in the pipe; EPIPE: nobody reads any more. */
	void (*finish)(struct pipe_wait *write, int error);
};

/* ring: PIPE_SIZE bytes. */
void pipe_init(struct pipe *pipe, uint8_t *ring, const struct pipe_user *user);

size_t pipe_used(const struct pipe *pipe);
size_t pipe_room(const struct pipe *pipe);

/* Copies the next n bytes, which stay. Conditions: n <= pipe_used. */
void pipe_peek(const struct pipe *pipe, void *to, size_t n);

/* Reads what is there. Returns 0, with *done 0 at the end of file; EAGAIN: it would have to wait. */
int pipe_read(struct pipe *pipe, void *to, size_t size, size_t *done);

/* Writes what may go in now. Returns 0: all of it; EAGAIN: the rest, from *done on, would have to wait; EPIPE. */
int pipe_write(struct pipe *pipe, const void *data, size_t size, size_t *done);

/* After EAGAIN: stands in line. */
void pipe_wait_read(struct pipe *pipe, struct pipe_wait *wait);
void pipe_wait_write(struct pipe *pipe, struct pipe_wait *wait);

/* Takes a wait out of its line. Returns false if it is not there. Followed by pipe_run. */
bool pipe_wait_remove(struct pipe *pipe, struct pipe_wait *wait);

/* Serves all waits that can be. Call after every change. */
void pipe_run(struct pipe *pipe);

#endif
