/*
 * The pageout thread.
 *
 * It sleeps until frames are low (page_low), then moves the clock's hands, over memory objects and
 * over anonymous memory in turn, until enough are free (page_wanted). Clean pages are free at once;
 * dirty ones when their pager has written them and deallocates what it got. While a pager has as
 * many as it may (FLIGHT_MAX) the thread waits for the next to land.
 *
 * Who finds no memory waits in pageout_wait, and is woken once for a frame it may have; then it finds
 * one or waits anew. When the hands have gone round without finding anything, and nothing is in
 * flight, there is no memory to be had: of those that wait, the one whose task has most is refused
 * (its fault fails), and the others go on waiting for what it leaves. If that one is small (half the
 * share of page.h) or the system's, and some program is large (twice the share), that program has taken
 * the memory: it ends instead.
 * Before that a task that keeps memory only while there is plenty, such as a cache, is asked to give
 * some back (pageout_wait_short), as long as it does.
 *
 * The last pages of objects (page_statistics: object_floor) are the text of those that run: where
 * anonymous memory took their place, all would bring in a page for every few instructions once swap is
 * full. They go for other such pages only.
 *
 * The thread itself waits for nobody and allocates from the last frames (page_privileged).
 */
#include "vm/pageout.h"
#include "arch/timer.h"
#include "init/panic.h"
#include "init/printk.h"
#include "mm/page.h"
#include "sched/cpu.h"
#include "sched/sched.h"
#include "sync/waitq.h"
#include "task/kstack.h"
#include "task/task.h"
#include "task/thread.h"
#include "vm/anon.h"
#include "vm/swap.h"

#define MS		1000000ull
#define LOOK_MS		10		/* frames also come back in ways that tell nobody */
#define REFUSE_MS	10000		/* at most, for the memory of one that was refused to come back */
#define GIVE_MS		5000		/* at most, for one that was asked to give memory back */
#define FRUITLESS_MS	250		/* nobody waits, and nothing was found */
#define RUN_MS		1000		/* at most, for one that was woken to get a CPU */

struct memory_waiter {
	struct list_node link;
	struct thread *thread;
	unsigned flags;			/* of page_alloc */
	enum pageout_need need;
	bool privileged;		/* may have the last frame */
	bool refused;
	bool woken;			/* there was memory for it; it has not run since */
	uint64_t woken_at;		/* ns */
};

static struct spinlock lock = SPINLOCK_INIT("pageout", RANK_WAITQ);
static struct waitq sleep_queue = WAITQ_INIT(sleep_queue);	/* the thread */
static struct waitq memory_queue = WAITQ_INIT(memory_queue);	/* who needs memory */
static struct list waiters = LIST_INIT(waiters);
static volatile bool wanted, landed;
static bool fruitless;			/* the last round: not again before something has changed, or somebody waits */
static uint64_t waiting, waits;
static struct task *refused;		/* the thread's: the last one, until its memory has come back; a reference */
static uint64_t refused_had, refused_at;	/* its memory; ns */
static bool refused_ends;		/* it is to end, not only to do without */
static struct waitq spare_queue = WAITQ_INIT(spare_queue);	/* who may have memory to spare */
static unsigned spare_waiting;
static bool asked, nothing_to_spare;	/* was woken and is not back yet; gave none the last time */
static uint64_t asked_at;		/* ns */
static volatile bool running;
static struct clock_count (*object_clock)(struct swap_run *run);

/* --- for others --- */

bool
pageout_helps(void)
{
	return running;
}

void
pageout_wake(void)
{
	if (!running || wanted || fruitless)
		return;
	spin_lock(&lock);
	wanted = true;
	waitq_wake_all(&sleep_queue);
	spin_unlock(&lock);
}

void
pageout_landed(void)
{
	spin_lock(&lock);
	landed = true;
	wanted = true;			/* stores may have to be tidied, even if frames are enough */
	fruitless = false;
	waitq_wake_all(&sleep_queue);
	spin_unlock(&lock);
}

void
pageout_statistics(uint64_t *now, uint64_t *ever)
{
	*now = waiting;
	*ever = waits;
}

static bool
privileged(void)
{
	struct thread *thread = current_thread();

	return thread == NULL || thread->wired || thread->task == kernel_task;
}

/*
 * The thread is called, unless it has found that no more can be made free and rests for those it has woken or refused to run: it comes back soon
 * while anybody waits. Conditions: `lock` held.
 */
