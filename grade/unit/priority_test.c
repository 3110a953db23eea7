/*
 * The priority in effect, against a model: threads that hold sleep locks, wait for them, are asked to stop, change their own priority, in random
 * order. Nobody holds two locks or waits with one held, as in the kernel.
 */
// SOURCES: kern/sched/priority.c
// CFLAGS: -Igrade/unit/ipc_mock -Wno-unused-function
#include "sched/priority.h"

#include "sched/cpu.h"
#include "sched/sched.h"
#include "sync/waitq.h"
#include "task/thread.h"
#include "unit.h"

#include <mach/task_info.h>
#include <stdlib.h>

#define THREADS	12
#define LOCKS	3
#define STEPS	200000

static struct cpu the_cpu;
struct cpu *mock_cpu = &the_cpu;
struct cpu cpus[CPU_MAX];
volatile bool panic_active;

static struct thread threads[THREADS];
static struct waiter waiters[THREADS];
static struct mutex locks[LOCKS];
static unsigned stop_loan[THREADS];

_Noreturn void
panic(const char *format, ...)
{
	fprintf(stderr, "panic: %s\n", format);
	abort();
}

void
spin_lock(struct spinlock *lock)
{
	(void)lock;
}

void
spin_unlock(struct spinlock *lock)
{
	(void)lock;
}

bool
spin_held(const struct spinlock *lock)
{
	(void)lock;
	return true;
}

void
sched_set_priority(struct thread *thread, unsigned priority)
{
	thread->priority = priority;
}

/* --- the model: everything is reckoned anew --- */

static unsigned
better(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static unsigned
without_locks(unsigned who)
{
	return better(threads[who].depressed ? MACH_PRIORITY_WORST : threads[who].base_priority, stop_loan[who]);
}

static unsigned
expected(unsigned who)
{
	unsigned priority = without_locks(who);

	for (unsigned i = 0; i < LOCKS; i++)
		if (locks[i].owner == &threads[who])
			for (unsigned k = 0; k < THREADS; k++)
				if (threads[k].blocked_on == &locks[i])
					priority = better(priority, without_locks(k));
	return priority;
}

static bool
holds(unsigned who)
{
	for (unsigned i = 0; i < LOCKS; i++)
		if (locks[i].owner == &threads[who])
			return true;
	return false;
}

static void
check(void)
{
	for (unsigned i = 0; i < THREADS; i++)
		CHECK_EQ(threads[i].priority, expected(i));
}

/* --- what may happen --- */

static void
take(unsigned who, struct mutex *mutex)
{
	if (holds(who) || threads[who].blocked_on != NULL)
		return;
	if (mutex->owner == NULL) {
		mutex->owner = &threads[who];
		return;
	}
	the_cpu.thread = &threads[who];
	priority_lend_holder(mutex);
	waiters[who].thread = &threads[who];
	list_append(&mutex->queue.waiters, &waiters[who].link);
}

static void
give(struct mutex *mutex)
{
	struct waiter *first;

	if (mutex->owner == NULL)
		return;
	the_cpu.thread = mutex->owner;
	if (list_empty(&mutex->queue.waiters)) {
		CHECK_EQ(mutex->best, IDLE_PRIORITY);
		CHECK_EQ(mutex->owner->lent_by_lock, IDLE_PRIORITY);
		mutex->owner = NULL;
		return;
	}
	first = list_entry(list_first(&mutex->queue.waiters), struct waiter, link);
	list_remove(&first->link);
	priority_pass_on(mutex, first->thread);
	CHECK(mutex->owner == first->thread);
}

/* One that waits gets no worse: its holder would hear of that only when it hands the lock on. */
static void
change(unsigned who, unsigned priority)
{
	if (threads[who].blocked_on == NULL || priority < threads[who].base_priority)
		priority_set(&threads[who], priority);
}

static void
step(void)
{
	unsigned who = (unsigned)rand() % THREADS, priority = (unsigned)rand() % (MACH_PRIORITY_WORST + 1);
	struct thread *thread = &threads[who];

	switch (rand() % 7) {
	case 0:
	case 1:
		take(who, &locks[rand() % LOCKS]);
		break;
	case 2:
		give(&locks[rand() % LOCKS]);
		break;
	case 3:
		change(who, priority);
		break;
	case 4:
		if (thread->blocked_on == NULL)
			priority_depress(thread, rand() % 2);
		break;
	case 5:
		priority_lend(thread, priority);
		stop_loan[who] = better(stop_loan[who], priority);
		break;
	case 6:
		if (thread->blocked_on != NULL)
			break;
		priority_take_back(thread);
		stop_loan[who] = IDLE_PRIORITY;
		break;
	}
}

static void
who_is_waited_for_runs_as_well(void)
{
	for (unsigned i = 0; i < LOCKS; i++) {
		locks[i].best = IDLE_PRIORITY;
		list_init(&locks[i].queue.waiters);
	}
	for (unsigned i = 0; i < THREADS; i++) {
		priority_init(&threads[i], (unsigned)rand() % (MACH_PRIORITY_WORST + 1));
		list_node_init(&waiters[i].link);
		stop_loan[i] = IDLE_PRIORITY;
	}
	for (unsigned i = 0; i < STEPS * unit_stress(); i++) {
		step();
		check();
	}
}

int
main(void)
{
	TEST(who_is_waited_for_runs_as_well);
	return unit_done();
}
