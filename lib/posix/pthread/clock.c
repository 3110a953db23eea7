/* The CPU time of threads as a clock. */
#include <errno.h>
#include <pthread.h>

#include "mach/cthread.h"
#include "posix/cpu_clock.h"

/* ESRCH: it has ended. */
int
pthread_getcpuclockid(pthread_t thread, clockid_t *clock)
{
	struct timespec now;
	clockid_t its = thread_clock(cthread_port((cthread_t)thread));
	int saved = errno, error = clock_gettime(its, &now) < 0 ? ESRCH : 0;

	errno = saved;
	if (error == 0)
		*clock = its;
	return error;
}
