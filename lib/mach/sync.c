/*
 * Mutexes, conditions, once. See cthread.h.
 *
 * A mutex word is 0 (free), 1 (taken) or 2 (taken, somebody may wait). Whoever had to wait takes
 * it with 2, so that its own release wakes the next one; a release that finds 1 needs no trap.
 */
#include "mach/cthread.h"

enum { FREE = 0, TAKEN = 1, CONTENDED = 2 };

#define EVERYBODY	UINT32_MAX

void
mutex_lock(struct mutex *mutex)
{
	uint32_t seen = FREE;

	if (__atomic_compare_exchange_n(
		    &mutex->state, &seen, TAKEN, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return;
	while (__atomic_exchange_n(&mutex->state, CONTENDED, __ATOMIC_ACQUIRE) != FREE)
		gsync_wait(&mutex->state, CONTENDED, 0, 0);
}

bool
mutex_try_lock(struct mutex *mutex)
{
	uint32_t seen = FREE;

	return __atomic_compare_exchange_n(
		&mutex->state, &seen, TAKEN, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

/*
 * Who lets others in gives them the CPU, too. A busy server's thread would else have taken the mutex for its next request before the one that
 * it woke ran, again and again: that one might wait for ever.
 */
void
mutex_unlock(struct mutex *mutex)
{
	if (__atomic_exchange_n(&mutex->state, FREE, __ATOMIC_RELEASE) != CONTENDED)
		return;
	gsync_wake(&mutex->state, 1, 0);
	thread_switch(MACH_PORT_NULL, SWITCH_OPTION_NONE, 0);
}

/* Retakes the mutex as one who may have company: other woken threads may be waiting for it. */
static void
lock_contended(struct mutex *mutex)
{
	while (__atomic_exchange_n(&mutex->state, CONTENDED, __ATOMIC_ACQUIRE) != FREE)
		gsync_wait(&mutex->state, CONTENDED, 0, 0);
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
	lock_contended(mutex);
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
