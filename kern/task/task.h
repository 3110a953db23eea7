/*
 * Tasks: an address space, a port name space, threads, special ports, limits, statistics.
 *
 * Death, in order (MACH.md section 2): threads stop, the task port stops accepting traps, special ports are dropped, every name is
 * released with its notifications, the address space goes, the task port dies last: its dead name is the death signal.
 */
#ifndef TASK_TASK_H
#define TASK_TASK_H

#include <mach/message.h>
#include <mach/task_info.h>
#include "sync/list.h"
#include "sync/refcount.h"
#include "sync/spinlock.h"
#include "sync/waitq.h"

struct ipc_port;
struct ipc_space;
struct pmap;
struct thread;
struct vm_map;

/* What is charged to a task and limited. Amounts are changed with task_charge / task_uncharge (atomic). */
enum task_resource {
	TASK_NAMES,			/* port names */
	TASK_THREADS,
	TASK_KERNEL_MEMORY,		/* bytes: queued messages, map entries, name tables */
	TASK_MEMORY,			/* bytes of anonymous memory */
	TASK_WIRED,			/* bytes */
	TASK_TASKS,			/* its children that live */
	TASK_RESOURCES,
};

struct task {
	refcount_t refs;
	uint32_t id;			/* 0: the kernel */
	/* task_list_lock */
	struct list_node link;		/* in the list of all tasks */
	bool listed;
	struct task *creator;		/* pays for it; NULL: gone. Not referenced: a dying creator is forgotten by its children, or ends them */

	struct vm_map *map;		/* NULL for the kernel task */
	struct pmap *pmap;		/* the map's, for the switch */
	struct ipc_space *space;

	struct spinlock lock;
	bool alive;
	uint32_t suspend_count;
	uint32_t forks;			/* tasks that are being made of it: its threads stand still */
	struct list threads;
	unsigned thread_count;
	bool gone;			/* cleanup is complete */
	struct waitq gone_waiters;	/* who waits for that: the monitor's `run` */
	struct ipc_port *self_port;	/* kernel-object port; a bare reference until the task is freed */
	struct ipc_port *special[TASK_SPECIAL_PORTS];	/* send rights or NULL; [TASK_KERNEL_PORT] unused */
	char name[TASK_NAME_MAX];
	mach_msg_trailer_t trailer __attribute__((aligned(8)));	/* of what it sends: its token */
	uint8_t max_priority;		/* best priority its threads may take */
	uint32_t quantum;		/* ns: time slice of its threads */
	bool may_print;			/* mach_print works */
	bool system;			/* started by the kernel or by task 1: may use the memory that ordinary programs must leave */
	bool pages_others;		/* has had a thread that works for paging (thread_wire): its memory stays */
	bool keeps;			/* was to end long ago and gave no memory back: pageout looks for others */
	int exit_status;		/* lab_exit */

	volatile uint64_t used[TASK_RESOURCES];
	uint64_t limit[TASK_RESOURCES];

	/* statistics: atomic adds */
	uint64_t faults, switches;

	/* statistics: the space's lock. Without those of living threads on the fast path: one sent and one received each */
	uint64_t messages_sent, messages_received;
	uint64_t fast_messages;		/* of threads that are gone; lock */

	uint64_t dead_user_time, dead_system_time;	/* of threads that are gone; lock */
};

#define FIRST_TASK_LABEL 1		/* the token label of task 1, init; the kernel's is 0 */

extern struct task *kernel_task;
extern struct spinlock task_list_lock;
extern struct list task_list;

/* Charges; false: over the limit, nothing changed. task may be kernel_task (never limited). */
bool task_charge(struct task *task, enum task_resource resource, uint64_t amount);
void task_uncharge(struct task *task, enum task_resource resource, uint64_t amount);

static inline void
task_take(struct task *task)
{
	refcount_take(&task->refs);
}
void task_drop(struct task *task);

/*
 * Makes a task (MACH.md: task_create), which the parent pays for. Returns the task with a reference for the caller, or NULL: no memory, the
 * parent's limit, or too many tasks in the system.
 */
struct task *task_create(struct task *parent, unsigned flags);

/* Starts the death of a task; does not wait. */
void task_terminate_async(struct task *task);

/*
 * The task, or if it has no thread the last of those that it is part of and that have, with a reference: the end of one before would hand
 * it to the next. NULL: there is none.
 */
struct task *task_with_threads(struct task *task);

/* Starts the death of a living task with threads, which clean up: the caller waits for nothing. Returns false: it is none. */
bool task_terminate_running(struct task *task);

/* Tasks told to end whose memory is not free yet: for leak checks. */
unsigned task_dying_count(void);

/* Blocks until the task is gone. Returns false when the wait was aborted. */
bool task_wait_gone(struct task *task);

/* Messages on the fast path since the task began. Conditions: task locked, or a glance. */
uint64_t task_fast_messages(const struct task *task);

/* For thread.c: a thread joins (false: the task is dying) and leaves; the last to leave a dying task cleans it up. */
bool task_thread_join(struct task *task, struct thread *thread);
void task_thread_leave(struct task *task, struct thread *thread);

/* Whether its threads stand still. Conditions: none; it is a glance. */
static inline bool
task_held(const struct task *task)
{
	const volatile struct task *now = task;

	return now->suspend_count > 0 || now->forks > 0;
}

/* Counts up and waits until none of its threads (but the caller) can run user code; counts down, false: was 0. */
void task_hold(struct task *task);
bool task_release(struct task *task);

/* Calls visit for every task, oldest first, with a reference held; stops when it returns false. */
void task_for_each(bool (*visit)(struct task *task, void *context), void *context);

void task_init(void);

#endif
