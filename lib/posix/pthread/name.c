/* Names of threads, for people (GNU): the program's, until they get one. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "libc/misc/program_name.h"
#include "mach/cthread.h"

int
pthread_setname_np(pthread_t thread, const char *name)
{
	if (strlen(name) >= CTHREAD_NAME_MAX)
		return ERANGE;
	cthread_name_set((cthread_t)thread, name);
	return 0;
}

/* ERANGE: there is no room for the longest one. */
int
pthread_getname_np(pthread_t thread, char *name, size_t size)
{
	char own[CTHREAD_NAME_MAX];

	if (size < CTHREAD_NAME_MAX)
		return ERANGE;
	if (!cthread_name_get((cthread_t)thread, own))
		strlcpy(own, __program_name(), sizeof(own));
	strcpy(name, own);
	return 0;
}
