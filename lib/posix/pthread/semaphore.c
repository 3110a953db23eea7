/*
 * Semaphores: the value is the word that waiters sleep on while it is zero.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <semaphore.h>

#include "posix/signal/signals.h"
#include "cancel.h"
#include "word.h"

static int
fail(int error)
{
	errno = error;
	return -1;
}

int
sem_init(sem_t *semaphore, int shared, unsigned value)
{
	if (value > SEM_VALUE_MAX)
		return fail(EINVAL);
	*semaphore = (sem_t){ .__value = value, .__shared = shared != 0 };
	return 0;
}

int
sem_destroy(sem_t *semaphore)
{
	return __atomic_load_n(&semaphore->__waiters, __ATOMIC_SEQ_CST) == 0 ? 0 : fail(EBUSY);
}

int
sem_post(sem_t *semaphore)
{
	uint32_t value = __atomic_load_n(&semaphore->__value, __ATOMIC_RELAXED), shared = semaphore->__shared;

	do {
		if (value == SEM_VALUE_MAX)
			return fail(EOVERFLOW);
	} while (!__atomic_compare_exchange_n(&semaphore->__value, &value, value + 1, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
	if (__atomic_load_n(&semaphore->__waiters, __ATOMIC_SEQ_CST) != 0)
		word_wake(&semaphore->__value, 1, shared);
	return 0;
}

static bool
take(sem_t *semaphore)
{
	uint32_t value = __atomic_load_n(&semaphore->__value, __ATOMIC_SEQ_CST);

	while (value != 0)
		if (__atomic_compare_exchange_n(&semaphore->__value, &value, value - 1, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
			return true;
	return false;
}

int
sem_trywait(sem_t *semaphore)
{
	return take(semaphore) ? 0 : fail(EAGAIN);
}

static void
leave(void *semaphore)
{
	__atomic_sub_fetch(&((sem_t *)semaphore)->__waiters, 1, __ATOMIC_SEQ_CST);
}

static int
wait_until(sem_t *semaphore, struct word_deadline deadline)
{
	uint32_t seen = *signal_interrupts();
	int error = 0;
	bool taken = take(semaphore);

	if (taken)
		return 0;
	__atomic_add_fetch(&semaphore->__waiters, 1, __ATOMIC_SEQ_CST);
	pthread_cleanup_push(leave, semaphore);
	cancel_begin();
	while (!(taken = take(semaphore)) && error == 0) {
		error = word_wait_interruptible(&semaphore->__value, 0, semaphore->__shared, deadline);
		if (error == EINTR && *signal_interrupts() == seen)
			error = 0;		/* the handler has SA_RESTART */
	}
	cancel_end();
	pthread_cleanup_pop(1);
	return taken ? 0 : fail(error);
}

int
sem_wait(sem_t *semaphore)
{
	return wait_until(semaphore, (struct word_deadline){ NULL, CLOCK_REALTIME });
}

int
sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict until)
{
	return wait_until(semaphore, (struct word_deadline){ until, CLOCK_REALTIME });
}

int
sem_clockwait(sem_t *restrict semaphore, clockid_t clock, const struct timespec *restrict until)
{
	return word_has_clock(clock) ? wait_until(semaphore, (struct word_deadline){ until, clock }) : fail(EINVAL);
}

int
sem_getvalue(sem_t *restrict semaphore, int *restrict value)
{
	*value = (int)__atomic_load_n(&semaphore->__value, __ATOMIC_SEQ_CST);
	return 0;
}
