/*
 * Nice values are lengths of time slices: processes that compute share the CPUs in proportion to them, and nobody is kept from running. All have
 * one priority, as the kernel's are strict. A server works in the slice of whoever handed it the CPU, and hands on what is left: shares are not exact.
 *
 *	nice		-20	  0	 10	 19
 *	slice (ms)	 20	 10	  5	0.5
 */
#include "proc_local.h"
#include "proc_server.h"
#include <errno.h>
#include <mach/task_info.h>

#define NICE_BEST	(-PROC_NICE_NZERO)
#define NICE_WORST	(PROC_NICE_NZERO - 1)

static bool in_use;			/* somebody had another value than 0 once */

/* The task's threads, those that it will have, and the tasks that fork makes of it. */
void
nice_apply(const struct process *p)
{
	struct task_limits limits = { .quantum = PROC_NICE_SLICE(p->nice) };

	if (p->task != MACH_PORT_NULL)
		task_set_limits(host, p->task, &limits);
}

/* A fork may have copied the parent's task before the parent's value changed. */
void
nice_begin(const struct process *p)
{
	if (in_use)
		nice_apply(p);
}

static bool
names(const struct process *p, const struct process *own, uint32_t which, int32_t who)
{
	switch (which) {
	case PROC_NICE_PROCESS:
		return p->pid == (who != 0 ? who : own->pid);
	case PROC_NICE_GROUP:
		return p->group == (who != 0 ? who : own->group);
	default:
		return p->ids.euid == (who != 0 ? (uint32_t)who : own->ids.euid);
	}
}

static int32_t
changed(int32_t nice, uint32_t how, int32_t value)
{
	int64_t wanted = how == PROC_NICE_ADD ? (int64_t)nice + value : value;

	return wanted < NICE_BEST ? NICE_BEST : wanted > NICE_WORST ? NICE_WORST : (int32_t)wanted;
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
	if (nice != p->nice) {
		p->nice = nice;
		in_use = true;
		nice_apply(p);
	}
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
	return kr;
}
