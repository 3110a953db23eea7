/*
 * Mutexes: the three-state word of lib/mach's, with owner and depth for the types that ask for them.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>

#include "self.h"
#include "word.h"

enum { FREE = 0, TAKEN = 1, CONTENDED = 2 };

static bool
take(pthread_mutex_t *mutex)
{
	uint32_t seen = FREE;

	return __atomic_compare_exchange_n(&mutex->__state, &seen, TAKEN, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static bool
is_mine(const pthread_mutex_t *mutex)
{
	return __atomic_load_n(&mutex->__owner, __ATOMIC_RELAXED) == self_in(mutex->__shared);
}

/* The caller has it already: 0 (once more), or why that cannot be. */
static int
take_again(pthread_mutex_t *mutex, int error)
{
	if (mutex->__type != PTHREAD_MUTEX_RECURSIVE)
		return error;
	if (mutex->__depth == UINT32_MAX)
		return EAGAIN;
	mutex->__depth++;
	return 0;
}

static int
lock_until(pthread_mutex_t *mutex, struct word_deadline deadline)
{
	int error = 0;

	if (mutex->__type != PTHREAD_MUTEX_NORMAL && is_mine(mutex))
		return take_again(mutex, EDEADLK);
	if (!take(mutex))
		while (error == 0 && __atomic_exchange_n(&mutex->__state, CONTENDED, __ATOMIC_ACQUIRE) != FREE)
			error = word_wait(&mutex->__state, CONTENDED, mutex->__shared, deadline);
	if (error == 0 && mutex->__type != PTHREAD_MUTEX_NORMAL)
		__atomic_store_n(&mutex->__owner, self_in(mutex->__shared), __ATOMIC_RELAXED);
	return error;
}

int
pthread_mutex_lock(pthread_mutex_t *mutex)
{
	return lock_until(mutex, (struct word_deadline){ NULL, CLOCK_REALTIME });
}

int
pthread_mutex_timedlock(pthread_mutex_t *restrict mutex, const struct timespec *restrict until)
{
	return lock_until(mutex, (struct word_deadline){ until, CLOCK_REALTIME });
}

int
pthread_mutex_clocklock(pthread_mutex_t *restrict mutex, clockid_t clock, const struct timespec *restrict until)
{
	return word_has_clock(clock) ? lock_until(mutex, (struct word_deadline){ until, clock }) : EINVAL;
}

int
pthread_mutex_trylock(pthread_mutex_t *mutex)
{
	if (mutex->__type != PTHREAD_MUTEX_NORMAL && is_mine(mutex))
		return take_again(mutex, EBUSY);
	if (!take(mutex))
		return EBUSY;
	if (mutex->__type != PTHREAD_MUTEX_NORMAL)
		__atomic_store_n(&mutex->__owner, self_in(mutex->__shared), __ATOMIC_RELAXED);
	return 0;
}

int
pthread_mutex_unlock(pthread_mutex_t *mutex)
{
	if (mutex->__type != PTHREAD_MUTEX_NORMAL) {
		if (!is_mine(mutex))
			return EPERM;
		if (mutex->__depth > 0) {
			mutex->__depth--;
			return 0;
		}
		__atomic_store_n(&mutex->__owner, 0, __ATOMIC_RELAXED);
	}
	if (__atomic_exchange_n(&mutex->__state, FREE, __ATOMIC_RELEASE) == CONTENDED)
		word_wake(&mutex->__state, 1, mutex->__shared);
	return 0;
}

int
pthread_mutex_init(pthread_mutex_t *restrict mutex, const pthread_mutexattr_t *restrict attr)
{
	*mutex = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
	if (attr != NULL) {
		mutex->__type = attr->__type;
		mutex->__shared = attr->__shared;
	}
	return 0;
}

int
pthread_mutex_destroy(pthread_mutex_t *mutex)
{
	return __atomic_load_n(&mutex->__state, __ATOMIC_RELAXED) == FREE ? 0 : EBUSY;
}

/* --- attributes --- */

int
pthread_mutexattr_init(pthread_mutexattr_t *attr)
{
	*attr = (pthread_mutexattr_t){ PTHREAD_MUTEX_DEFAULT, PTHREAD_PROCESS_PRIVATE };
	return 0;
}

int
pthread_mutexattr_destroy(pthread_mutexattr_t *attr)
{
	(void)attr;
	return 0;
}

int
pthread_mutexattr_gettype(const pthread_mutexattr_t *restrict attr, int *restrict type)
{
	*type = (int)attr->__type;
	return 0;
}

int
pthread_mutexattr_settype(pthread_mutexattr_t *attr, int type)
{
	if (type < PTHREAD_MUTEX_NORMAL || type > PTHREAD_MUTEX_ERRORCHECK)
		return EINVAL;
	attr->__type = (uint32_t)type;
	return 0;
}

int
pthread_mutexattr_getpshared(const pthread_mutexattr_t *restrict attr, int *restrict shared)
{
	*shared = (int)attr->__shared;
	return 0;
}

int
pthread_mutexattr_setpshared(pthread_mutexattr_t *attr, int shared)
{
	if (shared != PTHREAD_PROCESS_PRIVATE && shared != PTHREAD_PROCESS_SHARED)
		return EINVAL;
	attr->__shared = (uint32_t)shared;
	return 0;
}
