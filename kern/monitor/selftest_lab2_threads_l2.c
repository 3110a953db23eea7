/*
 * Lab 2, exercises 2.4 and 2.5: contexts of the check's own, switched by hand; kernel threads that note in which order they run.
 */
#include "monitor/selftest_lab.h"

#include "arch/cpu.h"
#include "arch/timer.h"
#include "init/panic.h"
#include "init/string.h"
#include "mm/kalloc.h"
#include "monitor/selftest.h"
#include "sched/cpu.h"
#include "sched/priority.h"
#include "sched/sched.h"
#include "sync/waitq.h"
#include "task/thread.h"

#include <mach/task_info.h>

/* --- 2.4: two contexts, neither of which the scheduler knows --- */

#define SWITCHES	4u

struct thread *context_switch(struct thread *prev, struct thread *next);
extern const char thread_begin[];

static struct thread *mine, *other;
static uint64_t other_seed, stack;

/* Changes to another context with more values at hand than there are registers to keep them in, and says what is left of them. */
static __attribute__((noinline)) void
keep(const char *word, uint64_t *seed, struct thread *from, struct thread *to)
{
	uint64_t s = *seed;
	uint64_t a = selftest_random(&s, 1u << 30), b = selftest_random(&s, 1u << 30);
	uint64_t c = selftest_random(&s, 1u << 30), d = selftest_random(&s, 1u << 30);
	uint64_t e = selftest_random(&s, 1u << 30), f = selftest_random(&s, 1u << 30);
	uint64_t g = selftest_random(&s, 1u << 30), h = selftest_random(&s, 1u << 30);
	uint64_t i = selftest_random(&s, 1u << 30), j = selftest_random(&s, 1u << 30);
	uint64_t k = selftest_random(&s, 1u << 30), l = selftest_random(&s, 1u << 30);
	struct thread *before;

	*seed = s;
	before = context_switch(from, to);
	SAY(word, before == to, a, b, c, d, e, f, g, h, i, j, k, l);
}

static void
other_context(void *argument)
{
	uint64_t here = (uint64_t)__builtin_frame_address(0);

	SAY("begin", argument == &other_seed, here > stack && here < stack + KSTACK_SIZE, here % 16,
	    *(const uint64_t *)here == 0 || **(const uint64_t *const *)here == 0);
	for (;;)
		keep("other", &other_seed, other, mine);
}

static bool
contexts_make(void)
{
	mine = kalloc(sizeof(*mine), KALLOC_THREAD);
	other = kalloc(sizeof(*other), KALLOC_THREAD);
	stack = (uint64_t)kalloc(KSTACK_SIZE, KALLOC_THREAD);
	if (stack == 0 || mine == NULL || other == NULL)
		return selftest_check(false, "no memory");
	memset(mine, 0, sizeof(*mine));
	memset(other, 0, sizeof(*other));
	arch_thread_init(other, stack + KSTACK_SIZE, other_context, &other_seed);
	return true;
}

static void
contexts_free(void)
{
	kfree((void *)stack);
	kfree(mine);
	kfree(other);
}

static void
switches(uint64_t seed)
{
	if (!contexts_make())
		return;
	other_seed = seed ^ 0x5555;
	SAY("fresh", arch_thread_saved_frame(other) == 0, arch_thread_saved_pc(other) == (uint64_t)thread_begin);
	for (unsigned i = 0; i < SWITCHES; i++)
		keep("mine", &seed, mine, other);
	SAY("parked", arch_thread_saved_pc(other) - (uint64_t)keep < 2048,
	    arch_thread_saved_frame(other) > stack && arch_thread_saved_frame(other) < stack + KSTACK_SIZE);
	contexts_free();
	SAY("end", 0);
}

/* --- 2.5: order --- */

#define THREADS		12u
#define TURNS		3u
#define PATIENCE_NS	2000000000ull

static struct spinlock lock = SPINLOCK_INIT("lab 2", RANK_WAITQ);
static struct waitq checker = WAITQ_INIT(checker), parked = WAITQ_INIT(parked);
static unsigned turns, finished;
static uint64_t order[THREADS * TURNS], where[THREADS];

static void
finish(void)
{
	spin_lock(&lock);
	finished++;
	waitq_wake_all(&checker);
	spin_unlock(&lock);
	thread_exit_self();
}

static void
take_turns(void *number)
{
	for (unsigned i = 0; i < TURNS; i++) {
		order[turns++] = (uintptr_t)number;
		sched_yield();
	}
	finish();
}

static void
wait_for_threads(unsigned count)
{
	uint64_t deadline = timer_now() + PATIENCE_NS;

	spin_lock(&lock);
	while (finished < count)
		if (waitq_wait(&checker, &lock, deadline, 0, "selftest", NULL) == WAIT_TIMED_OUT)
			break;
	spin_unlock(&lock);
}

