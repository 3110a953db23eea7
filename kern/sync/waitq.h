/*
 * Blocking and waking.
 *
 * A wait queue is a list of struct waiter, each on the stack of a blocked thread, guarded by a spinlock of the object it belongs to. To
 * wait: under that lock put a waiter on the queue, then waitq_wait() releases the lock and blocks. To wake: under the same lock,
 * waitq_wake_one(). Time-outs and thread_abort do not take the object's lock: they claim the thread by an atomic step on its wait state
 * (only the first claim wins), and the thread takes its waiter off the queue itself when it runs again. So there is no lock order between
 * objects and threads, and a waker that loses the claim simply goes on to the next waiter.
 *
 * The object must outlive the wait: who waits holds a reference.
 */
#ifndef SYNC_WAITQ_H
#define SYNC_WAITQ_H

#include "sync/list.h"
#include "sync/spinlock.h"

struct thread;

enum wait_result {
	WAIT_WOKEN = 0,		/* by waitq_wake_*; also the state of a thread that does not wait */
	WAIT_TIMED_OUT,
	WAIT_ABORTED,		/* thread_abort or terminate */
	WAIT_PENDING = 0x100,	/* not woken yet; with the wait's flags in the low bits, so that one compare-and-swap checks both */
};

enum wait_flags {
	WAIT_INTERRUPTIBLE = 1,	/* thread_abort ends it */
	WAIT_KILLABLE = 2,	/* only thread_terminate ends it */
	WAIT_IN_PLACE = 4,	/* on the fast path of messages (ipc/fastpath.c): `stackless`, also once it has ended, until it goes on */
};

/*
 * The atomic step that ends a wait: from WAIT_PENDING with one of the flags `needed` (0: any) to `result`, and WAIT_IN_PLACE if it was. Returns
 * false: it does not wait so, or somebody else was first.
 */
static inline bool
wait_claim(volatile uint32_t *wait_state, enum wait_result result, unsigned needed)
{
	uint32_t state = __atomic_load_n(wait_state, __ATOMIC_SEQ_CST);

	do {
		if ((state & WAIT_PENDING) == 0 || (needed != 0 && (state & needed) == 0))
			return false;
	} while (!__atomic_compare_exchange_n(wait_state, &state, result | (state & WAIT_IN_PLACE), false, __ATOMIC_SEQ_CST,
		__ATOMIC_SEQ_CST));
	return true;
}

/* The state of a receiver that waits on the fast path and will be stackless once it has left its CPU. */
#define WAIT_STACKLESS (WAIT_PENDING | WAIT_INTERRUPTIBLE | WAIT_KILLABLE | WAIT_IN_PLACE)

/* The same from exactly that state to WAIT_WOKEN, for whoever enters user mode in its place: it is not stackless any more. */
static inline bool
wait_claim_stackless(volatile uint32_t *wait_state)
{
	uint32_t state = WAIT_STACKLESS;

	return __atomic_compare_exchange_n(wait_state, &state, WAIT_WOKEN, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

#define WAIT_FOREVER UINT64_MAX

struct waiter {
	struct list_node link;		/* in its queue while queued */
	struct thread *thread;
	void *data;			/* for the object's own use (what the waker hands over) */
};

struct waitq {
	struct list waiters;		/* longest waiter first */
};

#define WAITQ_INIT(q) { LIST_INIT((q).waiters) }

void waitq_init(struct waitq *queue);

static inline bool
waitq_empty(const struct waitq *queue)
{
	return list_empty(&queue->waiters);
}

/*
 * Purpose: queue the running thread (with `data` for the waker), release `lock`, block until woken, `deadline` (ns, timer_now() scale) or abort.
 * Conditions: `lock` held and guards the queue; no other spinlock held. `why` is shown by the monitor.
 * Returns: the result, with `lock` held again and the waiter off the queue.
 */
enum wait_result waitq_wait(struct waitq *queue, struct spinlock *lock, uint64_t deadline, unsigned flags, const char *why, void *data);

/*
 * The steps of waitq_wait for those that do something in between (hand-off). With the queue's lock held waitq_prepare queues the waiter and opens
 * it for claims; false: an abort is pending, do not block. Then release the lock and sched_block() or sched_handoff_block(). Then, with the
 * lock held again, waitq_finish takes the waiter off the queue and tells what happened.
 */
bool waitq_prepare(struct waitq *queue, struct waiter *waiter, uint64_t deadline, unsigned flags, const char *why, void *data);
enum wait_result waitq_finish(struct waiter *waiter);

/*
 * Claims one particular thread out of its wait, wherever it waits, if the wait allows it (flags). Returns false: it was not waiting so, or
 * somebody else claimed it. No lock needed. The caller makes it runnable.
 */
bool waitq_claim_thread(struct thread *thread, enum wait_result result, unsigned flags);

/*
 * Purpose: wake the longest waiter that can still be claimed; it is taken off the queue.
 * Conditions: the queue's lock held. Returns: the thread (already runnable; do not touch without a reference of its own) or NULL.
 */
struct thread *waitq_wake_one(struct waitq *queue);
void waitq_wake_all(struct waitq *queue);

/*
 * The two halves of waitq_wake_one for hand-off: claims and dequeues the longest waiter without making it runnable. The caller must then
 * pass it to sched_make_runnable or sched_handoff.
 */
struct thread *waitq_claim_one(struct waitq *queue, void **data);

/*
 * --- sleep lock: for sections that may block. One owner, first come first served, which runs as well as the best who waits. Nobody takes one with
 * another, or a spinlock, held. ---
 */

struct mutex {
	struct spinlock lock;
	struct thread *owner;
	uint8_t best;			/* priority of those who wait, IDLE_PRIORITY if none do (sched/priority.c) */
	struct waitq queue;
};

void mutex_init(struct mutex *mutex, const char *name);
void mutex_lock(struct mutex *mutex);
bool mutex_trylock(struct mutex *mutex);
void mutex_unlock(struct mutex *mutex);
bool mutex_held(const struct mutex *mutex);	/* by the running thread */

#endif
