/*
 * On which CPUs threads run (GNU): the kernel has one queue for all, no thread is bound to a CPU. So each may run on every CPU, and a set is
 * accepted that has them all, whatever it has besides.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <mach/task_info.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "mach/cthread.h"
#include "posix/posix.h"

/* Returns an errno value; EINVAL: the set is too small for the machine. */
static int
get_all(size_t size, cpu_set_t *set)
{
	int cpus = get_nprocs();

	if (size % sizeof(unsigned long) != 0 || size < CPU_ALLOC_SIZE((size_t)cpus))
		return EINVAL;
	CPU_ZERO_S(size, set);
	for (int cpu = 0; cpu < cpus; cpu++)
		CPU_SET_S(cpu, size, set);
	return 0;
}

/* EINVAL: a CPU that there is is not in the set. */
static int
check_all(size_t size, const cpu_set_t *set)
{
	int cpus = get_nprocs();

	for (int cpu = 0; cpu < cpus; cpu++)
		if (!CPU_ISSET_S(cpu, size, set))
			return EINVAL;
	return 0;
}

/* An errno value as POSIX.1-2017 calls give it; ESRCH: no such process. */
static int
answer(pid_t pid, int error)
{
	if (pid < 0)
		return posix_error(EINVAL);
	if (pid != 0 && getpgid(pid) < 0)
		return -1;
	return error == 0 ? 0 : posix_error(error);
}

int
sched_getaffinity(pid_t pid, size_t size, cpu_set_t *set)
{
	return answer(pid, get_all(size, set));
}

int
sched_setaffinity(pid_t pid, size_t size, const cpu_set_t *set)
{
	return answer(pid, check_all(size, set));
}

int
pthread_getaffinity_np(pthread_t thread, size_t size, cpu_set_t *set)
{
	(void)thread;
	return get_all(size, set);
}

int
pthread_setaffinity_np(pthread_t thread, size_t size, const cpu_set_t *set)
{
	(void)thread;
	return check_all(size, set);
}

/* Threads that are to be made are like those that there are. */
int
pthread_attr_getaffinity_np(const pthread_attr_t *attr, size_t size, cpu_set_t *set)
{
	(void)attr;
	return get_all(size, set);
}

int
pthread_attr_setaffinity_np(pthread_attr_t *attr, size_t size, const cpu_set_t *set)
{
	(void)attr;
	return check_all(size, set);
}

/* It may be another one before the caller knows. */
int
sched_getcpu(void)
{
	struct thread_info info = { 0 };

	return thread_info(cthread_port(cthread_self()), &info) == KERN_SUCCESS ? (int)info.cpu : posix_error(ENOSYS);
}
