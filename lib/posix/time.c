/*
 * Clocks: those of the kernel.
 */
#include <errno.h>
#include <mach/host_info.h>
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
