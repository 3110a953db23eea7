/* Times, use of resources, limits. */
#define _GNU_SOURCE
#include "usage.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

#include "mach/cthread.h"
#include "mach/mach.h"
#include "posix/posix.h"
#include "posix/signal/signals.h"
#include "proc.h"

#define NS_PER_US	1000u
#define NS_PER_S	1000000000ull
#define NS_PER_TICK	10000000u	/* sysconf(_SC_CLK_TCK) is 100 */

_Static_assert(RLIMIT_NPROC == PROC_LIMIT_NPROC && RLIMIT_NOFILE == PROC_LIMIT_NOFILE && RLIMIT_AS == PROC_LIMIT_AS &&
	RLIMIT_CORE == PROC_LIMIT_CORE && RLIM_INFINITY == PROC_UNLIMITED, "passed on as they are");

static struct timeval
timeval_of(uint64_t ns)
{
	return (struct timeval){ (time_t)(ns / NS_PER_S), (suseconds_t)(ns % NS_PER_S / NS_PER_US) };
}

void
usage_fill(struct rusage *to, const struct proc_usage *from)
{
	memset(to, 0, sizeof(*to));
	to->ru_utime = timeval_of(from->user_time);
	to->ru_stime = timeval_of(from->system_time);
	to->ru_maxrss = (long)(from->resident_size / 1024);
	to->ru_minflt = (long)from->faults;
	to->ru_nvcsw = (long)from->switches;
}

static int
own_usage(struct proc_usage *usage)
{
	struct task_info info;

	if (task_info(mach_task_self(), &info) != KERN_SUCCESS)
		return posix_error(EINVAL);
	*usage = (struct proc_usage){ signal_page->user_time + info.user_time, signal_page->system_time + info.system_time,
		info.resident_size, info.faults, info.switches };
	return 0;
}

static int
thread_usage(struct proc_usage *usage)
{
	struct thread_info info;

	if (thread_info(cthread_port(cthread_self()), &info) != KERN_SUCCESS)
		return posix_error(EINVAL);
	*usage = (struct proc_usage){ .user_time = info.user_time, .system_time = info.system_time, .switches = info.switches };
	return 0;
}

int
getrusage(int who, struct rusage *usage)
{
	struct proc_usage used;
	int result;

	switch (who) {
	case RUSAGE_SELF: result = own_usage(&used); break;
	case RUSAGE_CHILDREN: result = posix_result(proc_children_usage(proc_port(), &used)); break;
	case RUSAGE_THREAD: result = thread_usage(&used); break;
	default: return posix_error(EINVAL);
	}
	if (result == 0)
		usage_fill(usage, &used);
	return result;
}

clock_t
times(struct tms *buffer)
{
	struct proc_usage own = { 0 }, children = { 0 };

	if (own_usage(&own) < 0 || posix_result(proc_children_usage(proc_port(), &children)) < 0)
		return (clock_t)-1;
	*buffer = (struct tms){ (clock_t)(own.user_time / NS_PER_TICK), (clock_t)(own.system_time / NS_PER_TICK),
		(clock_t)(children.user_time / NS_PER_TICK), (clock_t)(children.system_time / NS_PER_TICK) };
	return (clock_t)(clock_now() / NS_PER_TICK);
}

/* --- limits --- */

static int
limit(int resource, uint32_t change, const struct proc_limit *new, struct proc_limit *old)
{
	if (resource < 0)
		return posix_error(EINVAL);
	return posix_result(proc_limit(proc_port(), (uint32_t)resource, change, new, old));
}

int
getrlimit(int resource, struct rlimit *value)
{
	struct proc_limit none = { 0, 0 }, now;

	if (limit(resource, 0, &none, &now) < 0)
		return -1;
	*value = (struct rlimit){ now.soft, now.hard };
	return 0;
}

int
setrlimit(int resource, const struct rlimit *value)
{
	struct proc_limit new = { value->rlim_cur, value->rlim_max }, old;

	return limit(resource, 1, &new, &old);
}

int
prlimit(pid_t pid, int resource, const struct rlimit *value, struct rlimit *old)
{
	struct rlimit before;

	if (pid != 0 && pid != getpid())
		return getpgid(pid) < 0 ? -1 : posix_error(EPERM);
	if (getrlimit(resource, &before) < 0 || (value != NULL && setrlimit(resource, value) < 0))
		return -1;
	if (old != NULL)
		*old = before;
	return 0;
}
