/*
 * What the files about pipes share: pipe_ends.c, pipes.c (what is asked of them), pipe_waits.c (requests that wait), sockets.c.
 */
#ifndef FS_PIPES_LOCAL_H
#define FS_PIPES_LOCAL_H

#include "pipe/pipe.h"
#include "pipes.h"

#include "mach/poll_list.h"

enum wait_kind { WAIT_READ, WAIT_READ_OOL, WAIT_RECEIVE, WAIT_PEEK, WAIT_WRITE, WAIT_WRITE_OOL, WAIT_SEND, WAIT_OPEN, WAIT_ACCEPT };

/* A request that waits. */
struct wait {
	struct pipe_wait pipe;		/* first; in the pipe's line, unless it is an open or an accept */
	struct wait *next, **link;	/* in the list of all */
	enum wait_kind kind;
	mach_port_t reply_port;
	unsigned recent;		/* place among those whose death nobody tells, or RECENT */
	uint32_t label;			/* of the client's token */
	bool missed;			/* its interrupt has been here already */
	struct pipe_end *end;
	void *memory;			/* of a write: its own copy or out-of-line memory */
	struct io_stat info;		/* of an open */
	unsigned flags;			/* of an accept: for the new file */
};

/* What the status of a thing without a name says. */
struct identity {
	uint64_t number;		/* st_ino */
	uint32_t uid, gid;
	uint64_t atime, mtime;		/* nanoseconds since 1970; mtime also of the last change */
};

/* A pipe, a FIFO somebody has open, or one direction of a connection between sockets. */
struct conduit {
	struct pipe pipe;		/* first */
	struct vnode *fifo;		/* not referenced: its open files do that; NULL: no FIFO */
	struct conduit *next;		/* in the list of FIFOs */
	struct pipe_end *readers, *writers;
	struct identity id;		/* of a pipe */
	bool was_read, was_written;	/* and the times do not tell yet */
};

/* An open file. */
struct pipe_end {
	struct conduit *in, *out;	/* what it reads and writes; NULL: it does not, or no more. A FIFO may be both */
	bool reads, writes;		/* it counts as a reader, a writer of these: until it is closed, or as good as */
	struct file *file;
	struct pipe_end *next_reader, *next_writer;	/* of those */
	struct pipe_end *next_abandoned;
	struct open_file *held;		/* of an abandoned one */
	struct poll_list polls;
	struct socket *socket;		/* NULL: of a pipe or FIFO */
	mach_port_t port;
	bool met_writer;		/* there was one since this end was opened: then there may be a hang-up */
};

/* --- pipe_waits.c; with the lock held --- */

void waits_init(mach_port_t port);

/* Purpose: keep a request. Returns NULL when there are too many, or too many of the client. */
struct wait *wait_add(const struct mig_request *rq, enum wait_kind kind, struct pipe_end *end, size_t size);

/* A wait that is not in the pipe's line yet: the request is answered in another way. */
void wait_cancel(struct wait *wait);

/* Takes the waits of an end out of its pipes and answers them; label 0: everybody's. */
void waits_end(struct pipe_end *end, uint32_t label, int error);

/* The same for one direction. error 0: a read finds the end of file. */
void waits_end_reads(struct pipe_end *end, int error);
void waits_end_writes(struct pipe_end *end, int error);

/* The client of a wait died. */
void wait_died(mach_port_t reply_port);

/* Ends the opens of a client, or answers those of a conduit that have what they waited for. */
void waits_interrupt_opens(uint32_t label);
void waits_run_opens(const struct conduit *conduit);

/* Ends those whose interrupts came before them. */
void waits_end_missed(void);

/* Ends the opens of a conduit whose clients have died. */
void waits_end_dead_opens(const struct conduit *conduit);

/* A connection came: the first who waits for one and lives gets it. */
void waits_run_accept(struct pipe_end *listener);

extern const struct pipe_user wait_pipe_user;

/* --- pipe_ends.c --- */

void pipes_lock(void);
void pipes_unlock(void);

/* From here on with the lock held. */

/* An end that no client got: it is closed when the lock is released. */
void end_abandon(struct pipe_end *end);

/* Returns NULL: there are too many for the sender, or no memory. */
struct conduit *conduit_create(const struct mig_request *rq, struct vnode *fifo);

/* Returns NULL for a FIFO that nobody has open. */
struct conduit *conduit_find(const struct vnode *fifo);

/* Who opens a FIFO meets nobody who is gone. */
void conduit_settle(struct conduit *c);

/* Frees a conduit that nobody has open. */
void conduit_release(struct conduit *c);

/* An end of nothing yet, of a file, which it then belongs to. Returns 0; an error, and nothing has changed. */
int end_create(struct file *file, struct pipe_end **result);

/* From now on it reads and writes these (NULL: it does not). */
void end_join(struct pipe_end *end, struct conduit *in, struct conduit *out);

/* No longer reads, or writes. Its waits of that kind were ended. */
void end_leave_in(struct pipe_end *end);
void end_leave_out(struct pipe_end *end);

/* Wakes those who wait for events at the ends. */
void wake_readers(const struct conduit *c, uint32_t events);
void wake_writers(const struct conduit *c, uint32_t events);

bool has_reader(const struct conduit *c);
bool has_writer(const struct conduit *c);

/* A number and the present time, for one that is made on request. */
struct identity identity_new(const struct mig_request *rq);

/* Whether a write of PIPE_ATOMIC bytes would not wait. */
static inline bool
pipe_takes(const struct pipe *pipe)
{
	return pipe_room(pipe) >= PIPE_ATOMIC && !pipe->writes.first;
}

/* --- pipes.c; with the lock held --- */

/* A read of what came through a socket. peek: what is read stays. */
kern_return_t end_receive(const struct mig_request *rq, struct pipe_end *end, bool peek, bool wait, void *data, uint32_t *size);

/* Writes to a socket. kind: WAIT_WRITE, WAIT_WRITE_OOL, WAIT_SEND. */
kern_return_t end_write(const struct mig_request *rq, struct pipe_end *end, const void *data, uint32_t size, enum wait_kind kind,
	bool wait, uint32_t *written);

#endif
