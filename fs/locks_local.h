/*
 * What the files of file locks share: locks.c (who has something, files that somebody has locked), lock_waits.c (taking a lock, or waiting for it),
 * lock_requests.c (io_lock, io_flock). All of it is guarded by locks_mutex.
 */
#ifndef FS_LOCKS_LOCAL_H
#define FS_LOCKS_LOCAL_H

#include "locks.h"

#include "lock/ranges.h"

#include "io_server.h"
#include "mach/cthread.h"
#include "mach/heap.h"
#include "mach/mach.h"

#include <errno.h>

/* A process that has asked for a record lock. */
struct owner {
	struct owner *next;
	uint32_t label;
	int32_t pid;
	mach_port_t life;		/* dies with it; MACH_PORT_NULL: proc has not been asked yet */
	int ranges;
};

/* Who has a file with flock. */
struct holder {
	struct holder *next;
	struct file *file;
	mach_port_t port;		/* of the open file */
	bool exclusive;
};

/* A file that somebody has locked, or wants to. */
struct locked {
	struct locked *next;
	struct vnode *vn;		/* referenced */
	struct range *ranges;
	struct holder *holders;
};

struct wait {
	struct wait *next;
	mach_port_t reply_port, port;	/* port: of the file */
	struct file *file;
	struct locked *locked;
	uint32_t label;
	bool record;			/* fcntl's, else flock's */
	bool once;			/* does not wait for the lock, only to be known */
	bool exclusive;
	struct io_lock wanted;
	uint64_t first, last;
	uint32_t search;		/* the last one that came here */
};

extern struct mutex locks_mutex;
extern struct wait *lock_waits;		/* the oldest first */
extern int lock_range_count;		/* of all processes */
extern mach_port_t locks_notify_port;

/* --- locks.c. Conditions of all: the mutex is held --- */

/* NULL: it has never asked for a record lock. */
struct owner *lock_owner_of(uint32_t label);

/* The same, made if there is none; NULL: no memory. */
struct owner *lock_owner_get(uint32_t label);

struct locked *locked_of(const struct vnode *vn);

/* NULL: no memory. */
struct locked *locked_get(struct vnode *vn);

/* Frees what nobody has or wants any more. Releases the mutex: giving a vnode back may write. */
void locks_unlock(void);

/* What a process that has ended keeps others from counts as given up from that moment, also if the notification is still on its way. */
void lock_owner_check(uint32_t label);

/* --- lock_waits.c. Conditions of all: the mutex is held --- */

enum range_kind lock_range_kind(const struct io_lock *wanted);

struct holder **lock_holder_of(struct locked *locked, const struct file *file);
void lock_holder_remove(struct holder **at);

/* Takes a file with flock. Returns 0; EAGAIN: others have it; ENOLCK. */
int lock_hold(struct locked *locked, struct file *file, mach_port_t port, bool exclusive);

/* Purpose: before it is decided that others are in the way of a request, ask the kernel whether they still are there. */
void lock_waits_check(const struct wait *wanted);

/* Tries those that wait at a file (NULL: at any). */
void lock_waits_run(const struct locked *locked);

/* Purpose: do what a request wants, or keep it until it can be done. Releases the mutex. Returns what the request's function returns. */
kern_return_t lock_waits_begin(const struct mig_request *rq, const struct wait *wanted);

/* Ends waits: of a file, of a label, of a reply port; 0 and NULL stand for any. */
void lock_waits_end(const struct file *file, uint32_t label, mach_port_t reply_port, int error);

#endif
