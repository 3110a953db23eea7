#include <pthread.h>

#include "mach/cthread.h"

_Static_assert(sizeof(pthread_once_t) == sizeof(struct once), "lib/mach's");

int
pthread_once(pthread_once_t *once, void (*function)(void))
{
	once_run((struct once *)once, function);
	return 0;
}