static kern_return_t
wait_for_memory(struct memory_waiter *waiter)
{
	enum wait_result result;

	list_append(&waiters, &waiter->link);
	waiting++;
	waits++;
	if (!fruitless || waiting == 1) {
		wanted = true;
		fruitless = false;
		waitq_wake_all(&sleep_queue);
	}
	result = waitq_wait(&memory_queue, &lock, WAIT_FOREVER, WAIT_INTERRUPTIBLE | WAIT_KILLABLE,
	    "memory", NULL);
	waiting--;
	list_remove(&waiter->link);
	if (waiter->refused)
		return KERN_MEMORY_FAILURE;
	return result == WAIT_ABORTED ? KERN_ABORTED : KERN_SUCCESS;
}

static kern_return_t
wait_with(unsigned flags, enum pageout_need need, bool last_frame)
{
	struct memory_waiter waiter = {.thread = current_thread(), .flags = flags, .need = need, .privileged = last_frame};
	kern_return_t result;

	list_node_init(&waiter.link);
	spin_lock(&lock);
	result = wait_for_memory(&waiter);
	spin_unlock(&lock);
	return result;
}

kern_return_t
pageout_wait_for(unsigned flags)
{
	return wait_with(flags, PAGEOUT_PAGE_BACK, false);
}

kern_return_t
pageout_wait(enum pageout_need need)
{
	unsigned flags = anon_page_flags();

	if (!page_would_fit(1, flags))
		return wait_with(flags, need, privileged());
	/* It came meanwhile, or a block of neighbours is wanted, which others may give up. */
	sched_yield();
	return thread_should_die(current_thread()) ? KERN_ABORTED : KERN_SUCCESS;
}

kern_return_t
pageout_wait_after(uint64_t refusals, enum pageout_need need)
{
	return page_refusals() != refusals && running ? pageout_wait(need) : KERN_MEMORY_FAILURE;
}

kern_return_t
pageout_wait_short(bool gave)
{
	enum wait_result result;

	spin_lock(&lock);
	if (asked) {
		asked = false;
		nothing_to_spare = !gave;
		wanted = true;
		waitq_wake_all(&sleep_queue);
	}
	spare_waiting++;
	result = waitq_wait(&spare_queue, &lock, WAIT_FOREVER, WAIT_INTERRUPTIBLE | WAIT_KILLABLE, "memory to be short", NULL);
	spare_waiting--;
	spin_unlock(&lock);
	return result == WAIT_ABORTED ? KERN_ABORTED : KERN_SUCCESS;
}

kern_return_t
pageout_admit(void)
{
	return page_would_fit(1, anon_page_flags()) ? KERN_SUCCESS : pageout_wait(PAGEOUT_PAGE_BACK);
}

/* --- the thread --- */

/* Whether there are so many frames for one that waits. */
static bool
would_have(const struct memory_waiter *waiter, uint64_t frames)
{
	return waiter->privileged ? page_would_fit(1, waiter->flags) : page_would_leave(frames, waiter->flags);
}

/* Returns false: it was aborted. */
static bool
wake(struct memory_waiter *waiter)
{
	bool claimed = waitq_claim_thread(waiter->thread, WAIT_WOKEN, 0);

	if (claimed)
		sched_make_runnable(waiter->thread);
	return claimed;
}

/* Wakes those that could have so many frames each, or all if as much is free as the thread makes free at all. Conditions: `lock` held. */
static void
serve_waiters(uint64_t frames)
{
	struct memory_waiter *waiter;

	list_for_each(waiter, &waiters, link) {
		if (waiter->woken || (page_wanted() > 0 && !would_have(waiter, frames)))
			continue;
		waiter->woken = true;
		waiter->woken_at = timer_now();
		wake(waiter);
	}
}

static uint64_t
memory_of(const struct memory_waiter *waiter)
{
	return waiter->thread->task->used[TASK_MEMORY];
}

/* Whether a task that ends, or was refused, has much of what it had. */
static bool
has_it_still(void)
{
	return refused->used[TASK_MEMORY] > (refused->alive ? refused_had / 2 : refused_had / 16);
}

/*
 * Whether the one that was refused last may still give back what it has: its task is going, or it
 * does with what it has. Conditions: `lock` held.
 */
