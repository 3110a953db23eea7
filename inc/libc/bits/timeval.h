/* struct timeval, for every header that POSIX says declares it. */
#ifndef _BITS_TIMEVAL_H
#define _BITS_TIMEVAL_H

#include <stdint.h>

struct timeval {
	int64_t tv_sec;			/* time_t */
	int64_t tv_usec;		/* suseconds_t */
};

#endif
