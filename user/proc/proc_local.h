/*
 * What the files of the process server share besides the table.
 */
#ifndef PROC_PROC_LOCAL_H
#define PROC_PROC_LOCAL_H

#include "mach/elf_load.h"
#include "proctab.h"
#include "signals.h"

extern mach_port_t port_set;		/* all processes, the service, notify_port */
extern mach_port_t notify_port;		/* dead names of tasks */
extern mach_port_t service_port;
extern mach_port_t host;		/* privileged: sets tokens */
extern mach_port_t public_bootstrap;	/* what programs get: look-ups only */

/* --- start.c --- */

/* What a set-user-id or set-group-id program gives: PROC_ID_KEEP: nothing. */
struct proc_set_ids {
	uint32_t uid, gid;
};

/* A process whose port listens; not in the table yet. NULL: no memory. */
struct process *
process_new(void);

/* The end of one that never came to life; its task, if any, with it. */
void
process_discard(struct process *p);

/* EAGAIN: process_begin would refuse a child of the sender's: it is not even built, and a fork bomb costs little. 0. */
kern_return_t
process_room(const struct mig_request *rq);

/* --- askers.c --- */

#define ASKER_OWN_GROUP	0		/* the child will be in its parent's group */
#define ASKER_NEW_GROUP	(-1)		/* in one of its own, or it is no child but another program */

/* What somebody was when he asked, and what happened since. */
struct asker {
	struct asker *next;
	task_t task;			/* a reference */
	uint32_t label;
	struct proc_ids ids;
	int32_t group;			/* the child's, or one of the above */
	struct signal_info missed[SIGNALS + 1];	/* by the child; .signal 0: none */
};

/* Who asks. Conditions: lock not held; asker_end follows if it succeeds. False: nobody. */
bool
asker_begin(struct asker *asker, const struct mig_request *rq, int32_t group);

void
asker_end(struct asker *asker);

/* With the lock held, the child in the table: it is sent what it missed. */
void
asker_tell(const struct asker *asker, struct process *child);

/* --- start.c --- */

/*
 * Purpose: a child, complete with task, comes into the table as a child of the process that sent
 * the request, if that is still the image that asked, and its thread runs. flags,
 * group: as in proc_spawn; PROC_SET_GROUP not set: the parent's. set: what its program gives;
 * NULL: it is the parent's.
 * Conditions: lock not held. Consumes the thread's right.
 * Returns: 0; ESRCH, EAGAIN, EPERM, ENOMEM: the child is as it was.
 */
kern_return_t
process_begin(struct process *child, const struct mig_request *rq, const struct asker *asker, thread_t thread, uint32_t flags,
	int32_t group, const struct proc_set_ids *set, int32_t *pid);

/* --- nice.c --- */

/* With the lock held: the process's task gets the time slices of its nice value. */
void
nice_apply(const struct process *p);

/* The same for one that begins. */
void
nice_begin(const struct process *p);

/* --- ids.c --- */

/* With the lock held: p becomes a member of a group of its session. EPERM: there is none. */
kern_return_t
group_join(struct process *p, int32_t group);

/* --- start.c --- */

/*
 * With the lock held: who sent the request. The port says it, and the token: a child has inherited the right to its parent's port, but is not
 * its parent. NULL: nobody.
 */
static inline struct process *
process_sending(const struct mig_request *rq)
{
	struct process *p = process_by_port(rq->port);

	return p != NULL && p->label == rq->sender.label ? p : NULL;
}

/*
 * The same after a while: NULL also if the process is another image by now. asked: its task, to which the caller has a right, so
 * that its name is no other's; a port's name, once the port is gone, may be.
 */
static inline struct process *
process_still_sending(const struct mig_request *rq, task_t asked)
{
	struct process *p = process_sending(rq);

	return p != NULL && p->task == asked ? p : NULL;
}

/* Gives p's task its token. */
kern_return_t
process_set_token(const struct process *p);

/* --- build.c --- */
/* A program on its way into a task. */
struct build {
	mach_port_t file;
	const char *name;
	struct elf_strings arguments, environment;
	const struct startup_kept *kept;
	const struct startup_fd *fds;
	uint32_t fd_count;
	task_t from;			/* whose names `kept` and `fds` are */
	uint32_t euid, egid;		/* of who starts it */
	struct proc_set_ids set;	/* result: ids that the program's file gives */
	thread_t thread;		/* result: ready to run */
};

/*
 * Purpose: reads the program, makes the shell's task with page and port, and fills it.
 * Conditions: lock not held. On failure the shell is to be discarded.
 * Returns: 0 or an errno value.
 */
kern_return_t
build_task(struct build *b, struct process *shell);

/* For people: the name, and the words of the command line. */
void
build_describe(struct process *p, const char *name, const struct elf_strings *arguments);

/* The file server's root directory. */
mach_port_t
system_root(void);

/* --- image.c --- */

#define SET_USER_ID	04000u		/* of a file's mode */
#define SET_GROUP_ID	02000u
#define IMAGE_HEAD 4096u		/* bytes: room for all headers of a program */

/* A program file, to be mapped or in memory. */
struct image {
	mach_port_t file;
	uint64_t end;			/* of the time it may take, ns */
	bool trusted;			/* the system's file server has it: mode, uid and gid are true */
	uint64_t size;			/* bytes */
	uint32_t mode, uid, gid;	/* of the file */
	mach_port_t object;		/* the file's memory object, or NULL: */
	void *data;			/* all of it in memory */
	uint32_t head_size;		/* with an object: bytes in head */
	uint8_t head[IMAGE_HEAD];
};

/*
 * Purpose: opens a program from a file of the client's: every call is timed; of files that the
 * system's file server does not have nothing is believed.
 * Conditions: image_free ends it if it succeeds.
 * Returns: 0 or an errno value; ENOMEM: larger than images may be; EAGAIN: too much at once.
 */
kern_return_t
image_open(mach_port_t file, uint32_t euid, uint32_t egid, struct image *image);

/* For elf_program.read: some bytes of an image's file. */
kern_return_t
image_read(void *image, uint64_t offset, void *to, uint32_t size);

/* Gives back what image_open took. */
void
image_free(const struct image *image);

/* --- timer.c --- */

/* Starts the thread that lets timers run out. */
bool
timers_start(void);

/* --- faults.c --- */

/* An exception of a process: a signal, or the end of the process. False: the message is none. */
bool
fault_handle(struct mig_request *rq);

#endif
