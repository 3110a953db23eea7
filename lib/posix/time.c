/*
 * Clocks: those of the kernel.
 */
#include <errno.h>
#include <mach/host_info.h>
#include <sys/time.h>
#include <time.h>

#include "mach/mach.h"

#define SECOND 1000000000ul		/* ns */

int
clock_gettime(clockid_t clock, struct timespec *now)
{
	uint64_t ns;

	if ((clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC) ||
	    clock_get_time(clock == CLOCK_REALTIME ? CLOCK_REALTIME_NS : CLOCK_MONOTONIC_NS, &ns) != KERN_SUCCESS) {
		errno = EINVAL;
		return -1;
	}
	*now = (struct timespec){ ns / SECOND, ns % SECOND };
	return 0;
}

int
clock_getres(clockid_t clock, struct timespec *resolution)
{
	if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC) {
		errno = EINVAL;
		return -1;
	}
	if (resolution != NULL)
		*resolution = (struct timespec){ 0, 1 };
	return 0;
}

/* The clocks are the kernel's: nobody has the privilege to set one. */
int
clock_settime(clockid_t clock, const struct timespec *now)
{
	errno = clock != CLOCK_REALTIME || now->tv_nsec < 0 || now->tv_nsec >= (long)SECOND ? EINVAL : EPERM;
	return -1;
}

/* There is one time zone per process, in TZ: `zone` is only there for old programs. */
int
gettimeofday(struct timeval *restrict now, void *restrict zone)
{
	struct timespec exact;

	(void)zone;
	if (clock_gettime(CLOCK_REALTIME, &exact) < 0)
		return -1;
	*now = (struct timeval){ exact.tv_sec, exact.tv_nsec / 1000 };
	return 0;
}
