/*
 * POSIX threads: every object of <pthread.h> and <semaphore.h>, used by several threads at once.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#include "check.h"
#include "children.h"

enum { THREADS = 4, ROUNDS = 2000 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;

static void
all(void *(*function)(void *))
{
	pthread_t threads[THREADS];

	for (intptr_t i = 0; i < THREADS; i++)
		EQUAL(pthread_create(&threads[i], NULL, function, (void *)i), 0);
	for (intptr_t i = 0; i < THREADS; i++) {
		void *result = NULL;

		EQUAL(pthread_join(threads[i], &result), 0);
		EQUAL((intptr_t)result, i * 2);
	}
}

static struct timespec
in_ms(clockid_t clock, long ms)
{
	struct timespec t;

	clock_gettime(clock, &t);
	t.tv_nsec += ms % 1000 * 1000000;
	t.tv_sec += ms / 1000 + t.tv_nsec / 1000000000;
	t.tv_nsec %= 1000000000;
	return t;
}

static long
ms_since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - start->tv_sec) * 1000 + (now.tv_nsec - start->tv_nsec) / 1000000;
}

/* --- mutexes --- */

static long counter;

static void *
count(void *me)
{
	for (int i = 0; i < ROUNDS; i++) {
		pthread_mutex_lock(&mutex);
		long seen = counter;

		if (i % 64 == 0)
			sched_yield();
		counter = seen + 1;
		pthread_mutex_unlock(&mutex);
	}
	return (void *)((intptr_t)me * 2);
}

static void *
try_taken(void *mutexes)
{
	pthread_mutex_t *m = mutexes;
	struct timespec start, soon = in_ms(CLOCK_REALTIME, 30);

	EQUAL(pthread_mutex_trylock(m), EBUSY);
	EQUAL(pthread_mutex_unlock(m), EPERM);
	clock_gettime(CLOCK_MONOTONIC, &start);
	EQUAL(pthread_mutex_timedlock(m, &soon), ETIMEDOUT);
	CHECK(ms_since(&start) >= 29);
	return NULL;
}

static void
types_of_mutexes(void)
{
	pthread_mutexattr_t attr;
	pthread_mutex_t m;
	pthread_t thread;
	int type;

	EQUAL(pthread_mutexattr_init(&attr), 0);
	EQUAL(pthread_mutexattr_settype(&attr, 77), EINVAL);
	EQUAL(pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ERRORCHECK), 0);
	EQUAL(pthread_mutexattr_gettype(&attr, &type), 0);
	EQUAL(type, PTHREAD_MUTEX_ERRORCHECK);
	EQUAL(pthread_mutex_init(&m, &attr), 0);
	EQUAL(pthread_mutex_unlock(&m), EPERM);
	EQUAL(pthread_mutex_lock(&m), 0);
	EQUAL(pthread_mutex_lock(&m), EDEADLK);
	EQUAL(pthread_mutex_destroy(&m), EBUSY);
	EQUAL(pthread_create(&thread, NULL, try_taken, &m), 0);
	EQUAL(pthread_join(thread, NULL), 0);
	EQUAL(pthread_mutex_unlock(&m), 0);
	EQUAL(pthread_mutex_destroy(&m), 0);

	EQUAL(pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE), 0);
	EQUAL(pthread_mutex_init(&m, &attr), 0);
	EQUAL(pthread_mutex_lock(&m), 0);
	EQUAL(pthread_mutex_lock(&m), 0);
	EQUAL(pthread_mutex_trylock(&m), 0);
	EQUAL(pthread_mutex_unlock(&m), 0);
	EQUAL(pthread_mutex_unlock(&m), 0);
	EQUAL(pthread_create(&thread, NULL, try_taken, &m), 0);
	EQUAL(pthread_join(thread, NULL), 0);
	EQUAL(pthread_mutex_unlock(&m), 0);
	EQUAL(pthread_mutex_unlock(&m), EPERM);
	EQUAL(pthread_mutexattr_destroy(&attr), 0);
}

/* --- conditions: a ring between makers and takers --- */

static int ring[8], ring_used, taken_sum;

static void *
make_or_take(void *me)
{
	for (int i = 0; i < ROUNDS; i++) {
		pthread_mutex_lock(&mutex);
		if ((intptr_t)me % 2 == 0) {
			while (ring_used == 8)
				pthread_cond_wait(&cond, &mutex);
			ring[ring_used++] = i;
		} else {
			while (ring_used == 0)
				pthread_cond_wait(&cond, &mutex);
			taken_sum += ring[--ring_used];
		}
		pthread_cond_broadcast(&cond);
		pthread_mutex_unlock(&mutex);
	}
	return (void *)((intptr_t)me * 2);
}

