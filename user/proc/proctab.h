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
#include <proto/signal_page.h>
#include <proto/types.h>

#define PROCESSES_MAX	1024		/* zombies too */
#define PROCESSES_SPARE	64u		/* the last of them are for children of what init started */
#define LIVING_MAX	440u		/* so are tasks beyond these: the kernel has 512 for proc's and for other programs */
#define WAITERS_MAX	(SIGNAL_SLOTS + 8)	/* per process: each of its threads that can be interrupted, and some more */
#define INIT_PID	1

struct waiter {
	struct waiter *next;
	mach_port_t reply_port;		/* of a proc_wait */
	int32_t pid;			/* as asked for */
	uint32_t options;		/* PROC_W* */
	uint32_t slot;			/* the thread that waits */
};

#define SIGNAL_ALL	0
#define SIGNAL_ONE	(-1)		/* only for the process */

/* A signal that waits to be delivered. */
struct pending {
	struct pending *next;
	int32_t slot;			/* the thread it is for, -1: any */
	int32_t group;			/* whose members it was for; SIGNAL_ALL: all; SIGNAL_ONE */
	struct signal_info info;
};

struct process {
	struct process *next;		/* in order of pids */
	int32_t pid, parent, group, session;
	struct proc_ids ids;
	uint32_t groups[PROC_GROUPS_MAX], group_count;
	uint32_t label;			/* of its token */
	int32_t nice;
	struct proc_limit limits[PROC_LIMITS];

	mach_port_t port;		/* receive right: names the process; also for exceptions */
	mach_port_t life;		/* receive right, made when a server asks: dies when the process does */
	task_t task;			/* NULL: zombie, or init */
	bool zombie, stopped;
	bool adopted;			/* init started it */
	bool executed;			/* it is not the image it was forked with any more */
	bool has_status;		/* status is known: the task is about to die */
	int32_t status;			/* POSIX wait status */
	int32_t event;			/* status of a stop or continuation nobody waited for yet, or 0 */
	int32_t untold;			/* the signal that did it, while its parent is to be sent SIGCHLD, or 0 */
	struct proc_usage usage;	/* its own, once it is ending */
	struct {
		uint64_t user_time, system_time;	/* ns */
	} before;			/* of the images that exec has replaced */
	struct proc_usage children;	/* of those that were waited for */

	struct waiter *waiters;
	uint32_t waiter_count;
	uint64_t interrupted;		/* slots whose wait, on its way here, shall end before it begins */

	struct signal_page *page;	/* shared with the process, or NULL */
	vm_address_t page_address;	/* over there */
	struct pending *pending;
	uint32_t pending_count;
	int32_t group_stop, group_stopped;	/* a stop signal that it was sent, stopped, as one of a group, or 0; and that group, or SIGNAL_ALL */
	struct timer *timers;

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

struct process *
process_by_label(uint32_t label);

/* The one with the lowest pid that is at least `pid`. */
struct process *
process_from(int32_t pid);

/*
 * Whether a pid argument of wait or kill (> 0, 0: own group, -1: any, < -1: a group) means p;
 * `own` is the asking process.
 */
bool
process_matches(const struct process *p, int32_t pid, const struct process *own);

/* How many processes a user has. */
uint32_t
process_count(uint32_t uid);

bool
process_table_full(void);

/* What is left, tasks or places in the table, is only for those whom init started. */
bool
process_table_crowded(void);

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

/* Takes a process out of the table; it is the caller's again. */
void
process_remove(struct process *p);

/* Forgets a zombie. */
void
process_reap(struct process *p);

/* No member's parent is in another group of the same session (POSIX.1-2017 3.264). */
bool
group_is_orphaned(int32_t group, const struct process *without);

/* --- wait.c --- */

/*
 * A child of p that matches and has something to tell, or NULL; *exists: there is a matching child
 * at all.
 */
struct process *
wait_find(const struct process *p, int32_t pid, uint32_t options, bool *exists);

/* What the child has to tell; unless the options say NOWAIT that is done with, and a zombie gone. */
void
wait_take(struct process *p, struct process *child, uint32_t options, struct proc_waited *found);

/* Keeps a proc_wait for later. MIG_NO_REPLY, EAGAIN, ENOMEM. */
kern_return_t
wait_later(struct process *p, const struct waiter *asked);

/* A child has something to tell: answers who waits for it, and those who wait in vain. */
void
wait_news(struct process *parent);

/* Ends the wait of one thread with EINTR, also if it comes only after this. */
void
wait_interrupt(struct process *p, uint32_t slot);

/* The process ends: nobody waits any more. */
void
wait_forget(struct process *p);

/* Answers a proc_wait that was kept; what the table needs of the protocol (control.c). */
void
wait_answer(mach_port_t reply_port, kern_return_t result, const struct proc_waited *found);

/* Whether the thread that asked still waits: it has not jumped out of its call. */
bool
wait_is_wanted(mach_port_t reply_port);

/* --- what the table tells others of a death (control.c) --- */

/* p is about to leave its relations: groups whose last tie to the session it was are told (POSIX.1-2017 _Exit). */
void
death_orphans(struct process *p);

/* p is a zombie now, and not forgotten yet. True: its parent does not want to hear of it. */
bool
death_announce(struct process *p, struct process *parent);

/* Drops signals for threads that exec has ended; those for the first thread and for any stay (signal.c). */
void
signals_forget_threads(struct process *p);

/* Releases what belongs to signals: the page, pending ones (signal.c). */
void
signals_release(struct process *p);

/* POSIX wait statuses: exit code << 8, or the signal; 0x7f: stopped, 0xffff: continued, which are no ends */
#define STATUS_EXIT(code)	(((code) & 0xff) << 8)
#define STATUS_SIGNAL(signal)	((signal) & 0x7f)
#define STATUS_STOPPED		0x7f
#define STATUS_STOP(signal)	((signal) << 8 | STATUS_STOPPED)
#define STATUS_CONTINUED	0xffff

enum {
	SIGHUP = 1,
	SIGINT = 2,
	SIGQUIT = 3,
	SIGILL = 4,
	SIGTRAP = 5,
	SIGABRT = 6,
	SIGBUS = 7,
	SIGFPE = 8,
	SIGKILL = 9,
	SIGSEGV = 11,
	SIGALRM = 14,
	SIGCHLD = 17,
	SIGCONT = 18,
	SIGSTOP = 19,
	SIGTSTP = 20,
	SIGTTIN = 21,
	SIGTTOU = 22,
	SIGURG = 23,
	SIGXCPU = 24,
	SIGVTALRM = 26,
	SIGPROF = 27,
	SIGWINCH = 28,
	SIGSYS = 31,
};

#endif
