/*
 * Threads: the units of execution.
 *
 * Life: thread_create (suspended, one suspend count) -> runnable / running / waiting ... -> terminated (leaves through
 * thread_exit_self) -> freed when the last reference goes. References: one while it is alive (its own), one for each holder of a pointer
 * that may outlive a lock; its port holds one until it dies.
 *
 * Stopping: suspension, termination and abort set bits in `ast`, which the thread acts on when it is about to enter user mode, or, if it waits
 * with the right flags, by having its wait ended. A suspended thread parks there; then its user registers may be read and set.
 */
#ifndef TASK_THREAD_H
#define TASK_THREAD_H

#include "arch/thread.h"
#include "ipc/receiver.h"
#include "sched/sched.h"
#include "sched/timeout.h"
#include "sync/list.h"
#include "sync/refcount.h"
#include "sync/spinlock.h"
#include "sync/waitq.h"

struct cpu;
struct ipc_port;
struct task;

enum thread_ast {
	AST_SUSPEND = 1,		/* park before entering user mode */
	AST_TERMINATE = 2,		/* exit before entering user mode; ends killable waits */
	AST_ABORT = 4,			/* the next or present interruptible wait ends with WAIT_ABORTED */
};

struct thread {
	/* machine state first: assembly knows its offset (0) */
	struct arch_thread arch;

	refcount_t refs;
	uint32_t id;
	struct task *task;		/* held until the thread is freed */
	struct list_node task_link;	/* in task->threads; task lock */
	uint64_t stack_base;		/* kernel stack, KSTACK_SIZE bytes; 0: boot stack */

	struct fast_wait fast;		/* what it waits for while stackless */

	/* waiting: wait_state is claimed atomically (waitq.c) */
	volatile uint32_t wait_state;	/* enum wait_result; WAIT_PENDING | enum wait_flags while waiting (waitq.h) */
	uint32_t sleep_locks;		/* that it holds; counted in debug kernels; the thread's own */
	const char *wait_why;
	struct timeout wait_timeout;

	/* scheduling: run-queue lock of `cpu` */
	struct list_node run_link;
	volatile int on_cpu;		/* registers not saved yet */
	bool exited;			/* its last switch is under way: whoever runs next drops it */
	bool queued;
	uint8_t priority;		/* in effect; may change while it is queued */
	uint8_t queue_priority;		/* of the list it stands on while queued */
	uint8_t base_priority;		/* its own; this and the next four: sched/priority.c's lock */
	bool depressed;			/* its own counts as the worst */
	uint8_t lent_by_lock, lent_by_stop;	/* IDLE_PRIORITY: not */
	struct mutex *blocked_on;	/* the sleep lock it waits for */
	volatile int cpu;		/* where it runs, is queued, or ran last */
	uint64_t user_time, system_time;	/* ns, and not in there yet: */
	uint64_t ticks, last_stamp;	/* timer_ticks(): used up in short turns; when it got the CPU */
	uint64_t switches;		/* without those of the fast path */
	bool wired;			/* thread_wire: may use reserved frames */
	uint64_t steal_after;		/* ns; a gsync-woken thread stays with its waker until then */
	uint64_t slice_used;		/* ns of its time slice, when somebody better came in the middle of it */
#ifdef DEBUG
	bool faulting;			/* in vm_fault, and nothing refused yet (vm/refuse.h) */
#endif

	/* lock: suspension and death */
	struct spinlock lock;
	volatile uint32_t ast;		/* enum thread_ast bits, atomic */
	uint32_t suspend_count;		/* its own; the task's counts besides */
	uint32_t frozen;		/* likewise, by who looks at its registers: nobody else can let it go */
	bool started;			/* has been made runnable once */
	bool parked;			/* in thread_park: user state is stable */
	volatile bool holding;		/* waits for others to stop; looks at ast before it returns to user mode */
	bool alive;
	struct waitq park_queue;	/* itself, parked */
	struct waitq stop_waiters;	/* who waits for it to park, or to exit */

	/* ports */
	struct ipc_port *self_port;	/* kernel-object port; a bare reference until the thread is freed */
	struct ipc_port *exception_port;	/* send right or NULL; guarded by the task's lock */

	/* machine state that is not touched at every switch; last, as what is far away takes more instructions */
	struct arch_float floats;
};

/* Makes a thread of `task`, suspended once, with a reference for the caller. Returns NULL: no memory or over the task's limit. */
struct thread *thread_create(struct task *task);

/* A thread of the kernel task: runs function(argument), which never returns. */
struct thread *thread_create_kernel(void (*function)(void *), void *argument, unsigned priority, const char *name);

/* The idle thread of a CPU: the stack it runs on now becomes that thread's. */
struct thread *thread_create_idle(struct cpu *cpu);

static inline void
thread_take(struct thread *thread)
{
	refcount_take(&thread->refs);
}
void thread_drop(struct thread *thread);

/* Starts termination; does not wait. Legal on any thread any number of times. */
void thread_terminate_async(struct thread *thread);

/* What thread_suspend, thread_resume, thread_abort do. */
void thread_hold(struct thread *thread);	/* count up and wait until it cannot run user code (unless it is the caller) */
bool thread_release(struct thread *thread);	/* count down; false: was 0 */
void thread_abort_wait(struct thread *thread);

/*
 * Holds a thread other than the caller and blocks until its user registers are stable: parked, waiting, not started. They stay so, whoever resumes
 * it, until thread_unfreeze. Returns false: it is gone, or the caller was aborted; it is not held.
 */
bool thread_freeze(struct thread *thread);
void thread_unfreeze(struct thread *thread);

/* For task.c: the steps of holding and releasing all threads of a task. */
void thread_stop_request(struct thread *thread);
bool thread_may_run_user(struct thread *thread);
void thread_set_holding(bool holding);	/* the caller waits until others may not run user code */
void thread_wake_parked(struct thread *thread);

/* From sched_block: a thread that shall stop is about to wait, which is as good. No locks held. */
void thread_note_stable(struct thread *thread);

/* The running thread ends. Conditions: no locks. */
_Noreturn void thread_exit_self(void);

/* Acts on the running thread's ast bits; from trap_return_to_user. */
void thread_ast_check(void);

/* The running thread sleeps; an abort ends it early. */
void thread_sleep_ms(unsigned ms);

/* Time used, the present turn too; system_time is that of kernel threads. */
uint64_t thread_user_time(const struct thread *thread);

/* How often it got the CPU. */
static inline uint64_t
thread_switches(const struct thread *thread)
{
	return thread->switches + thread->fast.messages;
}

/* Whether it waits on the fast path of messages, or has not gone on since: there is nothing on its kernel stack. */
static inline bool
thread_stackless(const struct thread *thread)
{
	return (thread->wait_state & WAIT_IN_PLACE) != 0;
}

/* What a waiting thread waits for, for people; NULL: nothing. */
static inline const char *
thread_waits_for(const struct thread *thread)
{
	return thread_stackless(thread) ? "receive" : thread->wait_why;
}

/* Whether the running thread should give up what it is doing (terminated). For loops that may run long. */
static inline bool
thread_should_die(const struct thread *thread)
{
	return (thread->ast & AST_TERMINATE) != 0;
}

#endif