static void
conditions(void)
{
	struct timespec start, soon, never = { 0, -1 };
	pthread_condattr_t attr;
	pthread_cond_t timed;

	all(make_or_take);
	EQUAL(taken_sum, THREADS / 2 * (ROUNDS * (ROUNDS - 1) / 2));
	EQUAL(ring_used, 0);
	pthread_mutex_lock(&mutex);
	clock_gettime(CLOCK_MONOTONIC, &start);
	soon = in_ms(CLOCK_REALTIME, 30);
	EQUAL(pthread_cond_timedwait(&cond, &mutex, &soon), ETIMEDOUT);
	CHECK(ms_since(&start) >= 29 && ms_since(&start) < 3000);
	EQUAL(pthread_cond_timedwait(&cond, &mutex, &never), EINVAL);
	EQUAL(pthread_condattr_init(&attr), 0);
	EQUAL(pthread_condattr_setclock(&attr, 99), EINVAL);
	EQUAL(pthread_condattr_setclock(&attr, CLOCK_MONOTONIC), 0);
	EQUAL(pthread_cond_init(&timed, &attr), 0);
	soon = in_ms(CLOCK_MONOTONIC, 20);
	EQUAL(pthread_cond_timedwait(&timed, &mutex, &soon), ETIMEDOUT);
	EQUAL(pthread_cond_destroy(&timed), 0);
	pthread_mutex_unlock(&mutex);
}

/* --- once, keys --- */

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static int once_runs, destroyed;

static void
run_once(void)
{
	sched_yield();
	once_runs++;
}

static void
destroy(void *value)
{
	static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;

	pthread_mutex_lock(&guard);
	destroyed += (int)(intptr_t)value;
	pthread_mutex_unlock(&guard);
	if ((intptr_t)value == 1)		/* a value set by a destructor is destroyed as well */
		pthread_setspecific(key, (void *)100);
}

static void *
use_key(void *me)
{
	pthread_once(&once, run_once);
	EQUAL(once_runs, 1);
	CHECK(pthread_getspecific(key) == NULL);
	EQUAL(pthread_setspecific(key, (void *)1), 0);
	sched_yield();
	CHECK(pthread_getspecific(key) == (void *)1);
	return (void *)((intptr_t)me * 2);
}

static void
keys_and_once(void)
{
	pthread_key_t many[200];
	int made = 0;

	EQUAL(pthread_key_create(&key, destroy), 0);
	all(use_key);
	EQUAL(destroyed, THREADS * 101);
	EQUAL(pthread_setspecific(key, (void *)5), 0);
	EQUAL(pthread_key_delete(key), 0);
	EQUAL(pthread_key_delete(key), EINVAL);
	EQUAL(pthread_setspecific(key, (void *)5), EINVAL);
	CHECK(pthread_getspecific(key) == NULL);
	while (made < 200 && pthread_key_create(&many[made], NULL) == 0)
		CHECK(pthread_getspecific(many[made++]) == NULL);
	EQUAL(made, 128);
	while (made > 0)
		EQUAL(pthread_key_delete(many[--made]), 0);
}

/* --- read-write locks, barriers, spin locks, semaphores --- */

static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static volatile int pair[2];

static void *
read_or_write(void *me)
{
	for (int i = 0; i < ROUNDS; i++) {
		if (i % 4 == (intptr_t)me) {
			EQUAL(pthread_rwlock_wrlock(&rwlock), 0);
			pair[0]++;
			if (i % 16 == 0)
				sched_yield();
			pair[1]++;
		} else {
			EQUAL(pthread_rwlock_rdlock(&rwlock), 0);
			CHECK(pair[0] == pair[1]);
		}
		EQUAL(pthread_rwlock_unlock(&rwlock), 0);
	}
	return (void *)((intptr_t)me * 2);
}

static void
read_write_locks(void)
{
	struct timespec soon = in_ms(CLOCK_REALTIME, 10);

	all(read_or_write);
	EQUAL(pair[0], ROUNDS);
	EQUAL(pthread_rwlock_unlock(&rwlock), EPERM);
	EQUAL(pthread_rwlock_rdlock(&rwlock), 0);
	EQUAL(pthread_rwlock_tryrdlock(&rwlock), 0);
	EQUAL(pthread_rwlock_trywrlock(&rwlock), EBUSY);
	EQUAL(pthread_rwlock_timedwrlock(&rwlock, &soon), ETIMEDOUT);
	EQUAL(pthread_rwlock_tryrdlock(&rwlock), 0);	/* the writer has given up */
	for (int i = 0; i < 3; i++)
		EQUAL(pthread_rwlock_unlock(&rwlock), 0);
	EQUAL(pthread_rwlock_wrlock(&rwlock), 0);
	EQUAL(pthread_rwlock_wrlock(&rwlock), EDEADLK);
	EQUAL(pthread_rwlock_tryrdlock(&rwlock), EBUSY);
	EQUAL(pthread_rwlock_unlock(&rwlock), 0);
	EQUAL(pthread_rwlock_destroy(&rwlock), 0);
}

