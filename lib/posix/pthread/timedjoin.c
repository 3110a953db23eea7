/* pthread_join for those who do not want to wait, or not for ever (GNU). */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>

#include "cancel.h"
#include "mach/cthread.h"
#include "word.h"

static int
join_until(pthread_t thread, void **result, struct word_deadline deadline)
{
	uint32_t *done = cthread_done((cthread_t)thread);
	int error = 0;

	if (thread == pthread_self())
		return EDEADLK;
	cancel_begin();
	while (error == 0 && __atomic_load_n(done, __ATOMIC_ACQUIRE) == 0)
		error = word_wait(done, 0, PTHREAD_PROCESS_PRIVATE, deadline);
	cancel_end();
	return error != 0 ? error : pthread_join(thread, result);
}

int
pthread_tryjoin_np(pthread_t thread, void **result)
{
	return __atomic_load_n(cthread_done((cthread_t)thread), __ATOMIC_ACQUIRE) == 0 ? EBUSY : pthread_join(thread, result);
}

int
pthread_timedjoin_np(pthread_t thread, void **result, const struct timespec *until)
{
	return join_until(thread, result, (struct word_deadline){ until, CLOCK_REALTIME });
}

int
pthread_clockjoin_np(pthread_t thread, void **result, clockid_t clock, const struct timespec *until)
{
	return word_has_clock(clock) ? join_until(thread, result, (struct word_deadline){ until, clock }) : EINVAL;
}
