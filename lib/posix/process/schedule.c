/*
 * How a process is scheduled (POSIX.1-2017 <sched.h>): SCHED_OTHER with priority 0, and nothing else. The CPU goes round in slices whose
 * length is the nice value's.
 */
#include <errno.h>
#include <mach/task_info.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include "mach/mach.h"
#include "posix/posix.h"
#include "proto/types.h"

#define NS_PER_US	1000

int
sched_yield(void)
{
	thread_switch(MACH_PORT_NULL, SWITCH_OPTION_NONE, 0);
	return 0;
}

static int
only_priority(int policy)
{
	return policy == SCHED_OTHER || policy == SCHED_FIFO || policy == SCHED_RR ? 0 : posix_error(EINVAL);
}

int
sched_get_priority_max(int policy)
{
	return only_priority(policy);
}

int
sched_get_priority_min(int policy)
{
	return only_priority(policy);
}

/* 0, or -1 with EINVAL or ESRCH. */
static int
check_process(pid_t pid)
{
	if (pid < 0)
		return posix_error(EINVAL);
	return pid == 0 || getpgid(pid) >= 0 ? 0 : -1;
}

int
sched_getscheduler(pid_t pid)
{
	return check_process(pid) < 0 ? -1 : SCHED_OTHER;
}

/* Nobody has the privilege for the other policies. Returns the policy before. */
int
sched_setscheduler(pid_t pid, int policy, const struct sched_param *param)
{
	if (only_priority(policy) < 0 || check_process(pid) < 0)
		return -1;
	if (param->sched_priority != 0)
		return posix_error(EINVAL);
	return policy == SCHED_OTHER ? SCHED_OTHER : posix_error(EPERM);
}

int
sched_getparam(pid_t pid, struct sched_param *param)
{
	if (check_process(pid) < 0)
		return -1;
	*param = (struct sched_param){ 0 };
	return 0;
}

int
sched_setparam(pid_t pid, const struct sched_param *param)
{
	if (check_process(pid) < 0)
		return -1;
	return param->sched_priority == 0 ? 0 : posix_error(EINVAL);
}

int
sched_rr_get_interval(pid_t pid, struct timespec *interval)
{
	int saved = errno, nice;

	if (check_process(pid) < 0)
		return -1;
	errno = 0;
	nice = getpriority(PRIO_PROCESS, (id_t)pid);
	if (nice == -1 && errno != 0)
		return -1;
	errno = saved;
	*interval = (struct timespec){ 0, (long)PROC_NICE_SLICE(nice) * NS_PER_US };
	return 0;
}