static bool
memory_is_coming(void)
{
	struct memory_waiter *waiter;
	bool coming = has_it_still() && timer_now() - refused_at < REFUSE_MS * MS;

	list_for_each(waiter, &waiters, link)
		if (waiter->thread->task == refused && !waiter->refused && refused->alive)
			coming = false;
	return coming;
}

/* Whether others depend on the task to get memory or pages at all: it waits for what they give back. */
static bool
indispensable(const struct memory_waiter *waiter)
{
	return waiter->thread->task->pages_others || waiter->thread->task == kernel_task;
}

/* Whether it is an ordinary program's, for memory beyond what that has. */
static bool
wants_more(const struct memory_waiter *waiter)
{
	return waiter->need == PAGEOUT_MORE && (waiter->flags & PAGE_ALLOC_ORDINARY) != 0 && !indispensable(waiter);
}

static bool
refused_before(const struct memory_waiter *waiter, const struct memory_waiter *other)
{
	if (indispensable(waiter) != indispensable(other))
		return indispensable(other);
	return wants_more(waiter) != wants_more(other) ? wants_more(waiter) : memory_of(waiter) > memory_of(other);
}

/*
 * Who has to hear that there is no memory, if it does wait: one that was woken finds memory, or waits again. One that never hears it is the
 * last. Conditions: `lock` held.
 */
static struct memory_waiter *
next_to_refuse(void)
{
	struct memory_waiter *waiter, *next = NULL;

	list_for_each(waiter, &waiters, link)
		if (!waiter->refused && (next == NULL || refused_before(waiter, next)))
			next = waiter;
	if (next == NULL || would_have(next, 1) || (next->woken && timer_now() - next->woken_at < RUN_MS * MS))
		return NULL;
	return next;
}

/* Gives its reference. */
static void
memory_comes_from(struct task *task, bool ends)
{
	refused = task;
	refused_ends = ends;
	refused_had = task->used[TASK_MEMORY];
	refused_at = timer_now();
}

static void
tell(const struct task *task, const char *how)
{
	printk("no memory left: %s (task %u) %s\n", task->name, task->id, how);
}

/* Who is to end for a task to go, with a reference; NULL: none may. */
static struct task *
who_ends(struct task *task)
{
	struct task *ends = task_with_threads(task);

	if (ends != NULL && (ends->system || ends->pages_others)) {
		task_drop(ends);
		ends = NULL;
	}
	return ends;
}

static bool
can_end(struct task *task)
{
	struct task *ends;

	if (task->keeps || !task->alive)
		return !task->keeps;
	ends = who_ends(task);
	if (ends != NULL)
		task_drop(ends);
	return ends != NULL;
}

/*
 * Programs only; one that ends already too, so that no other ends meanwhile. Those without a thread that are no program's own wait for
 * somebody who has what is theirs.
 */
static bool
keep_larger(struct task *task, void *context)
{
	struct task **largest = context;

	if (task->system || task->pages_others || (*largest != NULL && task->used[TASK_MEMORY] <= (*largest)->used[TASK_MEMORY]) ||
	    !can_end(task))
		return true;
	if (*largest != NULL)
		task_drop(*largest);
	*largest = task;
	task_take(task);
	return true;
}

bool
pageout_is_small(uint64_t bytes)
{
	struct page_statistics frames;

	page_statistics_get(&frames);
	return bytes <= frames.system_share / 2 * PAGE_SIZE;
}

/* The program that has so much that it ends before one that has `bytes` is refused any, with a reference. Returns NULL: there is none. */
static struct task *
ends_before(uint64_t bytes)
{
	struct page_statistics frames;
	struct task *largest = NULL;

	page_statistics_get(&frames);
	if (pageout_is_small(bytes))
		task_for_each(keep_larger, &largest);
	if (largest == NULL || largest->used[TASK_MEMORY] > frames.system_share * 2 * PAGE_SIZE)
		return largest;
	task_drop(largest);
	return NULL;
}

bool
pageout_protects(uint64_t bytes)
{
	struct task *large = ends_before(bytes);

	if (large != NULL)
		task_drop(large);
	return large != NULL;
}

