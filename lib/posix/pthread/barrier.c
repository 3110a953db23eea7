/*
 * Barriers: the last one to arrive opens the round, the others wait for it to change. `__inside` counts those who have not left, so that
 * the first who is through may destroy the barrier.
 */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>

int
pthread_barrier_wait(pthread_barrier_t *barrier)
{
	uint32_t round;
	int result = 0;

	pthread_mutex_lock(&barrier->__mutex);
	round = barrier->__round;
	barrier->__inside++;
	if (++barrier->__arrived == barrier->__count) {
		barrier->__arrived = 0;
		barrier->__round++;
		pthread_cond_broadcast(&barrier->__opened);
		result = PTHREAD_BARRIER_SERIAL_THREAD;
	}
	while (barrier->__round == round)
		pthread_cond_wait(&barrier->__opened, &barrier->__mutex);
	if (--barrier->__inside == 0)
		pthread_cond_broadcast(&barrier->__left);
	pthread_mutex_unlock(&barrier->__mutex);
	return result;
}

int
pthread_barrier_init(pthread_barrier_t *restrict barrier, const pthread_barrierattr_t *restrict attr, unsigned count)
{
	uint32_t shared = attr != NULL ? attr->__shared : PTHREAD_PROCESS_PRIVATE;

	if (count == 0)
		return EINVAL;
	*barrier = (pthread_barrier_t){ .__count = count };
	barrier->__mutex.__shared = barrier->__opened.__shared = barrier->__left.__shared = shared;
	return 0;
}

int
pthread_barrier_destroy(pthread_barrier_t *barrier)
{
	bool busy;

	pthread_mutex_lock(&barrier->__mutex);
	busy = barrier->__arrived != 0;
	while (!busy && barrier->__inside != 0)
		pthread_cond_wait(&barrier->__left, &barrier->__mutex);
	pthread_mutex_unlock(&barrier->__mutex);
	return busy ? EBUSY : 0;
}

int
pthread_barrierattr_init(pthread_barrierattr_t *attr)
{
	attr->__shared = PTHREAD_PROCESS_PRIVATE;
	return 0;
}

int
pthread_barrierattr_destroy(pthread_barrierattr_t *attr)
{
	(void)attr;
	return 0;
}

int
pthread_barrierattr_getpshared(const pthread_barrierattr_t *restrict attr, int *restrict shared)
{
	*shared = (int)attr->__shared;
	return 0;
}

int
pthread_barrierattr_setpshared(pthread_barrierattr_t *attr, int shared)
{
	if (shared != PTHREAD_PROCESS_PRIVATE && shared != PTHREAD_PROCESS_SHARED)
		return EINVAL;
	attr->__shared = (uint32_t)shared;
	return 0;
}
