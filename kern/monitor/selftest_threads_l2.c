/*
 * Checks of threads, wait queues, time-outs and sleep locks, with kernel threads.
 */
#include "monitor/selftest.h"

#include "arch/timer.h"
#include "init/panic.h"
#include "init/printk.h"
#include "sched/sched.h"
#include "sync/waitq.h"
#include "task/thread.h"

#include <mach/task_info.h>

#define THREADS		6
#define ROUNDS		200
#define PATIENCE_NS	5000000000ull	/* how long the check waits for its threads */

static struct spinlock lock = SPINLOCK_INIT("selftest", RANK_WAITQ);
static struct waitq sleepers = WAITQ_INIT(sleepers), checker = WAITQ_INIT(checker);
static struct mutex mutex;
static unsigned asleep, finished, counter;
static int order[THREADS];		/* in which they woke */

static bool
panicked(void)
{
	return !selftest_check(!panic_active, "nothing runs after a panic");
}

/* Waits until *count has reached `wanted`. Conditions: lock held. */
static bool
wait_for(const unsigned *count, unsigned wanted)
{
	uint64_t deadline = timer_now() + PATIENCE_NS;

	while (*count < wanted)
		if (waitq_wait(&checker, &lock, deadline, 0, "selftest", NULL) == WAIT_TIMED_OUT)
			break;
	return selftest_check(*count >= wanted, "only %u of %u threads came", *count, wanted);
}

static unsigned
start(void (*function)(void *), unsigned threads)
{
	unsigned i;

	asleep = finished = counter = 0;
	for (i = 0; i < threads; i++)
		if (thread_create_kernel(function, (void *)(uintptr_t)i, MACH_PRIORITY_SYSTEM,
		    "selftest") == NULL)
			break;
	selftest_check(i == threads, "no memory for thread %u", i);
	return i;
}

static void
finish(void)
{
	finished++;
	waitq_wake_all(&checker);
	spin_unlock(&lock);
	thread_exit_self();
}

/* --- the longest waiter is woken first --- */

static void
sleeper(void *number)
{
	spin_lock(&lock);
	asleep++;
	waitq_wake_all(&checker);
	waitq_wait(&sleepers, &lock, WAIT_FOREVER, 0, "selftest", NULL);
	order[finished] = (uintptr_t)number;
	finish();
}

static void
wake_order(uint64_t seed)
{
	unsigned i;

	(void)seed;
	if (panicked())
		return;
	asleep = finished = 0;
	for (i = 0; i < THREADS; i++) {
		if (thread_create_kernel(sleeper, (void *)(uintptr_t)i, MACH_PRIORITY_SYSTEM,
		    "selftest") == NULL)
			break;
		spin_lock(&lock);
		wait_for(&asleep, i + 1);
		spin_unlock(&lock);
	}
	selftest_check(i == THREADS, "no memory for thread %u", i);
	spin_lock(&lock);
	for (unsigned woken = 0; woken < i; woken++) {
		selftest_check(waitq_wake_one(&sleepers) != NULL, "nobody waits");
		wait_for(&finished, woken + 1);
	}
	spin_unlock(&lock);
	for (unsigned woken = 0; woken < i; woken++) {
		printk("woken %u: thread %d\n", woken, order[woken]);
		selftest_check(order[woken] == (int)woken, "the longest waiter was thread %u",
		    woken);
	}
}

/* --- time-outs --- */

static void
time_outs(uint64_t seed)
{
	static const unsigned milliseconds[] = { 0, 1, 5, 20, 50 };

	(void)seed;
	if (panicked())
		return;
	for (unsigned i = 0; i < sizeof(milliseconds) / sizeof(milliseconds[0]); i++) {
		uint64_t began = timer_now(), asked = milliseconds[i] * 1000000ull, took;
		enum wait_result result;

		spin_lock(&lock);
		result = waitq_wait(&checker, &lock, began + asked, 0, "selftest", NULL);
		spin_unlock(&lock);
		took = timer_now() - began;
		printk("asked for %u us, slept %lu us\n", milliseconds[i] * 1000,
		    (unsigned long)(took / 1000));
		selftest_check(result == WAIT_TIMED_OUT, "the wait ended with %d", result);
		selftest_check(took >= asked, "%lu us too early",
		    (unsigned long)((asked - took) / 1000));
	}
}

/* --- sleep locks --- */

static void
adder(void *argument)
{
	(void)argument;
	for (unsigned i = 0; i < ROUNDS; i++) {
		unsigned seen;

		mutex_lock(&mutex);
		seen = counter;
		sched_yield();
		counter = seen + 1;
		mutex_unlock(&mutex);
	}
	spin_lock(&lock);
	finish();
}

static void
sleep_locks(uint64_t seed)
{
	unsigned started;

	(void)seed;
	if (panicked())
		return;
	mutex_init(&mutex, "selftest");
	started = start(adder, THREADS);
	spin_lock(&lock);
	if (wait_for(&finished, started))
		selftest_check(counter == started * ROUNDS, "%u additions instead of %u", counter,
		    started * ROUNDS);
	printk("%u threads added up to %u\n", started, counter);
	spin_unlock(&lock);
}

#ifdef DEBUG
static struct mutex other;

/* What only debug kernels notice. */
static void
sleep_lock_order(uint64_t seed)
{
	mutex_init(&mutex, "selftest");
	mutex_init(&other, "other");
	if (seed == 1)
		spin_lock(&lock);
	else if (seed == 2)
		mutex_lock(&other);
	if (seed == 1 || seed == 2)
		mutex_lock(&mutex);
}
#endif

const struct selftest selftests_threads[] = {
	{ "waitq", "threads are woken in the order they came", wake_order },
	{ "timeout", "waits end when their time is over, not before", time_outs },
	{ "mutex", "threads that exclude each other", sleep_locks },
#ifdef DEBUG
	{ "order", "1, 2: a sleep lock under another lock: panics", sleep_lock_order },
#endif
	{ NULL, NULL, NULL },
};
