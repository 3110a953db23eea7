/*
 * What the files about pipes share: pipes.c (ends), pipe_waits.c (requests that wait).
 */
#ifndef FS_PIPES_LOCAL_H
#define FS_PIPES_LOCAL_H

#include "pipe/pipe.h"
#include "pipes.h"

#include "mach/poll_list.h"

enum wait_kind { WAIT_READ, WAIT_READ_OOL, WAIT_WRITE, WAIT_WRITE_OOL, WAIT_OPEN };

/* A request that waits. */
struct wait {
	struct pipe_wait pipe;		/* first; in the pipe's line, unless it is an open */
	struct wait *next, **link;	/* in the list of all */
	enum wait_kind kind;
	mach_port_t reply_port;
	unsigned recent;		/* place among those whose death nobody tells, or RECENT */
	uint32_t label;			/* of the client's token */
	struct pipe_end *end;
	void *memory;			/* of a write: its own copy or out-of-line memory */
	struct io_stat info;		/* of an open */
};

/* A pipe, or a FIFO somebody has open. */
struct conduit {
	struct pipe pipe;		/* first */
	struct vnode *fifo;		/* not referenced: its open files do that; NULL: a pipe */
	struct conduit *next;		/* in the list of FIFOs */
	struct pipe_end *ends;
	struct poll_list polls;
	uint64_t number;		/* st_ino of a pipe */
	uint32_t uid, gid;
	uint64_t atime, mtime;		/* of a pipe, in nanoseconds since 1970; mtime also of its last change */
	bool was_read, was_written;	/* and the times do not tell yet */
};

/* An open file. */
struct pipe_end {
	struct conduit *conduit;
	struct file *file;
	struct pipe_end *next;		/* of the conduit */
	struct pipe_end *next_abandoned;
	mach_port_t port;
	bool reads, writes;		/* until it is closed */
	bool met_writer;		/* there was one since this end was opened: then there may be a hang-up */
};

/* --- pipe_waits.c; with the lock held --- */

void waits_init(mach_port_t port);

/* Purpose: keep a request. Returns NULL when there are too many. */
struct wait *wait_add(const struct mig_request *rq, enum wait_kind kind, struct pipe_end *end, size_t size);

/* A wait that is not in the pipe's line yet: the request is answered in another way. */
void wait_cancel(struct wait *wait);

/* Takes the waits of an end out of the pipe and answers them; label 0: everybody's. */
void waits_end(struct pipe_end *end, uint32_t label, int error);

/* The client of a wait died. Returns the conduit whose other waits may go on now, or NULL. */
struct conduit *wait_died(mach_port_t reply_port);

/* Ends the opens of a client, or answers those of a conduit that have what they waited for. */
void waits_interrupt_opens(uint32_t label);
void waits_run_opens(const struct conduit *conduit);

/* Ends the opens of a conduit whose clients have died. */
void waits_end_dead_opens(const struct conduit *conduit);

extern const struct pipe_user wait_pipe_user;

/* --- pipes.c --- */

/* An end that no client got: it is closed when the lock is released. */
void end_abandon(struct pipe_end *end);

#endif