static pthread_barrier_t barrier;
static pthread_spinlock_t spin;
static int serial, arrivals[50];

static void *
meet(void *me)
{
	for (int i = 0; i < 50; i++) {
		pthread_spin_lock(&spin);
		arrivals[i]++;
		pthread_spin_unlock(&spin);
		if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
			__atomic_add_fetch(&serial, 1, __ATOMIC_RELAXED);
		EQUAL(arrivals[i], THREADS);
	}
	return (void *)((intptr_t)me * 2);
}

static void
barriers(void)
{
	EQUAL(pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE), 0);
	EQUAL(pthread_barrier_init(&barrier, NULL, 0), EINVAL);
	EQUAL(pthread_barrier_init(&barrier, NULL, THREADS), 0);
	all(meet);
	EQUAL(serial, 50);
	EQUAL(pthread_barrier_destroy(&barrier), 0);
	EQUAL(pthread_spin_trylock(&spin), 0);
	EQUAL(pthread_spin_trylock(&spin), EBUSY);
	EQUAL(pthread_spin_unlock(&spin), 0);
}

static sem_t items, done;

static void *
post_and_wait(void *me)
{
	for (int i = 0; i < ROUNDS; i++)
		if ((intptr_t)me % 2 == 0)
			EQUAL(sem_post(&items), 0);
		else
			EQUAL(sem_wait(&items), 0);
	sem_post(&done);
	return (void *)((intptr_t)me * 2);
}

static void
semaphores(void)
{
	struct timespec soon = in_ms(CLOCK_REALTIME, 10);
	int value;

	FAILS(sem_init(&items, 0, 0x80000000u), EINVAL);
	EQUAL(sem_init(&items, 0, 0), 0);
	EQUAL(sem_init(&done, 0, 0), 0);
	all(post_and_wait);
	for (int i = 0; i < THREADS; i++)
		EQUAL(sem_trywait(&done), 0);
	FAILS(sem_trywait(&done), EAGAIN);
	EQUAL(sem_getvalue(&items, &value), 0);
	EQUAL(value, 0);
	FAILS(sem_timedwait(&items, &soon), ETIMEDOUT);
	EQUAL(sem_init(&items, 0, SEM_VALUE_MAX), 0);
	FAILS(sem_post(&items), EOVERFLOW);
	EQUAL(sem_destroy(&items), 0);
}

/* --- ends --- */

static int cleaned;

static void
clean(void *by)
{
	cleaned = cleaned * 10 + (int)(intptr_t)by;
}

static void *
leave_early(void *unused)
{
	(void)unused;
	pthread_cleanup_push(clean, (void *)1);
	pthread_cleanup_push(clean, (void *)2);
	pthread_cleanup_push(clean, (void *)3);
	pthread_cleanup_pop(0);
	pthread_exit((void *)42);
	pthread_cleanup_pop(1);
	pthread_cleanup_pop(1);
	return NULL;
}

static void *
say_done(void *unused)
{
	(void)unused;
	sem_post(&done);
	return NULL;
}

static void
ends(void)
{
	pthread_attr_t attr;
	pthread_t thread;
	void *result = NULL;

	EQUAL(pthread_create(&thread, NULL, leave_early, NULL), 0);
	EQUAL(pthread_join(thread, &result), 0);
	CHECK(result == (void *)42);
	EQUAL(cleaned, 21);
	EQUAL(pthread_join(pthread_self(), NULL), EDEADLK);
	CHECK(pthread_equal(pthread_self(), pthread_self()));
	EQUAL(pthread_attr_init(&attr), 0);
	EQUAL(pthread_attr_setstacksize(&attr, 1), EINVAL);
	EQUAL(pthread_attr_setstacksize(&attr, 64 * 1024), 0);
	EQUAL(pthread_attr_setdetachstate(&attr, 9), EINVAL);
	EQUAL(pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED), 0);
	for (int i = 0; i < 200; i++) {		/* more than there is room for, were they kept */
		EQUAL(pthread_create(&thread, &attr, say_done, NULL), 0);
		EQUAL(sem_wait(&done), 0);
	}
	EQUAL(pthread_attr_destroy(&attr), 0);
}

static void *
last_words(void *unused)
{
	(void)unused;
	sched_yield();
	exit(check_report("pthread"));
}

/* --- locks that processes share --- */

struct shared {
	pthread_mutex_t recursive, checking;
	pthread_rwlock_t lock;
	volatile int released;
};

static struct shared *shared;

