/* How a thread is scheduled: SCHED_OTHER with priority 0, and nothing else. */
#include <errno.h>
#include <pthread.h>

int
pthread_getschedparam(pthread_t thread, int *restrict policy, struct sched_param *restrict param)
{
	(void)thread;
	*policy = SCHED_OTHER;
	*param = (struct sched_param){ 0 };
	return 0;
}

int
pthread_setschedparam(pthread_t thread, int policy, const struct sched_param *param)
{
	(void)thread;
	if (policy == SCHED_FIFO || policy == SCHED_RR)
		return ENOTSUP;
	return policy == SCHED_OTHER && param->sched_priority == 0 ? 0 : EINVAL;
}

int
pthread_setschedprio(pthread_t thread, int priority)
{
	(void)thread;
	return priority == 0 ? 0 : EINVAL;
}
