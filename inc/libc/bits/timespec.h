/* struct timespec, for every header that POSIX says declares it. */
#ifndef _BITS_TIMESPEC_H
#define _BITS_TIMESPEC_H

#include <stdint.h>

struct timespec {
	int64_t tv_sec;			/* time_t */
	long tv_nsec;
};

#endif
