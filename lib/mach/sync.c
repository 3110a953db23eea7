/*
 * Mutexes, conditions, once. See cthread.h.
 *
 * A mutex word is one of four. Whoever had to wait takes it as CONTENDED, so that its own release wakes the next one; a release that finds
 * TAKEN needs no trap.
 *
 *	FREE --lock--> TAKEN --(another waits)--> CONTENDED
 *	  ^              |                            |
 *	  +----unlock----+                            | unlock, wakes one
 *	  +-------------------------------------------+--> KEPT, if somebody was woken before and found it taken again
 *
 * KEPT is free for those only who have waited. Without it a busy thread would take the mutex for its next piece of work before the one that
 * it woke has come as far as trying, again and again: that one might wait for ever. Those who have to wait at a KEPT one stand behind it in
 * the kernel's queue, so that the ones before them get their turn.
 */
#include "mach/cthread.h"

enum { FREE = 0, TAKEN = 1, CONTENDED = 2, KEPT = 3 };

#define EVERYBODY	UINT32_MAX
/*
 * Who waits for a KEPT one looks after it several times before it takes it, as whoever it was kept for may not exist any more, as in the child
 * of a fork. One long look would not do: a host that stops this CPU lets time pass in which the other could not run.
 */
#define KEPT_MS		10
#define KEPT_LOOKS	8

static bool
change(struct mutex *mutex, uint32_t *seen, uint32_t to)
{
	return __atomic_compare_exchange_n(&mutex->state, seen, to, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

/* The holder takes back what it had counted: at most what there is, since whoever waited in vain for the others forgets all. */
static void
forget_losses(struct mutex *mutex, uint32_t count)
{
	uint32_t losses = __atomic_load_n(&mutex->losses, __ATOMIC_RELAXED);

	__atomic_sub_fetch(&mutex->losses, count < losses ? count : losses, __ATOMIC_RELAXED);
}

static void
lock_slowly(struct mutex *mutex)
{
	uint32_t seen = __atomic_load_n(&mutex->state, __ATOMIC_RELAXED);
	uint32_t losses = 0;
	unsigned looks = 0;
	bool waited = false, late;

	for (;;) {
		if (seen == FREE || (seen == KEPT && waited)) {
			if (change(mutex, &seen, CONTENDED))
				break;
			continue;
		}
		if (seen == TAKEN && !change(mutex, &seen, CONTENDED))
			continue;
		if (waited && losses < UINT32_MAX) {
			losses++;
			__atomic_add_fetch(&mutex->losses, 1, __ATOMIC_RELAXED);
		}
		if (seen != KEPT) {
			gsync_wait(&mutex->state, CONTENDED, 0, 0);
			late = false;
		} else {
			late = gsync_wait(&mutex->state, KEPT, KEPT_MS, GSYNC_TIMEOUT) == KERN_OPERATION_TIMED_OUT;
		}
		seen = __atomic_load_n(&mutex->state, __ATOMIC_RELAXED);
		looks = late && seen == KEPT ? looks + 1 : 0;
		if (looks == KEPT_LOOKS)
			losses = UINT32_MAX;
		waited |= !late || looks == KEPT_LOOKS;
	}
	if (losses != 0)
		forget_losses(mutex, losses);
}

bool
mutex_try_lock(struct mutex *mutex)
{
	uint32_t seen = FREE;

	return change(mutex, &seen, TAKEN);
}

void
mutex_lock(struct mutex *mutex)
{
	if (!mutex_try_lock(mutex))
		lock_slowly(mutex);
}

void
mutex_unlock(struct mutex *mutex)
{
	uint32_t seen = TAKEN;

	if (__atomic_compare_exchange_n(&mutex->state, &seen, FREE, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED))
		return;
	__atomic_store_n(&mutex->state, __atomic_load_n(&mutex->losses, __ATOMIC_RELAXED) != 0 ? KEPT : FREE, __ATOMIC_RELEASE);
	gsync_wake(&mutex->state, 1, 0);
}

void
mutex_forget_waiters(struct mutex *mutex)
{
	*mutex = (struct mutex){ TAKEN, 0 };
}

static kern_return_t
wait(struct condition *condition, struct mutex *mutex, mach_msg_timeout_t ms, uint32_t flags)
{
	uint32_t sequence = __atomic_load_n(&condition->sequence, __ATOMIC_RELAXED);
	kern_return_t kr;

	__atomic_add_fetch(&condition->waiters, 1, __ATOMIC_SEQ_CST);
	mutex_unlock(mutex);
	kr = gsync_wait(&condition->sequence, sequence, ms, flags);
	__atomic_sub_fetch(&condition->waiters, 1, __ATOMIC_SEQ_CST);
	lock_slowly(mutex);
	return kr;
}

void
condition_wait(struct condition *condition, struct mutex *mutex)
{
	wait(condition, mutex, 0, 0);
}

bool
condition_wait_for(struct condition *condition, struct mutex *mutex, mach_msg_timeout_t ms)
{
	return wait(condition, mutex, ms, GSYNC_TIMEOUT) != KERN_OPERATION_TIMED_OUT;
}

static void
wake(struct condition *condition, uint32_t count)
{
	__atomic_add_fetch(&condition->sequence, 1, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&condition->waiters, __ATOMIC_SEQ_CST) != 0)
		gsync_wake(&condition->sequence, count, 0);
}

void
condition_signal(struct condition *condition)
{
	wake(condition, 1);
}

void
condition_broadcast(struct condition *condition)
{
	wake(condition, EVERYBODY);
}

enum { ONCE_NEW = 0, ONCE_RUNNING = 1, ONCE_DONE = 2 };

void
once_run(struct once *once, void (*function)(void))
{
	uint32_t seen = ONCE_NEW;

	if (__atomic_load_n(&once->state, __ATOMIC_ACQUIRE) == ONCE_DONE)
		return;
	if (__atomic_compare_exchange_n(
		    &once->state, &seen, ONCE_RUNNING, false, __ATOMIC_ACQUIRE, __ATOMIC_ACQUIRE)) {
		function();
		__atomic_store_n(&once->state, ONCE_DONE, __ATOMIC_RELEASE);
		gsync_wake(&once->state, EVERYBODY, 0);
		return;
	}
	while (__atomic_load_n(&once->state, __ATOMIC_ACQUIRE) != ONCE_DONE)
		gsync_wait(&once->state, ONCE_RUNNING, 0, 0);
}
