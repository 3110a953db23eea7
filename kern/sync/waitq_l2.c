/*
 * Waiting. The one atomic step that decides who ends a wait is the change of thread->wait_state away from WAIT_PENDING; whoever makes it
 * owns the thread until it hands it to the scheduler.
 */
#include "init/panic.h"
#include "sched/cpu.h"
#include "sched/priority.h"
#include "sync/waitq.h"
#include "task/thread.h"

void
waitq_init(struct waitq *queue)
{
	list_init(&queue->waiters);
}

/* Ends the thread's wait with `result` if it waits, and with one of the flags `needed` (0: any wait). */
static bool
claim(struct thread *thread, enum wait_result result, unsigned needed)
{
	return wait_claim(&thread->wait_state, result, needed);
}

bool
waitq_claim_thread(struct thread *thread, enum wait_result result, unsigned flags)
{
	return claim(thread, result, flags);
}

static void
wait_timed_out(struct timeout *timeout)
{
	struct thread *thread = container_of(timeout, struct thread, wait_timeout);

	if (claim(thread, WAIT_TIMED_OUT, 0))
		sched_make_runnable(thread);
}

/* Which pending requests end a wait of this kind. */
static uint32_t
ending_asts(unsigned flags)
{
	uint32_t asts = 0;

	if ((flags & WAIT_INTERRUPTIBLE) != 0)
		asts |= AST_ABORT | AST_TERMINATE;
	if ((flags & WAIT_KILLABLE) != 0)
		asts |= AST_TERMINATE;
	return asts;
}

bool
waitq_prepare(struct waitq *queue, struct waiter *waiter, uint64_t deadline, unsigned flags, const char *why, void *data)
{
	struct thread *thread = current_thread();

	waiter->thread = thread;
	waiter->data = data;
	list_append(&queue->waiters, &waiter->link);
	thread->wait_why = why;
	__atomic_store_n(&thread->wait_state, WAIT_PENDING | flags, __ATOMIC_SEQ_CST);
	/* An abort sets its bit first and then looks at the wait state; we do it the other way round, so one of us sees the other. */
	if ((__atomic_load_n(&thread->ast, __ATOMIC_SEQ_CST) & ending_asts(flags)) != 0 && claim(thread, WAIT_ABORTED, 0))
		return false;
	if (deadline != WAIT_FOREVER) {
		timeout_init(&thread->wait_timeout, wait_timed_out);
		timeout_set(&thread->wait_timeout, deadline);
	}
	return true;
}

enum wait_result
waitq_finish(struct waiter *waiter)
{
	struct thread *thread = current_thread();

	if (list_linked(&waiter->link))
		list_remove(&waiter->link);
	thread->wait_why = NULL;
	return thread->wait_state;
}

enum wait_result
waitq_wait(struct waitq *queue, struct spinlock *lock, uint64_t deadline, unsigned flags, const char *why, void *data)
{
	struct thread *thread = current_thread();
	struct waiter waiter;
	bool block;

	debug_assert(spin_held(lock));
	block = waitq_prepare(queue, &waiter, deadline, flags, why, data);
	spin_unlock(lock);
	if (block) {
		sched_block();
		if (deadline != WAIT_FOREVER)
			timeout_cancel(&thread->wait_timeout);
	}
	spin_lock(lock);
	return waitq_finish(&waiter);
}

/*
 * A waiter that cannot be claimed stays: its thread takes it off when it runs. So who is on a queue and was not claimed from it knows that
 * the queue is still there (ipc/port.h relies on it).
 */
struct thread *
waitq_claim_one(struct waitq *queue, void **data)
{
	struct waiter *waiter;

	list_for_each(waiter, &queue->waiters, link) {
		struct thread *thread = waiter->thread;
		void *its_data = waiter->data;

		if (claim(thread, WAIT_WOKEN, 0)) {
			list_remove(&waiter->link);
			if (data != NULL)
				*data = its_data;
			return thread;
		}
	}
	return NULL;
}

struct thread *
waitq_wake_one(struct waitq *queue)
{
	struct thread *thread = waitq_claim_one(queue, NULL);

	if (thread != NULL)
		sched_make_runnable(thread);
	return thread;
}

void
waitq_wake_all(struct waitq *queue)
{
	while (waitq_wake_one(queue) != NULL)
		continue;
}

/* --- sleep locks --- */

void
mutex_init(struct mutex *mutex, const char *name)
{
	spin_init(&mutex->lock, name, RANK_WAITQ);
	mutex->owner = NULL;
	mutex->best = IDLE_PRIORITY;
	waitq_init(&mutex->queue);
}

/* Debug kernels: sleep locks come before spinlocks, and one at a time, so that no order is needed among them. */
static inline void
check_order(const struct mutex *mutex)
{
#ifdef DEBUG
	const struct cpu *cpu = cpu_self();

	if (cpu->lock_depth > 0 && !panic_active)
		panic("sleep lock %s taken under spinlocks of rank %u", mutex->lock.name, cpu->lock_rank);
	if (current_thread()->sleep_locks > 0 && !panic_active)
		panic("sleep lock %s taken under another", mutex->lock.name);
#else
	(void)mutex;
#endif
}

static inline void
note_held(int change)
{
#ifdef DEBUG
	current_thread()->sleep_locks += change;
#else
	(void)change;
#endif
}

bool
mutex_held(const struct mutex *mutex)
{
	return mutex->owner == current_thread();
}

bool
mutex_trylock(struct mutex *mutex)
{
	bool free;

	spin_lock(&mutex->lock);
	free = mutex->owner == NULL;
	if (free)
		mutex->owner = current_thread();
	spin_unlock(&mutex->lock);
	note_held(free);
	return free;
}

void
mutex_lock(struct mutex *mutex)
{
	struct thread *thread = current_thread();

	check_order(mutex);
	spin_lock(&mutex->lock);
	if (mutex->owner == NULL) {
		mutex->owner = thread;
	} else {
		if (mutex->owner == thread)
			panic("sleep lock %s taken twice", mutex->lock.name);
		priority_lend_holder(mutex);
		/* mutex_unlock makes the longest waiter the owner before it wakes it. */
		waitq_wait(&mutex->queue, &mutex->lock, WAIT_FOREVER, 0, mutex->lock.name, NULL);
		debug_assert(mutex->owner == thread);
	}
	spin_unlock(&mutex->lock);
	note_held(1);
}

void
mutex_unlock(struct mutex *mutex)
{
	struct thread *next = NULL;

	spin_lock(&mutex->lock);
	debug_assert(mutex->owner == current_thread());
	if (waitq_empty(&mutex->queue)) {
		mutex->owner = NULL;
	} else {
		next = waitq_claim_one(&mutex->queue, NULL);	/* nothing else ends these waits */
		priority_pass_on(mutex, next);
	}
	spin_unlock(&mutex->lock);
	note_held(-1);
	if (next != NULL)
		sched_make_runnable(next);
}