/* Conditions: `lock` held; unlocked meanwhile. Returns whether there is such a program. */
static bool
end_large(uint64_t bytes)
{
	struct task *large, *ends;

	spin_unlock(&lock);
	large = ends_before(bytes);
	if (large != NULL) {
		ends = large->alive ? who_ends(large) : NULL;
		if (ends != NULL && task_terminate_running(ends))
			tell(large, "has most of it and ends");
		if (ends != NULL)
			task_drop(ends);
		memory_comes_from(large, true);
	}
	spin_lock(&lock);
	return large != NULL;
}

/* There is no memory to be had. Conditions: `lock` held; unlocked meanwhile. */
static void
refuse_one(void)
{
	struct memory_waiter *next = next_to_refuse();

	if (next == NULL || end_large((next->flags & PAGE_ALLOC_ORDINARY) != 0 ? memory_of(next) : 0))
		return;
	next = next_to_refuse();
	if (next == NULL || indispensable(next) || (!next->woken && !wake(next)))
		return;
	next->refused = true;
	task_take(next->thread->task);
	memory_comes_from(next->thread->task, false);
	tell(next->thread->task, "must do without");
}

/* Waits until somebody calls, or for that long. Conditions: `lock` held. */
static void
nap(uint64_t ms)
{
	uint64_t deadline = ms == 0 ? WAIT_FOREVER : timer_now() + ms * MS;

	waitq_wait(&sleep_queue, &lock, deadline, 0, "pageout", NULL);
}

/* The same, but not for who only has few frames left: nothing was found. */
static void
nap_undisturbed(uint64_t ms)
{
	fruitless = true;
	nap(ms);
	fruitless = false;
}

/* Whether the pages of objects are so few that they are not for who wants more. */
static bool
objects_stay(void)
{
	bool more = false, others = false;
	struct page_statistics frames;
	struct memory_waiter *waiter;

	page_statistics_get(&frames);
	if (frames.used[PAGE_USE_OBJECT] > frames.object_floor)
		return false;
	spin_lock(&lock);
	list_for_each(waiter, &waiters, link)
		if (wants_more(waiter))
			more = true;
		else if (!waiter->woken && !waiter->refused)
			others = true;
	spin_unlock(&lock);
	return more || !others;
}

/* One move of both hands. *busy: what should go to the default pager cannot go now. */
static struct clock_count
advance(bool *busy)
{
	struct swap_run *run = swap->begin();
	struct clock_count objects = { 0 }, anons = { 0 };

	if (!objects_stay())
		objects = object_clock(run);
	if (run == NULL && swap->left() != 0 && !swap->in_flight())
		swap->tidy();		/* the last slot is used: more room has to be asked for */
	*busy = run == NULL && swap->in_flight();
	if (!*busy)
		anons = clock_advance(run);
	if (run != NULL)
		swap->end(run);
	cpu_preempt_point();
	return (struct clock_count){objects.looked + anons.looked, objects.evicted + anons.evicted};
}

/*
 * How far the hands have gone without success. A page is found unused at the earliest in the round
 * after the one that saw it used, a shared one at the end of a round that found it unused in every
 * amap: a look at every frame says little where each has several places.
 */
#define ROUNDS		4u

struct effort {
	uint64_t looks, round;
};

static void
effort_begin(struct effort *effort)
{
	*effort = (struct effort){0, clock_rounds()};
}

static bool
effort_vain(const struct effort *effort)
{
	struct page_statistics frames;

	if (clock_rounds() - effort->round <= ROUNDS)
		return false;
	page_statistics_get(&frames);
	return effort->looks > 3 * (frames.used[PAGE_USE_ANON] + frames.used[PAGE_USE_OBJECT]) + 1024;
}

enum outcome {
	ENOUGH,				/* frames are free */
	BUSY,				/* pages in flight have to land first */
	NOTHING,			/* no more can be made free */
};

/*
 * Since when the shortage has not become less. Where swap is full a page that goes out may only take
 * the place of one that came in, so evicting is no success by itself.
 */
static uint64_t least_wanted = UINT64_MAX;
static struct effort since_less;

static bool
gets_nowhere(uint64_t wanted_now, unsigned looked)
{
	bool vain;

	if (wanted_now < least_wanted)
		effort_begin(&since_less);
	since_less.looks += looked;
	vain = effort_vain(&since_less);
	if (wanted_now < least_wanted || vain)
		least_wanted = wanted_now;
	if (!vain || swap->left() != 0)
		return false;
	effort_begin(&since_less);
	return true;
}

