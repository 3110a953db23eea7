/* See word.h: gsync with time-outs that are points in time. */
#include "word.h"

#include <errno.h>

#include "mach/mach.h"

#define NS_PER_S	1000000000ll
#define NS_PER_MS	1000000ll
#define LONGEST_MS	(24 * 3600 * 1000ll)	/* longer waits go in pieces */

/* Milliseconds until the deadline, rounded up; 0: it has passed. -1: it is no time. */
static int64_t
left(struct word_deadline deadline)
{
	struct timespec now;
	int64_t ns;

	if (deadline.until->tv_nsec < 0 || deadline.until->tv_nsec >= NS_PER_S ||
	    clock_gettime(deadline.clock, &now) != 0)
		return -1;
	if (deadline.until->tv_sec < 0)
		return 0;
	if (deadline.until->tv_sec - now.tv_sec > LONGEST_MS / 1000)
		return LONGEST_MS;
	ns = (deadline.until->tv_sec - now.tv_sec) * NS_PER_S + deadline.until->tv_nsec - now.tv_nsec;
	return ns <= 0 ? 0 : (ns + NS_PER_MS - 1) / NS_PER_MS;
}

int
word_wait_interruptible(uint32_t *word, uint32_t expected, uint32_t shared, struct word_deadline deadline)
{
	uint32_t flags = shared != 0 ? GSYNC_SHARED : 0;
	int64_t ms = 0;

	if (deadline.until != NULL) {
		ms = left(deadline);
		if (ms <= 0)
			return ms < 0 ? EINVAL : ETIMEDOUT;
		flags |= GSYNC_TIMEOUT;
	}
	switch (gsync_wait(word, expected, (mach_msg_timeout_t)ms, flags)) {
	case KERN_ABORTED: return EINTR;
	case KERN_OPERATION_TIMED_OUT: return left(deadline) == 0 ? ETIMEDOUT : 0;
	default: return 0;
	}
}

int
word_wait(uint32_t *word, uint32_t expected, uint32_t shared, struct word_deadline deadline)
{
	int error = word_wait_interruptible(word, expected, shared, deadline);

	return error == EINTR ? 0 : error;
}

void
word_wake(uint32_t *word, uint32_t count, uint32_t shared)
{
	gsync_wake(word, count, shared != 0 ? GSYNC_SHARED : 0);
}
