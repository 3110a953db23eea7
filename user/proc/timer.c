/*
 * Timers of processes: those of setitimer, alarm and timer_create. One thread sleeps until the first of all is due.
 *
 * A timer counts time, or the process's use of CPUs. When that reaches a value cannot be known beforehand: it is looked at again when it
 * could have, at the earliest.
 *
 * RLIMIT_CPU is a timer, too: SIGXCPU at the soft limit and each second behind it, SIGKILL at the hard one.
 *
 * A timer has one signal in the queue at most. What runs out meanwhile is counted (POSIX.1-2017 timer_getoverrun).
 */
#include "mach/heap.h"
#include "mach/mach.h"
#include "proc_local.h"
#include "proc_server.h"
#include <errno.h>
#include <mach/task_info.h>

#define LIMIT_TIMER	(-1)		/* its number: the one of RLIMIT_CPU */
#define SECOND		1000000000ull	/* ns */
#define TIMERS_MAX	32u		/* of one process, besides setitimer's */
#define NEVER		UINT64_MAX
#define LONGEST		(1ull << 62)	/* ns; longer times are that long */
#define MILLISECOND	1000000ull	/* ns */
#define LONGEST_SLEEP	3600000ull	/* ms */
#define CPU_RESOLUTION	(10 * MILLISECOND)
#define CPUS_MAX	8u		/* at once that a process may use */
#define SI_TIMER	(-2)

struct timer {
	struct timer *next;		/* of the process */
	int32_t id;
	uint32_t clock;			/* PROC_TIMER_REAL ... */
	uint64_t due;			/* by the clock, ns; 0: off */
	uint64_t interval;		/* ns; 0: once */
	int32_t signal;			/* 0: none */
	uint64_t value;
	uint32_t missed;		/* since the last signal was queued */
	uint32_t overrun;		/* the same for the one before, when it was taken */
};

static uint32_t sequence;		/* changes when a timer is set */

static struct timer *
timer_by_id(const struct process *p, int32_t id)
{
	struct timer *t = p->timers;

	while (t != NULL && t->id != id)
		t = t->next;
	return t;
}

/* What the timer's clock shows; *threads: how many times as fast as time it may run. */
static uint64_t
clock_of(const struct process *p, const struct timer *t, uint64_t now, uint64_t *threads)
{
	struct task_info info;

	*threads = 1;
	if (t->clock == PROC_TIMER_REAL)
		return now;
	if (task_info(p->task, &info) != KERN_SUCCESS)
		return 0;
	if (info.thread_count > 1)
		*threads = info.thread_count < CPUS_MAX ? info.thread_count : CPUS_MAX;
	return p->before.user_time + info.user_time + (t->clock == PROC_TIMER_PROF ? p->before.system_time + info.system_time : 0);
}

static bool
is_queued(const struct process *p, const struct timer *t)
{
	for (const struct pending *one = p->pending; one != NULL; one = one->next)
		if (one->info.code == SI_TIMER && one->info.timer == t->id)
			return true;
	return false;
}

/* Runs out `times` times. */
static void
expire(struct process *p, struct timer *t, uint64_t times)
{
	bool created = t->id >= PROC_TIMERS;
	struct signal_info info = {.signal = t->signal, .code = created ? SI_TIMER : SI_KERNEL,
		.timer = created ? t->id : 0, .value = t->value};

	if (t->signal == 0)
		return;
	if (created && is_queued(p, t)) {
		t->missed += times < INT32_MAX - t->missed ? (uint32_t)times : INT32_MAX - t->missed;
		return;
	}
	t->overrun = t->missed;
	t->missed = times - 1 < INT32_MAX ? (uint32_t)(times - 1) : INT32_MAX;
	signal_send(p, -1, &info);
}

/* Returns when to look at it again. */
static uint64_t
run_one(struct process *p, struct timer *t, uint64_t now)
{
	uint64_t threads, time, wait, times = 1;

	if (t->due == 0)
		return NEVER;
	time = clock_of(p, t, now, &threads);
	if (time >= t->due) {
		if (t->interval != 0)
			times = (time - t->due) / t->interval + 1;
		t->due = t->interval != 0 ? t->due + times * t->interval : 0;
		if (t->id == LIMIT_TIMER)
			t->signal = time / SECOND >= p->limits[PROC_LIMIT_CPU].hard ? SIGKILL : SIGXCPU;
		expire(p, t, times);
	}
	if (t->due == 0)
		return NEVER;
	wait = (t->due - time) / threads;
	return now + (t->clock == PROC_TIMER_REAL || wait > CPU_RESOLUTION ? wait : CPU_RESOLUTION);
}

/* With the lock held. Sending a signal takes no process out of the table. */
static uint64_t
run_all(uint64_t now)
{
	uint64_t first = NEVER;

	for (struct process *p = process_from(INIT_PID + 1); p != NULL; p = p->next)
		for (struct timer *t = p->timers; t != NULL && !p->has_status; t = t->next) {
			uint64_t next = run_one(p, t, now);

			if (next < first)
				first = next;
		}
	return first;
}

static void *
timer_thread(void *unused)
{
	(void)unused;
	for (;;) {
		uint32_t seen = __atomic_load_n(&sequence, __ATOMIC_SEQ_CST);
		uint64_t now, first, ms;

		mutex_lock(&lock);
		now = clock_now();
		first = run_all(now);
		mutex_unlock(&lock);
		ms = first == NEVER ? LONGEST_SLEEP : (first - now + MILLISECOND - 1) / MILLISECOND;
		gsync_wait(&sequence, seen, (mach_msg_timeout_t)(ms < LONGEST_SLEEP ? ms : LONGEST_SLEEP), GSYNC_TIMEOUT);
	}
	return NULL;
}

