/*
 * Conditions: a sequence number that every signal and broadcast changes, and that waiters see change.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>

#include "cancel.h"
#include "word.h"

#define DESTROYED	0x80000000u	/* in __waiters: pthread_cond_destroy waits for the last of them */

/* After this the condition may be gone: only the address is used. */
static void
leave(pthread_cond_t *cond)
{
	uint32_t shared = cond->__shared;

	if (__atomic_sub_fetch(&cond->__waiters, 1, __ATOMIC_SEQ_CST) == DESTROYED)
		word_wake(&cond->__waiters, WORD_EVERYBODY, shared);
}

struct wait {
	pthread_cond_t *cond;
	pthread_mutex_t *mutex;
	uint32_t sequence;
};

/* A thread that is cancelled while it waits: its clean-up handlers have the mutex, and what woke it wakes another. */
static void
give_up(void *argument)
{
	struct wait *wait = argument;

	if (__atomic_load_n(&wait->cond->__sequence, __ATOMIC_SEQ_CST) != wait->sequence)
		pthread_cond_signal(wait->cond);
	leave(wait->cond);
	pthread_mutex_lock(wait->mutex);
}

static int
wait_until(pthread_cond_t *cond, pthread_mutex_t *mutex, struct word_deadline deadline)
{
	const struct timespec *until = deadline.until;
	struct wait wait = { cond, mutex, __atomic_load_n(&cond->__sequence, __ATOMIC_RELAXED) };
	int error, relock;

	if (until != NULL && (until->tv_nsec < 0 || until->tv_nsec >= 1000000000l))
		return EINVAL;
	__atomic_add_fetch(&cond->__waiters, 1, __ATOMIC_SEQ_CST);
	error = pthread_mutex_unlock(mutex);
	if (error == 0) {
		pthread_cleanup_push(give_up, &wait);
		cancel_begin();
		error = word_wait(&cond->__sequence, wait.sequence, cond->__shared, deadline);
		cancel_end();
		pthread_cleanup_pop(0);
	}
	leave(cond);
	if (error == EPERM)
		return error;
	relock = pthread_mutex_lock(mutex);
	return relock != 0 ? relock : error;
}

int
pthread_cond_wait(pthread_cond_t *restrict cond, pthread_mutex_t *restrict mutex)
{
	return wait_until(cond, mutex, (struct word_deadline){ NULL, cond->__clock });
}

int
pthread_cond_timedwait(pthread_cond_t *restrict cond, pthread_mutex_t *restrict mutex, const struct timespec *restrict until)
{
	return wait_until(cond, mutex, (struct word_deadline){ until, cond->__clock });
}

int
pthread_cond_clockwait(pthread_cond_t *restrict cond, pthread_mutex_t *restrict mutex, clockid_t clock,
	const struct timespec *restrict until)
{
	return word_has_clock(clock) ? wait_until(cond, mutex, (struct word_deadline){ until, clock }) : EINVAL;
}

static int
wake(pthread_cond_t *cond, uint32_t count)
{
	__atomic_add_fetch(&cond->__sequence, 1, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&cond->__waiters, __ATOMIC_SEQ_CST) != 0)
		word_wake(&cond->__sequence, count, cond->__shared);
	return 0;
}

int
pthread_cond_signal(pthread_cond_t *cond)
{
	return wake(cond, 1);
}

int
pthread_cond_broadcast(pthread_cond_t *cond)
{
	return wake(cond, WORD_EVERYBODY);
}

int
pthread_cond_init(pthread_cond_t *restrict cond, const pthread_condattr_t *restrict attr)
{
	*cond = (pthread_cond_t)PTHREAD_COND_INITIALIZER;
	if (attr != NULL) {
		cond->__clock = attr->__clock;
		cond->__shared = attr->__shared;
	}
	return 0;
}

/* POSIX lets a condition be destroyed once all waiters were woken, though they may not have left yet. */
int
pthread_cond_destroy(pthread_cond_t *cond)
{
	uint32_t waiters = __atomic_or_fetch(&cond->__waiters, DESTROYED, __ATOMIC_SEQ_CST);

	while (waiters != DESTROYED) {
		word_wait(&cond->__waiters, waiters, cond->__shared, (struct word_deadline){ NULL, 0 });
		waiters = __atomic_load_n(&cond->__waiters, __ATOMIC_SEQ_CST);
	}
	return 0;
}

/* --- attributes --- */

int
pthread_condattr_init(pthread_condattr_t *attr)
{
	*attr = (pthread_condattr_t){ CLOCK_REALTIME, PTHREAD_PROCESS_PRIVATE };
	return 0;
}

int
pthread_condattr_destroy(pthread_condattr_t *attr)
{
	(void)attr;
	return 0;
}

int
pthread_condattr_getclock(const pthread_condattr_t *restrict attr, clockid_t *restrict clock)
{
	*clock = attr->__clock;
	return 0;
}

int
pthread_condattr_setclock(pthread_condattr_t *attr, clockid_t clock)
{
	if (!word_has_clock(clock))
		return EINVAL;
	attr->__clock = clock;
	return 0;
}

int
pthread_condattr_getpshared(const pthread_condattr_t *restrict attr, int *restrict shared)
{
	*shared = (int)attr->__shared;
	return 0;
}

int
pthread_condattr_setpshared(pthread_condattr_t *attr, int shared)
{
	if (shared != PTHREAD_PROCESS_PRIVATE && shared != PTHREAD_PROCESS_SHARED)
		return EINVAL;
	attr->__shared = (uint32_t)shared;
	return 0;
}
