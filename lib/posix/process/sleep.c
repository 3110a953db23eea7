/* Sleeping: until a time, or a signal's handler has run. */
#define _GNU_SOURCE
#include <errno.h>
#include <time.h>
#include <unistd.h>

#include "mach/mach.h"
#include "posix/posix.h"
#include "posix/signal/signals.h"

#define NS_PER_S	1000000000ull
#define LONGEST_S	1000000000l	/* longer times are that long */

/* ns from one time to the other, at most the longest. */
static uint64_t
ns_until(const struct timespec *t, const struct timespec *from)
{
	time_t seconds = t->tv_sec - from->tv_sec;
	int64_t ns;

	if (seconds >= LONGEST_S)
		seconds = LONGEST_S;
	if (seconds < 0)
		return 0;
	ns = seconds * (int64_t)NS_PER_S + t->tv_nsec - from->tv_nsec;
	return ns > 0 ? (uint64_t)ns : 0;
}

/* Sleeps so long; *left: what is missing of it. */
static int
sleep_for(uint64_t ns, uint64_t *left)
{
	uint32_t seen = *signal_handled();
	uint64_t until = clock_now() + ns, now;
	int error = signal_sleep(seen, until);

	now = clock_now();
	*left = error != 0 && now < until ? until - now : 0;
	return error;
}

int
clock_nanosleep(clockid_t clock, int flags, const struct timespec *time, struct timespec *remaining)
{
	struct timespec from = { 0, 0 };
	uint64_t left;
	int error;

	if (time->tv_nsec < 0 || time->tv_nsec >= (long)NS_PER_S || time->tv_sec < 0 ||
	    (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC))
		return EINVAL;
	if ((flags & TIMER_ABSTIME) != 0)
		clock_gettime(clock, &from);
	error = sleep_for(ns_until(time, &from), &left);
	if (error != 0 && remaining != NULL && (flags & TIMER_ABSTIME) == 0)
		*remaining = (struct timespec){ (time_t)(left / NS_PER_S), (long)(left % NS_PER_S) };
	return error;
}

int
nanosleep(const struct timespec *time, struct timespec *remaining)
{
	int error = clock_nanosleep(CLOCK_MONOTONIC, 0, time, remaining);

	return error != 0 ? posix_error(error) : 0;
}

int
usleep(useconds_t us)
{
	uint64_t left;
	int error = sleep_for((uint64_t)us * 1000, &left);

	return error != 0 ? posix_error(error) : 0;
}

unsigned
sleep(unsigned seconds)
{
	uint64_t left;

	sleep_for(seconds * NS_PER_S, &left);
	return (unsigned)((left + NS_PER_S - 1) / NS_PER_S);
}