/* In the child, whose thread has the address of the one in the parent that has the locks. */
static int
locked_by_parent(void)
{
	checks_failed = 0;
	EQUAL(pthread_mutex_trylock(&shared->recursive), EBUSY);
	EQUAL(pthread_mutex_unlock(&shared->recursive), EPERM);
	EQUAL(pthread_mutex_trylock(&shared->checking), EBUSY);
	EQUAL(pthread_mutex_timedlock(&shared->checking, &(struct timespec){ 1, 0 }), ETIMEDOUT);
	EQUAL(pthread_mutex_unlock(&shared->checking), EPERM);
	EQUAL(pthread_rwlock_timedrdlock(&shared->lock, &(struct timespec){ 1, 0 }), ETIMEDOUT);
	EQUAL(pthread_rwlock_timedwrlock(&shared->lock, &(struct timespec){ 1, 0 }), ETIMEDOUT);
	return checks_failed != 0;
}

/* A lock of the process's own is the forking thread's there, too (pthread_atfork). */
static pthread_mutex_t own = PTHREAD_MUTEX_INITIALIZER;

static int
locked_before_fork(void)
{
	checks_failed = 0;
	EQUAL(pthread_mutex_unlock(&own), 0);
	EQUAL(pthread_mutex_trylock(&own), 0);
	return checks_failed != 0;
}

static void
locks_of_processes(void)
{
	pthread_rwlockattr_t of_lock;
	pthread_mutexattr_t of_mutex;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(shared != MAP_FAILED);
	EQUAL(pthread_mutexattr_init(&of_mutex), 0);
	EQUAL(pthread_mutexattr_settype(&of_mutex, PTHREAD_MUTEX_RECURSIVE), 0);
	EQUAL(pthread_mutex_init(&own, &of_mutex), 0);
	EQUAL(pthread_mutexattr_setpshared(&of_mutex, PTHREAD_PROCESS_SHARED), 0);
	EQUAL(pthread_mutex_init(&shared->recursive, &of_mutex), 0);
	EQUAL(pthread_mutexattr_settype(&of_mutex, PTHREAD_MUTEX_ERRORCHECK), 0);
	EQUAL(pthread_mutex_init(&shared->checking, &of_mutex), 0);
	EQUAL(pthread_rwlockattr_init(&of_lock), 0);
	EQUAL(pthread_rwlockattr_setpshared(&of_lock, PTHREAD_PROCESS_SHARED), 0);
	EQUAL(pthread_rwlock_init(&shared->lock, &of_lock), 0);
	EQUAL(pthread_mutex_lock(&shared->recursive), 0);
	EQUAL(pthread_mutex_lock(&shared->recursive), 0);
	EQUAL(pthread_mutex_lock(&shared->checking), 0);
	EQUAL(pthread_mutex_lock(&shared->checking), EDEADLK);
	EQUAL(pthread_rwlock_wrlock(&shared->lock), 0);
	EQUAL(pthread_rwlock_wrlock(&shared->lock), EDEADLK);
	EQUAL(pthread_mutex_lock(&own), 0);
	EQUAL(in_child(locked_by_parent), 0);
	EQUAL(in_child(locked_before_fork), 0);
	EQUAL(pthread_mutex_unlock(&own), 0);
	EQUAL(pthread_rwlock_unlock(&shared->lock), 0);
	EQUAL(pthread_mutex_unlock(&shared->checking), 0);
	EQUAL(pthread_mutex_unlock(&shared->recursive), 0);
	EQUAL(pthread_mutex_unlock(&shared->recursive), 0);
	EQUAL(munmap(shared, sizeof(*shared)), 0);
}

/* Times before all that the clocks can show are over. */
static void
times_long_ago(void)
{
	static const struct timespec first = { INT64_MIN, 0 };
	sigset_t none;
	sem_t empty;

	EQUAL(sem_init(&empty, 0, 0), 0);
	FAILS(sem_timedwait(&empty, &first), ETIMEDOUT);
	EQUAL(pthread_mutex_lock(&mutex), 0);
	EQUAL(pthread_cond_timedwait(&cond, &mutex, &first), ETIMEDOUT);
	EQUAL(pthread_mutex_unlock(&mutex), 0);
	sigemptyset(&none);
	FAILS(sigtimedwait(&none, NULL, &first), EAGAIN);
}

int
main(void)
{
	pthread_t thread;

	all(count);
	EQUAL(counter, THREADS * ROUNDS);
	types_of_mutexes();
	conditions();
	keys_and_once();
	read_write_locks();
	barriers();
	semaphores();
	ends();
	locks_of_processes();
	times_long_ago();
	/* The first thread may end before the others. */
	EQUAL(pthread_create(&thread, NULL, last_words, NULL), 0);
	pthread_exit(NULL);
}
