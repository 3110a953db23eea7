/*
 * A thread that is waited for runs at least as well as the one that waits. If it did not, a thread at a bad priority could hold up one at a good
 * one, a server for example, for as long as somebody in between computes (priority inversion).
 *
 *	a server (6) --waits for--> a thread (31), which gets no CPU        with the loan: 6, for that long
 *	                            while another computes (12)
 *
 * Two kinds of loan: by those who wait for a sleep lock to its holder, until it hands the lock on; and by those who wait for a thread to stop, until
 * it has. One that has to stop may wait for a sleep lock itself, and then lends on what it was lent. There the chain ends, because nobody takes
 * a sleep lock with another held.
 *
 * One lock guards all of it: the paths here are those on which somebody blocks anyway.
 */
#include "sched/priority.h"

#include "sched/cpu.h"
#include "sched/sched.h"
#include "sync/waitq.h"
#include "task/thread.h"

#include <mach/task_info.h>

static struct spinlock lock = SPINLOCK_INIT("priorities", RANK_PRIORITY);

static unsigned
better(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static unsigned
in_effect(const struct thread *thread)
{
	unsigned own = thread->depressed ? MACH_PRIORITY_WORST : thread->base_priority;

	return better(own, better(thread->lent_by_lock, thread->lent_by_stop));
}

/* The holder of a lock waits for none, so this goes no further. */
static void
lend_holder(struct mutex *mutex, unsigned priority)
{
	if (priority >= mutex->best)
		return;
	mutex->best = priority;
	mutex->owner->lent_by_lock = priority;
	sched_set_priority(mutex->owner, in_effect(mutex->owner));
}

static void
reckon(struct thread *thread)
{
	unsigned priority = in_effect(thread);

	sched_set_priority(thread, priority);
	if (thread->blocked_on != NULL)
		lend_holder(thread->blocked_on, priority);
}

void
priority_init(struct thread *thread, unsigned priority)
{
	thread->priority = thread->base_priority = priority;
	thread->lent_by_lock = thread->lent_by_stop = IDLE_PRIORITY;
}

void
priority_set(struct thread *thread, unsigned priority)
{
	spin_lock(&lock);
	thread->base_priority = priority;
	reckon(thread);
	spin_unlock(&lock);
}

void
priority_depress(struct thread *thread, bool depressed)
{
	spin_lock(&lock);
	thread->depressed = depressed;
	reckon(thread);
	spin_unlock(&lock);
}

/* --- sleep locks --- */

void
priority_lend_holder(struct mutex *mutex)
{
	struct thread *thread = current_thread();

	spin_lock(&lock);
	thread->blocked_on = mutex;
	lend_holder(mutex, thread->priority);
	spin_unlock(&lock);
}

/* Of those who wait. It cannot be better than `mutex->best`, of those who waited until now: often the first is as good. */
static unsigned
best_waiter(const struct mutex *mutex)
{
	struct waiter *waiter;
	unsigned best = IDLE_PRIORITY;

	list_for_each(waiter, &mutex->queue.waiters, link) {
		best = better(best, waiter->thread->priority);
		if (best <= mutex->best)
			break;
	}
	return best;
}

void
priority_pass_on(struct mutex *mutex, struct thread *next)
{
	struct thread *thread = current_thread();

	spin_lock(&lock);
	next->blocked_on = NULL;
	mutex->owner = next;
	mutex->best = best_waiter(mutex);
	next->lent_by_lock = mutex->best;
	next->priority = in_effect(next);	/* on no queue */
	if (thread->lent_by_lock != IDLE_PRIORITY) {
		thread->lent_by_lock = IDLE_PRIORITY;
		sched_set_priority(thread, in_effect(thread));
	}
	spin_unlock(&lock);
}

/* --- stopping --- */

/* Who waits for it lends that much from now on. Conditions: the thread is locked, as wherever this loan changes: hence the look at it without our lock. */
static void
set_loan(struct thread *thread, unsigned priority)
{
	if (thread->lent_by_stop == priority)
		return;
	spin_lock(&lock);
	thread->lent_by_stop = priority;
	reckon(thread);
	spin_unlock(&lock);
}

void
priority_lend(struct thread *thread, unsigned priority)
{
	set_loan(thread, better(priority, thread->lent_by_stop));
}

void
priority_lend_to_end(struct thread *thread)
{
	set_loan(thread, MACH_PRIORITY_USER);
}

void
priority_take_back(struct thread *thread)
{
	set_loan(thread, IDLE_PRIORITY);
}
