/*
 * Nice values, and what they do. See nice.h.
 */
#include "nice.h"
#include "mach/mach.h"
#include "proc_local.h"
#include "proc_server.h"
#include <errno.h>
#include <mach/task_info.h>

#define NICE_BEST	(-20)
#define NICE_WORST	19
#define NICE_LEVELS	4		/* values below 0 that share a priority: five are between the system's and the users' */

#define THREADS_MAX	1024u		/* as many as the kernel lets a task have */

#define TURN		1000000000ull	/* ns */
#define TURN_EQUAL	100000000ull	/* of it: all processes are equal */

_Static_assert(MACH_PRIORITY_USER + NICE_WORST == MACH_PRIORITY_WORST, "each value above 0 has a priority of its own");
_Static_assert(MACH_PRIORITY_USER + NICE_BEST / NICE_LEVELS > MACH_PRIORITY_SYSTEM, "the system's threads are better than any process");

static bool equal;			/* it is the part of the turn in which all are */

/* --- threads --- */

/* Threads that the task makes later begin as the kernel says; `task_limits` keep it from making them better. */
static void
threads_set(task_t task, int priority)
{
	static thread_t threads[THREADS_MAX];	/* guarded by the table's lock */
	uint32_t count = THREADS_MAX;

	if (task_threads(task, threads, &count) != KERN_SUCCESS)
		return;
	for (uint32_t i = 0; i < count && i < THREADS_MAX; i++) {
		thread_set_priority(host, threads[i], priority);
		port_drop(threads[i]);
	}
}

/* Rounded away from 0: each value below 0 is better than 0. */
static int
priority_of(int32_t nice)
{
	return MACH_PRIORITY_USER + (nice < 0 ? (nice - (NICE_LEVELS - 1)) / NICE_LEVELS : nice);
}

int
nice_priority(const struct process *p)
{
	return equal ? MACH_PRIORITY_USER : priority_of(p->nice);
}

void
nice_apply(const struct process *p)
{
	struct task_limits limits = { .max_priority = (uint32_t)priority_of(p->nice) };

	if (p->page != NULL)
		p->page->priority = limits.max_priority;
	if (p->task == MACH_PORT_NULL)
		return;
	task_set_limits(host, p->task, &limits);
	threads_set(p->task, nice_priority(p));
}

void
nice_hurry(const struct process *p)
{
	if (p->nice > 0)
		threads_set(p->task, MACH_PRIORITY_USER);
}

uint64_t
nice_turn(uint64_t now)
{
	bool then = equal, any = false;

	equal = now % TURN < TURN_EQUAL;
	for (const struct process *p = process_from(INIT_PID + 1); p != NULL; p = p->next)
		if (p->nice != 0 && !p->zombie) {
			any = true;
			if (equal != then)
				nice_apply(p);
		}
	if (!any)
		return UINT64_MAX;
	return now - now % TURN + (equal ? TURN_EQUAL : TURN);
}

/* --- values --- */

static bool
names(const struct process *p, const struct process *own, uint32_t which, int32_t who)
{
	switch (which) {
	case PROC_NICE_PROCESS:
		return p->pid == (who != 0 ? who : own->pid);
	case PROC_NICE_GROUP:
		return p->group == (who != 0 ? who : own->group);
	default:
		return p->ids.uid == (who != 0 ? (uint32_t)who : own->ids.uid);
	}
}

static int32_t
changed(int32_t nice, uint32_t how, int32_t value)
{
	int64_t wanted = how == PROC_NICE_ADD ? (int64_t)nice + value : value;

	return wanted < NICE_BEST ? NICE_BEST : wanted > NICE_WORST ? NICE_WORST : (int32_t)wanted;
}

/*
 * Who may have others wait may not be kept waiting by them: what lets the others have their part of a turn is better than all processes, from
 * the first value below 0 on.
 */
static void
rise_above(int32_t nice)
{
	if (nice < 0)
		threads_set(mach_task_self(), MACH_PRIORITY_SYSTEM);
}

/* POSIX.1-2017 setpriority, nice: EPERM: another user's; EACCES: only the superuser makes it less. */
static kern_return_t
change(const struct process *own, struct process *p, uint32_t how, int32_t value)
{
	int32_t nice = changed(p->nice, how, value);

	if (own->ids.euid != 0) {
		if (own->ids.uid != p->ids.euid && own->ids.euid != p->ids.euid)
			return EPERM;
		if (nice < p->nice || (how == PROC_NICE_ADD && value < 0))
			return EACCES;
	}
	if (nice == p->nice)
		return 0;
	p->nice = nice;
	rise_above(nice);
	nice_apply(p);
	return 0;
}

/* One that may not be changed does not keep the others from it. */
static kern_return_t
for_all(const struct process *own, uint32_t which, int32_t who, uint32_t how, int32_t value, int32_t *lowest)
{
	kern_return_t kr = 0;
	bool found = false;

	*lowest = NICE_WORST;
	for (struct process *p = process_from(INIT_PID); p != NULL; p = p->next) {
		kern_return_t one;

		if (!names(p, own, which, who))
			continue;
		one = how != PROC_NICE_GET ? change(own, p, how, value) : 0;
		found = true;
		if (one != 0)
			kr = one;
		if (p->nice < *lowest)
			*lowest = p->nice;
	}
	return found ? kr : ESRCH;
}

kern_return_t
proc_nice_s(struct mig_request *rq, uint32_t which, int32_t who, uint32_t how, int32_t value, int32_t *nice)
{
	const struct process *own;
	kern_return_t kr = EPERM;

	if (which > PROC_NICE_USER || how > PROC_NICE_ADD)
		return EINVAL;
	mutex_lock(&lock);
	own = process_sending(rq);
	if (own != NULL)
		kr = for_all(own, which, who, how, value, nice);
	mutex_unlock(&lock);
	if (how != PROC_NICE_GET)
		timers_look_again();
	return kr;
}