/* Kernel code is not preempted, so none of them runs before the check waits. */
static void
run_in_order(uint64_t *seed, bool change)
{
	struct thread *thread[THREADS];
	unsigned count;

	turns = finished = 0;
	for (count = 0; count < THREADS; count++) {
		unsigned priority = change ? 20 : 8 + (unsigned)selftest_random(seed, 5) * 5;

		thread[count] = thread_create_kernel(take_turns, (void *)(uintptr_t)count, priority, "selftest");
		if (thread[count] == NULL)
			break;
	}
	for (unsigned i = 0; change && i < count; i++) {
		unsigned who = (unsigned)selftest_random(seed, count);

		priority_set(thread[who], 8 + (unsigned)selftest_random(seed, 5) * 5);
	}
	wait_for_threads(count);
	lab_say("order", order, turns);
}

static void
priorities(uint64_t seed)
{
	if (panic_active)
		return;
	for (unsigned i = 0; i < 3; i++)
		run_in_order(&seed, false);
	SAY("end", 0);
}

static void
changes(uint64_t seed)
{
	if (panic_active)
		return;
	for (unsigned i = 0; i < 3; i++)
		run_in_order(&seed, true);
	SAY("end", 0);
}

/* --- 2.5: stealing. The check keeps its own CPU busy; what is queued there has to be taken away. --- */

static void
note_cpu(void *number)
{
	unsigned mine_is;

	spin_lock(&lock);
	mine_is = turns++;
	order[mine_is] = (uintptr_t)number;
	where[mine_is] = (uint64_t)cpu_self()->number;
	spin_unlock(&lock);
	finish();
}

static unsigned
read_turns(void)
{
	return __atomic_load_n(&turns, __ATOMIC_ACQUIRE);
}

static void
stay_busy(unsigned wanted, uint64_t ns)
{
	uint64_t deadline = timer_now() + ns;

	while (read_turns() < wanted && timer_now() < deadline)
		cpu_spin_poll();
}

static bool held, released;

/* Keeps the other CPU from stealing until all that there will be is queued. */
static void
hold(void *unused)
{
	(void)unused;
	__atomic_store_n(&held, true, __ATOMIC_RELEASE);
	while (!__atomic_load_n(&released, __ATOMIC_ACQUIRE))
		cpu_spin_poll();
	thread_exit_self();
}

static void
hold_other(void)
{
	uint64_t deadline = timer_now() + 400000000ull;

	held = released = false;
	if (thread_create_kernel(hold, NULL, 8, "selftest") == NULL)
		return;
	while (!__atomic_load_n(&held, __ATOMIC_ACQUIRE) && timer_now() < deadline)
		cpu_spin_poll();
}

static void
steal(uint64_t seed)
{
	unsigned count;

	if (panic_active)
		return;
	thread_sleep_ms(5);			/* all others are idle then */
	turns = finished = 0;
	hold_other();
	for (count = 0; count < THREADS; count++) {
		unsigned priority = 8 + (unsigned)selftest_random(&seed, 20);

		if (thread_create_kernel(note_cpu, (void *)(uintptr_t)count, priority, "selftest") == NULL)
			break;
		SAY("thread", count, priority);
	}
	__atomic_store_n(&released, true, __ATOMIC_RELEASE);
	stay_busy(count, 400000000ull);
	SAY("busy", (uint64_t)cpu_self()->number, read_turns());
	wait_for_threads(count);
	lab_say("order", order, turns);
	lab_say("where", where, turns);
	SAY("end", 0);
}

/* A thread that has to stay with its waker for a while, and others, which show that the CPUs steal. */
static void
park(void *number)
{
	spin_lock(&lock);
	waitq_wake_all(&checker);
	finished = 100;
	waitq_wait(&parked, &lock, WAIT_FOREVER, 0, "selftest", NULL);
	spin_unlock(&lock);
	note_cpu(number);
}

static void
stay(uint64_t seed)
{
	struct thread *thread;
	void *data;

	(void)seed;
	if (panic_active)
		return;
	turns = finished = 0;
	if (thread_create_kernel(park, (void *)99ul, MACH_PRIORITY_SYSTEM, "selftest") == NULL)
		return;
	wait_for_threads(100);
	thread_sleep_ms(5);
	spin_lock(&lock);
	thread = waitq_claim_one(&parked, &data);
	finished = 0;
	spin_unlock(&lock);
	if (!selftest_check(thread != NULL, "it does not wait"))
		return;
	sched_make_runnable_here(thread, timer_now() + 60000000ull);
	for (unsigned i = 0; i < 6; i++)
		thread_create_kernel(note_cpu, (void *)(uintptr_t)i, MACH_PRIORITY_USER, "selftest");
	stay_busy(7, 30000000ull);
	SAY("stayed", read_turns());
	wait_for_threads(7);
	lab_say("order", order, turns);
	lab_say("where", where, turns);
	SAY("end", (uint64_t)cpu_self()->number);
}

const struct selftest selftests_lab2_threads[] = {
	{ "lab2-switch", "lab 2: two contexts, switched by hand", switches },
	{ "lab2-priorities", "lab 2: the order in which threads run", priorities },
	{ "lab2-changes", "lab 2: the same when priorities change while they wait", changes },
	{ "lab2-steal", "lab 2: what idle CPUs take from a busy one", steal },
	{ "lab2-stay", "lab 2: what they leave there", stay },
	{ NULL, NULL, NULL },
};
