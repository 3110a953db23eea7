/*
 * Read-write locks. `__state` counts the readers inside, all ones is a writer. A waiting writer keeps new readers out, so writers are not
 * starved, unless the lock was made for readers to be let in first. Whoever has to wait sleeps on `__sequence`, which every release
 * changes.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>

#include "self.h"
#include "word.h"

#define WRITER		UINT32_MAX
#define READERS_MOST	(WRITER - 1)

static const struct word_deadline forever = { NULL, CLOCK_REALTIME };

static int
try_read(pthread_rwlock_t *lock)
{
	uint32_t state = __atomic_load_n(&lock->__state, __ATOMIC_RELAXED);

	do {
		if (state == WRITER || (!lock->__readers_first && __atomic_load_n(&lock->__writers, __ATOMIC_SEQ_CST) != 0))
			return EBUSY;
		if (state == READERS_MOST)
			return EAGAIN;
	} while (!__atomic_compare_exchange_n(&lock->__state, &state, state + 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED));
	return 0;
}

static int
try_write(pthread_rwlock_t *lock)
{
	uint32_t nobody = 0;

	if (!__atomic_compare_exchange_n(&lock->__state, &nobody, WRITER, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return EBUSY;
	__atomic_store_n(&lock->__owner, self_in(lock->__shared), __ATOMIC_RELAXED);
	return 0;
}

/* Sleeps until something was released after `attempt` failed. */
static int
wait_for(pthread_rwlock_t *lock, int (*attempt)(pthread_rwlock_t *), struct word_deadline deadline)
{
	int error;

	for (;;) {
		uint32_t sequence = __atomic_load_n(&lock->__sequence, __ATOMIC_SEQ_CST);

		error = attempt(lock);
		if (error != EBUSY)
			return error;
		error = word_wait(&lock->__sequence, sequence, lock->__shared, deadline);
		if (error != 0)
			return error;
	}
}

static void
note_release(pthread_rwlock_t *lock)
{
	uint32_t shared = lock->__shared;

	__atomic_add_fetch(&lock->__sequence, 1, __ATOMIC_SEQ_CST);
	word_wake(&lock->__sequence, WORD_EVERYBODY, shared);
}

static int
read_until(pthread_rwlock_t *lock, struct word_deadline deadline)
{
	if (__atomic_load_n(&lock->__owner, __ATOMIC_RELAXED) == self_in(lock->__shared))
		return EDEADLK;
	return wait_for(lock, try_read, deadline);
}

static int
write_until(pthread_rwlock_t *lock, struct word_deadline deadline)
{
	int error;

	if (__atomic_load_n(&lock->__owner, __ATOMIC_RELAXED) == self_in(lock->__shared))
		return EDEADLK;
	__atomic_add_fetch(&lock->__writers, 1, __ATOMIC_SEQ_CST);
	error = wait_for(lock, try_write, deadline);
	__atomic_sub_fetch(&lock->__writers, 1, __ATOMIC_SEQ_CST);
	if (error != 0)
		note_release(lock);	/* readers may have waited for this writer only */
	return error;
}

int
pthread_rwlock_rdlock(pthread_rwlock_t *lock)
{
	return read_until(lock, forever);
}

int
pthread_rwlock_timedrdlock(pthread_rwlock_t *restrict lock, const struct timespec *restrict until)
{
	return read_until(lock, (struct word_deadline){ until, CLOCK_REALTIME });
}

int
pthread_rwlock_clockrdlock(pthread_rwlock_t *restrict lock, clockid_t clock, const struct timespec *restrict until)
{
	return word_has_clock(clock) ? read_until(lock, (struct word_deadline){ until, clock }) : EINVAL;
}

int
pthread_rwlock_tryrdlock(pthread_rwlock_t *lock)
{
	return try_read(lock);
}

int
pthread_rwlock_wrlock(pthread_rwlock_t *lock)
{
	return write_until(lock, forever);
}

int
pthread_rwlock_timedwrlock(pthread_rwlock_t *restrict lock, const struct timespec *restrict until)
{
	return write_until(lock, (struct word_deadline){ until, CLOCK_REALTIME });
}

int
pthread_rwlock_clockwrlock(pthread_rwlock_t *restrict lock, clockid_t clock, const struct timespec *restrict until)
{
	return word_has_clock(clock) ? write_until(lock, (struct word_deadline){ until, clock }) : EINVAL;
}

int
pthread_rwlock_trywrlock(pthread_rwlock_t *lock)
{
	return try_write(lock);
}

int
pthread_rwlock_unlock(pthread_rwlock_t *lock)
{
	uint32_t state = __atomic_load_n(&lock->__state, __ATOMIC_RELAXED);

	if (state == 0)
		return EPERM;
	if (state == WRITER) {
		if (lock->__owner != self_in(lock->__shared))
			return EPERM;
		__atomic_store_n(&lock->__owner, 0, __ATOMIC_RELAXED);
		__atomic_store_n(&lock->__state, 0, __ATOMIC_RELEASE);
		note_release(lock);
	} else if (__atomic_sub_fetch(&lock->__state, 1, __ATOMIC_RELEASE) == 0) {
		note_release(lock);
	}
	return 0;
}

int
pthread_rwlock_init(pthread_rwlock_t *restrict lock, const pthread_rwlockattr_t *restrict attr)
{
	*lock = (pthread_rwlock_t)PTHREAD_RWLOCK_INITIALIZER;
	if (attr != NULL) {
		lock->__shared = attr->__shared;
		lock->__readers_first = attr->__kind == PTHREAD_RWLOCK_PREFER_READER_NP;
	}
	return 0;
}

int
pthread_rwlock_destroy(pthread_rwlock_t *lock)
{
	return __atomic_load_n(&lock->__state, __ATOMIC_RELAXED) == 0 ? 0 : EBUSY;
}

/* --- attributes --- */

int
pthread_rwlockattr_init(pthread_rwlockattr_t *attr)
{
	*attr = (pthread_rwlockattr_t){ PTHREAD_PROCESS_PRIVATE, PTHREAD_RWLOCK_DEFAULT_NP };
	return 0;
}

int
pthread_rwlockattr_getkind_np(const pthread_rwlockattr_t *restrict attr, int *restrict kind)
{
	*kind = (int)attr->__kind;
	return 0;
}

int
pthread_rwlockattr_setkind_np(pthread_rwlockattr_t *attr, int kind)
{
	if (kind < PTHREAD_RWLOCK_PREFER_READER_NP || kind > PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP)
		return EINVAL;
	attr->__kind = (uint32_t)kind;
	return 0;
}

int
pthread_rwlockattr_destroy(pthread_rwlockattr_t *attr)
{
	(void)attr;
	return 0;
}

int
pthread_rwlockattr_getpshared(const pthread_rwlockattr_t *restrict attr, int *restrict shared)
{
	*shared = (int)attr->__shared;
	return 0;
}

int
pthread_rwlockattr_setpshared(pthread_rwlockattr_t *attr, int shared)
{
	if (shared != PTHREAD_PROCESS_PRIVATE && shared != PTHREAD_PROCESS_SHARED)
		return EINVAL;
	attr->__shared = (uint32_t)shared;
	return 0;
}
