/*
 * What stands for the calling thread in the word that says who has a lock. Never 0.
 *
 * A lock that processes share is anybody's: a thread of a fork's child has the address of its parent's, so there it is the process and the
 * thread's port in it. A lock of one process's is still the forking thread's in the child, which may release it.
 */
#ifndef LIB_POSIX_PTHREAD_SELF_H
#define LIB_POSIX_PTHREAD_SELF_H

#include <pthread.h>
#include <unistd.h>

#include "mach/cthread.h"

static inline unsigned long
self_in(uint32_t shared)
{
	if (shared == PTHREAD_PROCESS_PRIVATE)
		return (unsigned long)pthread_self();
	return (unsigned long)getpid() << 32 | cthread_port(cthread_self());
}

#endif