bool
timers_start(void)
{
	return cthread_spawn(timer_thread, NULL) == KERN_SUCCESS;
}

static void
look_again(void)
{
	__atomic_add_fetch(&sequence, 1, __ATOMIC_SEQ_CST);
	gsync_wake(&sequence, 1, 0);
}

/* --- making them and setting them --- */

void
timers_release(struct process *p, int32_t from)
{
	struct timer **at = &p->timers, *t;

	while ((t = *at) != NULL)
		if (t->id >= from) {
			*at = t->next;
			heap_free(t);
		} else {
			at = &t->next;
		}
}

static struct timer *
timer_add(struct process *p, int32_t id, uint32_t clock, int32_t signal, uint64_t value)
{
	struct timer *t = heap_zalloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->id = id;
	t->clock = clock;
	t->signal = signal;
	t->value = value;
	t->next = p->timers;
	p->timers = t;
	return t;
}

/* setitimer's are there from their first use on. */
static struct timer *
timer_of(struct process *p, int32_t id)
{
	static const int32_t signals[PROC_TIMERS] = { SIGALRM, SIGVTALRM, SIGPROF };
	struct timer *t = id >= 0 ? timer_by_id(p, id) : NULL;

	return t == NULL && id >= 0 && id < PROC_TIMERS ? timer_add(p, id, (uint32_t)id, signals[id], 0) : t;
}

bool
timers_limit(struct process *p)
{
	uint64_t soft = p->limits[PROC_LIMIT_CPU].soft;
	struct timer *t = timer_by_id(p, LIMIT_TIMER);

	if (t == NULL && soft != PROC_UNLIMITED)
		t = timer_add(p, LIMIT_TIMER, PROC_TIMER_PROF, SIGXCPU, 0);
	if (t == NULL)
		return soft == PROC_UNLIMITED;
	t->interval = SECOND;
	t->due = soft == PROC_UNLIMITED ? 0 : soft == 0 ? 1 : soft < LONGEST / SECOND ? soft * SECOND : LONGEST;
	look_again();
	return true;
}

static void
set(const struct process *p, struct timer *t, bool change, const struct proc_timer *new, struct proc_timer *old)
{
	uint64_t threads, time = clock_of(p, t, clock_now(), &threads);

	old->interval = t->interval;
	old->value = t->due == 0 ? 0 : t->due > time ? t->due - time : 1;
	if (!change)
		return;
	t->interval = new->interval < LONGEST ? new->interval : LONGEST;
	t->due = new->value == 0 ? 0 : time + (new->value < LONGEST ? new->value : LONGEST);
	t->missed = t->overrun = 0;
}

kern_return_t
proc_timer_set_s(struct mig_request *rq, int32_t timer, uint32_t change, const struct proc_timer *new, struct proc_timer *old)
{
	struct process *p;
	struct timer *t = NULL;

	mutex_lock(&lock);
	p = process_sending(rq);
	if (p != NULL)
		t = timer_of(p, timer);
	if (t != NULL)
		set(p, t, change != 0, new, old);
	mutex_unlock(&lock);
	if (t == NULL)
		return p == NULL ? EPERM : timer >= 0 && timer < PROC_TIMERS ? ENOMEM : EINVAL;
	if (change != 0)
		look_again();
	return 0;
}

kern_return_t
proc_timer_create_s(struct mig_request *rq, int32_t signal, uint32_t own, uint64_t value, int32_t *timer)
{
	struct process *p;
	kern_return_t kr = EAGAIN;

	if (signal < 0 || signal > (int32_t)SIGNALS)
		return EINVAL;
	mutex_lock(&lock);
	p = process_sending(rq);
	for (int32_t id = PROC_TIMERS; p != NULL && id < PROC_TIMERS + (int32_t)TIMERS_MAX && kr != 0; id++)
		if (timer_by_id(p, id) == NULL && timer_add(p, id, PROC_TIMER_REAL, signal, own != 0 ? (uint64_t)id : value) != NULL) {
			*timer = id;
			kr = 0;
		}
	mutex_unlock(&lock);
	return p != NULL ? kr : EPERM;
}

kern_return_t
proc_timer_delete_s(struct mig_request *rq, int32_t timer)
{
	struct process *p;
	struct timer *t = NULL, **at;

	mutex_lock(&lock);
	p = process_sending(rq);
	if (p != NULL && timer >= PROC_TIMERS)
		t = timer_by_id(p, timer);
	if (t != NULL) {
		for (at = &p->timers; *at != t; at = &(*at)->next)
			continue;
		*at = t->next;
		heap_free(t);
	}
	mutex_unlock(&lock);
	return p == NULL ? EPERM : t != NULL ? 0 : EINVAL;
}

kern_return_t
proc_timer_overrun_s(struct mig_request *rq, int32_t timer, uint32_t *count)
{
	const struct process *p;
	const struct timer *t = NULL;

	mutex_lock(&lock);
	p = process_sending(rq);
	if (p != NULL && timer >= PROC_TIMERS)
		t = timer_by_id(p, timer);
	if (t != NULL)
		*count = is_queued(p, t) ? t->overrun : t->missed;
	mutex_unlock(&lock);
	return p == NULL ? EPERM : t != NULL ? 0 : EINVAL;
}
