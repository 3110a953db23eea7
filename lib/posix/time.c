/*
 * Clocks: those of the kernel, and the CPU time that the process or the thread has used since its program began.
 */
#include <errno.h>
#include <mach/host_info.h>
#include <mach/task_info.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "cpu_clock.h"
#include "mach/cthread.h"
#include "mach/mach.h"
#include "posix/signal/signals.h"

#define SECOND 1000000000ul		/* ns */

static kern_return_t
process_time(uint64_t *ns)
{
	struct task_info info = { 0 };
	kern_return_t kr = task_info(mach_task_self(), &info);

	*ns = signal_page->user_time + info.user_time + signal_page->system_time + info.system_time;
	return kr;
}

static kern_return_t
thread_time(thread_t thread, uint64_t *ns)
{
	struct thread_info info = { 0 };
	kern_return_t kr = thread_info(thread, &info);

	*ns = info.user_time + info.system_time;
	return kr;
}

static kern_return_t
clock_value(clockid_t clock, uint64_t *ns)
{
	switch (clock) {
	case CLOCK_REALTIME_COARSE:
	case CLOCK_REALTIME: return clock_get_time(CLOCK_REALTIME_NS, ns);
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME:
	case CLOCK_MONOTONIC: return clock_get_time(CLOCK_MONOTONIC_NS, ns);
	case CLOCK_PROCESS_CPUTIME_ID: return process_time(ns);
	case CLOCK_THREAD_CPUTIME_ID: return thread_time(cthread_port(cthread_self()), ns);
	default: return clock < 0 ? thread_time(thread_of_clock(clock), ns) : KERN_INVALID_ARGUMENT;
	}
}

int
clock_gettime(clockid_t clock, struct timespec *now)
{
	uint64_t ns;

	if (clock_value(clock, &ns) != KERN_SUCCESS) {
		errno = EINVAL;
		return -1;
	}
	*now = (struct timespec){ ns / SECOND, ns % SECOND };
	return 0;
}

int
clock_getres(clockid_t clock, struct timespec *resolution)
{
	uint64_t ns;

	if (clock_value(clock, &ns) != KERN_SUCCESS) {
		errno = EINVAL;
		return -1;
	}
	if (resolution != NULL)
		*resolution = (struct timespec){ 0, 1 };
	return 0;
}

/* Of this process alone: EPERM for others. ESRCH: there is no such process. */
int
clock_getcpuclockid(pid_t pid, clockid_t *clock)
{
	int saved = errno, error = pid != 0 && pid != getpid() ? getpgid(pid) < 0 ? ESRCH : EPERM : 0;

	errno = saved;
	if (error == 0)
		*clock = CLOCK_PROCESS_CPUTIME_ID;
	return error;
}

/* The clocks are the kernel's: nobody has the privilege to set one. */
int
clock_settime(clockid_t clock, const struct timespec *now)
{
	errno = clock != CLOCK_REALTIME || now->tv_nsec < 0 || now->tv_nsec >= (long)SECOND ? EINVAL : EPERM;
	return -1;
}

/* As clock_settime; zones of the whole system are nobody's to set, either. */
int
settimeofday(const struct timeval *now, const struct timezone *zone)
{
	(void)zone;
	errno = now != NULL && (now->tv_usec < 0 || now->tv_usec >= 1000000) ? EINVAL : EPERM;
	return -1;
}

int
adjtime(const struct timeval *change, struct timeval *left)
{
	if (left != NULL)
		*left = (struct timeval){ 0, 0 };
	if (change == NULL)
		return 0;
	errno = EPERM;
	return -1;
}

/* There is one time zone per process, in TZ: `zone` is only there for old programs. */
int
gettimeofday(struct timeval *restrict now, void *restrict zone)
{
	struct timespec exact;

	if (zone != NULL)
		*(struct timezone *)zone = (struct timezone){ 0, 0 };
	if (clock_gettime(CLOCK_REALTIME, &exact) < 0)
		return -1;
	*now = (struct timeval){ exact.tv_sec, exact.tv_nsec / 1000 };
	return 0;
}