/* Wakes those that may have memory to spare; or notes that the shortage is over. */
static void
ask_for_spare(bool is_short)
{
	spin_lock(&lock);
	if (!is_short) {
		nothing_to_spare = false;
	} else if (spare_waiting != 0 && !asked && !nothing_to_spare) {
		asked = true;
		asked_at = timer_now();
		waitq_wake_all(&spare_queue);
	}
	spin_unlock(&lock);
}

/* Conditions: `lock` held. */
static bool
spare_is_coming(void)
{
	if (asked && timer_now() - asked_at > GIVE_MS * MS)
		asked = false;		/* it is gone, or waits for us */
	return asked || (spare_waiting != 0 && !nothing_to_spare);
}

static enum outcome
make_room(void)
{
	struct effort effort;
	uint64_t short_of;
	bool busy;

	landed = false;
	effort_begin(&effort);
	while ((short_of = page_wanted()) > 0) {
		struct clock_count count;

		ask_for_spare(true);
		count = advance(&busy);
		if (gets_nowhere(short_of, count.looked + 16))
			return swap->spare() ? BUSY : NOTHING;
		if (count.evicted == 0 && busy)
			return BUSY;
		effort.looks += count.looked + 16;
		if (count.evicted != 0)
			effort_begin(&effort);
		else if (effort_vain(&effort))
			return swap->spare() || swap->in_flight() ? BUSY : NOTHING;
		spin_lock(&lock);
		serve_waiters(2 * waiting);
		spin_unlock(&lock);
	}
	least_wanted = UINT64_MAX;
	ask_for_spare(false);
	return ENOUGH;
}

/*
 * Whoever was refused and has given its memory back, or will not, is forgotten. Returns whether that
 * was so: what was found before says nothing about what there is now.
 */
static bool
forget_refused(void)
{
	bool coming;

	if (refused == NULL)
		return false;
	spin_lock(&lock);
	coming = memory_is_coming();
	spin_unlock(&lock);
	if (coming)
		return false;
	refused->keeps = (refused_ends || !refused->alive) && has_it_still();
	task_drop(refused);
	refused = NULL;
	least_wanted = UINT64_MAX;
	return true;
}

/*
 * Frames that CPUs and the cache of kernel stacks keep from better times are of use to those that wait. Returns whether nobody need be
 * refused yet, as there are more now; that is so once in a shortage.
 */
static bool
drain_caches(enum outcome outcome)
{
	static bool drained;
	bool first = !drained, stacks;

	if (outcome == ENOUGH)
		drained = false;
	if (outcome == ENOUGH || waiting == 0)
		return false;
	stacks = kstack_drain();
	if (!stacks && !page_cached())
		return false;
	cpu_call_all(page_drain);
	drained |= outcome == NOTHING;
	return first && outcome == NOTHING;
}

/*
 * After that: serves those that wait, and waits for what has to happen next. Where no more can be made free nobody calls this thread for
 * nothing: it would look at all pages again before those that it served get to run.
 */
static void
rest(enum outcome outcome)
{
	bool drained = drain_caches(outcome), changed = forget_refused() || drained, nothing = outcome == NOTHING;

	spin_lock(&lock);
	serve_waiters(nothing ? 1 : 2 * waiting);	/* two: others allocate, too */
	if (changed || (nothing && spare_is_coming()))
		outcome = BUSY;
	if (outcome == NOTHING && waiting != 0 && refused == NULL)
		refuse_one();
	if (outcome == NOTHING && waiting == 0 && refused == NULL)
		nap_undisturbed(FRUITLESS_MS);
	else if (nothing && !landed)
		nap_undisturbed(LOOK_MS);
	else if (outcome == BUSY && !landed)
		nap(LOOK_MS);
	else if (outcome == ENOUGH && !wanted)
		nap(waiting != 0 || refused != NULL ? LOOK_MS : 0);
	wanted = false;
	spin_unlock(&lock);
}

static void
pageout_thread(void *argument)
{
	(void)argument;
	for (;;) {
		swap->tidy();
		rest(make_room());
	}
}

void
pageout_init(struct clock_count (*objects)(struct swap_run *run))
{
	object_clock = objects;
	page_privileged = privileged;
	if (thread_create_kernel(pageout_thread, NULL, MACH_PRIORITY_SYSTEM, "pageout") == NULL)
		panic("no memory for the pageout thread");
	running = true;
}
