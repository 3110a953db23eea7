/* The threads of ISO C (see <threads.h>), which are those of POSIX. Times are of CLOCK_REALTIME, as timespec_get tells it. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <threads.h>

static int
result_of(int error)
{
	switch (error) {
	case 0:
		return thrd_success;
	case EBUSY:
		return thrd_busy;
	case EAGAIN:
	case ENOMEM:
		return thrd_nomem;
	case ETIMEDOUT:
		return thrd_timedout;
	}
	return thrd_error;
}

/* --- threads --- */

struct start {
	thrd_start_t function;
	void *argument;
};

static void *
run(void *argument)
{
	struct start start = *(struct start *)argument;

	free(argument);
	return (void *)(intptr_t)start.function(start.argument);
}

int
thrd_create(thrd_t *thread, thrd_start_t function, void *argument)
{
	struct start *start = malloc(sizeof(*start));
	int error;

	if (start == NULL)
		return thrd_nomem;
	*start = (struct start){ function, argument };
	error = pthread_create(thread, NULL, run, start);
	if (error != 0)
		free(start);
	return result_of(error);
}

thrd_t
thrd_current(void)
{
	return pthread_self();
}

int
thrd_detach(thrd_t thread)
{
	return result_of(pthread_detach(thread));
}

int
thrd_equal(thrd_t a, thrd_t b)
{
	return pthread_equal(a, b);
}

void
thrd_exit(int result)
{
	pthread_exit((void *)(intptr_t)result);
}

int
thrd_join(thrd_t thread, int *result)
{
	void *value;
	int error = pthread_join(thread, &value);

	if (error == 0 && result != NULL)
		*result = (int)(intptr_t)value;
	return result_of(error);
}

int
thrd_sleep(const struct timespec *duration, struct timespec *left)
{
	int error = clock_nanosleep(CLOCK_REALTIME, 0, duration, left);

	return error == 0 ? 0 : error == EINTR ? -1 : -2;
}

void
thrd_yield(void)
{
	sched_yield();
}

/* --- mutexes --- */

int
mtx_init(mtx_t *mutex, int type)
{
	pthread_mutexattr_t attr;

	if ((type & ~(mtx_recursive | mtx_timed)) != 0)
		return thrd_error;
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, (type & mtx_recursive) != 0 ? PTHREAD_MUTEX_RECURSIVE : PTHREAD_MUTEX_NORMAL);
	return result_of(pthread_mutex_init(mutex, &attr));
}

void
mtx_destroy(mtx_t *mutex)
{
	pthread_mutex_destroy(mutex);
}

int
mtx_lock(mtx_t *mutex)
{
	return result_of(pthread_mutex_lock(mutex));
}

int
mtx_timedlock(mtx_t *restrict mutex, const struct timespec *restrict until)
{
	return result_of(pthread_mutex_timedlock(mutex, until));
}

int
mtx_trylock(mtx_t *mutex)
{
	return result_of(pthread_mutex_trylock(mutex));
}

int
mtx_unlock(mtx_t *mutex)
{
	return result_of(pthread_mutex_unlock(mutex));
}

/* --- conditions --- */

int
cnd_init(cnd_t *condition)
{
	return result_of(pthread_cond_init(condition, NULL));
}

void
cnd_destroy(cnd_t *condition)
{
	pthread_cond_destroy(condition);
}

int
cnd_signal(cnd_t *condition)
{
	return result_of(pthread_cond_signal(condition));
}

int
cnd_broadcast(cnd_t *condition)
{
	return result_of(pthread_cond_broadcast(condition));
}

int
cnd_wait(cnd_t *condition, mtx_t *mutex)
{
	return result_of(pthread_cond_wait(condition, mutex));
}

int
cnd_timedwait(cnd_t *restrict condition, mtx_t *restrict mutex, const struct timespec *restrict until)
{
	return result_of(pthread_cond_timedwait(condition, mutex, until));
}

/* --- values of a thread, once --- */

int
tss_create(tss_t *key, tss_dtor_t destructor)
{
	return result_of(pthread_key_create(key, destructor));
}

void
tss_delete(tss_t key)
{
	pthread_key_delete(key);
}

void *
tss_get(tss_t key)
{
	return pthread_getspecific(key);
}

int
tss_set(tss_t key, void *value)
{
	return result_of(pthread_setspecific(key, value));
}

void
call_once(once_flag *flag, void (*function)(void))
{
	pthread_once(flag, function);
}
