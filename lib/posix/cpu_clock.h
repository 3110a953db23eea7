/*
 * The clock of a thread's CPU time, as a number: the complement of the thread's port name, which is small, so that the clock is negative. It
 * has a value as long as the thread lives, in this process.
 */
#ifndef LIB_POSIX_CPU_CLOCK_H
#define LIB_POSIX_CPU_CLOCK_H

#include <mach/types.h>
#include <sys/types.h>

static inline clockid_t
thread_clock(thread_t thread)
{
	return (clockid_t)~thread;
}

static inline thread_t
thread_of_clock(clockid_t clock)
{
	return ~(thread_t)clock;
}

#endif
