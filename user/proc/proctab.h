/*
 * The process table. One lock guards all of it; nothing slow happens with the lock held (no RPC,
 * no task creation).
 *
 * A process lives from its start to its reaping: RUNNING (it has a task) -> ZOMBIE (the task's
 * dead name arrived; the status waits for the parent). Process 1 stands for init: it has no task
 * here, inherits orphans and forgets them at once when they end.
 */
#ifndef PROC_PROCTAB_H
#define PROC_PROCTAB_H

#include "mach/cthread.h"
#include "mach/mig.h"
#include <proto/types.h>

#define PROCESSES_MAX	1024
#define WAITERS_MAX	32		/* per process */
#define INIT_PID	1

struct waiter {
	struct waiter *next;
	mach_port_t reply_port;		/* of a proc_wait */
	int32_t pid;			/* as asked for */
};

struct process {
	struct process *next;		/* in order of pids */
	int32_t pid, parent, group, session;
	uint32_t uid, gid;
	mach_port_t port;		/* receive right: names the process; also for exceptions */
	task_t task;			/* NULL: zombie, or init */
	bool zombie, stopped;
	bool has_status;		/* status is known: the task is about to die */
	int32_t status;			/* POSIX wait status */
	struct waiter *waiters;
	uint32_t waiter_count;
	char name[32];
	char arguments[88];
};

extern struct mutex lock;

/* All of the following with the lock held. */

struct process *
process_by_pid(int32_t pid);

struct process *
process_by_port(mach_port_t port);

struct process *
process_by_task(task_t task);

/* The one with the lowest pid that is at least `pid`. */
struct process *
process_from(int32_t pid);

/*
 * Whether a pid argument of wait or kill (> 0, 0: own group, -1: any, < -1: a group) means p;
 * `own` is the asking process.
 */
bool
process_matches(const struct process *p, int32_t pid, const struct process *own);

/* Puts a new process into the table and numbers it. False: the table is full. */
bool
process_insert(struct process *p);

/*
 * Purpose: the process's task is dead: it becomes a zombie, its children orphans; waiting parents
 * are told.
 * Conditions: status is set, or the task was killed from outside.
 */
void
process_died(struct process *p);

/*
 * A child of p that has ended and matches pid, or NULL; *exists: there is a matching child at
 * all.
 */
struct process *
process_ended_child(const struct process *p, int32_t pid, bool *exists);

/* Forgets a zombie. */
void
process_reap(struct process *p);

/* Keeps a proc_wait for later. MIG_NO_REPLY, EAGAIN, ENOMEM. */
kern_return_t
process_wait_later(struct process *p, mach_port_t reply_port, int32_t pid);

/* Answers a proc_wait that was kept; what the table needs of the protocol (control.c). */
void
wait_answer(mach_port_t reply_port, kern_return_t result, int32_t pid, int32_t status);

/* POSIX wait statuses: exit code << 8, or the signal; 0x7f there says stopped, which is no end */
#define STATUS_SIGNAL(signal)	((signal) & 0x7f)
#define STATUS_STOPPED		0x7f

enum {
	SIGQUIT = 3,
	SIGILL = 4,
	SIGTRAP = 5,
	SIGBUS = 7,
	SIGFPE = 8,
	SIGKILL = 9,
	SIGSEGV = 11,
	SIGCHLD = 17,
	SIGCONT = 18,
	SIGSTOP = 19,
	SIGTSTP = 20,
	SIGTTIN = 21,
	SIGTTOU = 22,
	SIGURG = 23,
	SIGWINCH = 28,
	SIGSYS = 31,
	SIGNALS = 64
};

#endif
