/* The name of sched_yield before there was that. */
#define _GNU_SOURCE
#include <pthread.h>

int
pthread_yield(void)
{
	return sched_yield();
}
