/*
 * Attributes of threads. There is one policy, SCHED_OTHER, with one priority.
 */
#define _GNU_SOURCE
#include "attributes.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>

#include "mach/cthread.h"

_Static_assert(STACK_LEAST == PTHREAD_STACK_MIN, "as the header says");

int
pthread_attr_init(pthread_attr_t *attr)
{
	*attr = (pthread_attr_t){ .__stack_size = STACK_DEFAULT, .__guard_size = VM_PAGE_SIZE };
	return 0;
}

int
pthread_attr_destroy(pthread_attr_t *attr)
{
	(void)attr;
	return 0;
}

int
pthread_attr_getdetachstate(const pthread_attr_t *attr, int *state)
{
	*state = (int)attr->__detached;
	return 0;
}

int
pthread_attr_setdetachstate(pthread_attr_t *attr, int state)
{
	if (state != PTHREAD_CREATE_JOINABLE && state != PTHREAD_CREATE_DETACHED)
		return EINVAL;
	attr->__detached = (uint32_t)state;
	return 0;
}

int
pthread_attr_getstacksize(const pthread_attr_t *restrict attr, size_t *restrict size)
{
	*size = attr->__stack_size;
	return 0;
}

int
pthread_attr_setstacksize(pthread_attr_t *attr, size_t size)
{
	if (size < STACK_LEAST || size > STACK_MOST)
		return EINVAL;
	attr->__stack_size = size;
	return 0;
}

/* The thread runs on the caller's memory, which has no guard pages. */
int
pthread_attr_setstack(pthread_attr_t *attr, void *stack, size_t size)
{
	if (stack == NULL || size < STACK_LEAST || size > STACK_MOST)
		return EINVAL;
	attr->__stack = stack;
	attr->__stack_size = size;
	return 0;
}

int
pthread_attr_getstack(const pthread_attr_t *restrict attr, void **restrict stack, size_t *restrict size)
{
	*stack = attr->__stack;
	*size = attr->__stack_size;
	return 0;
}

int
pthread_attr_getguardsize(const pthread_attr_t *restrict attr, size_t *restrict size)
{
	*size = attr->__guard_size;
	return 0;
}

/* Every stack has one page of guard at each end. */
int
pthread_attr_setguardsize(pthread_attr_t *attr, size_t size)
{
	attr->__guard_size = size;
	return 0;
}

int
pthread_attr_getscope(const pthread_attr_t *restrict attr, int *restrict scope)
{
	*scope = (int)attr->__scope;
	return 0;
}

int
pthread_attr_setscope(pthread_attr_t *attr, int scope)
{
	if (scope == PTHREAD_SCOPE_PROCESS)
		return ENOTSUP;
	return scope == PTHREAD_SCOPE_SYSTEM ? (attr->__scope = (uint32_t)scope, 0) : EINVAL;
}

int
pthread_attr_getinheritsched(const pthread_attr_t *restrict attr, int *restrict inherit)
{
	*inherit = (int)attr->__inherit;
	return 0;
}

int
pthread_attr_setinheritsched(pthread_attr_t *attr, int inherit)
{
	if (inherit != PTHREAD_INHERIT_SCHED && inherit != PTHREAD_EXPLICIT_SCHED)
		return EINVAL;
	attr->__inherit = (uint32_t)inherit;
	return 0;
}

int
pthread_attr_getschedpolicy(const pthread_attr_t *restrict attr, int *restrict policy)
{
	*policy = (int)attr->__policy;
	return 0;
}

int
pthread_attr_setschedpolicy(pthread_attr_t *attr, int policy)
{
	if (policy != SCHED_OTHER)
		return policy == SCHED_RR || policy == SCHED_FIFO ? ENOTSUP : EINVAL;
	attr->__policy = (uint32_t)policy;
	return 0;
}

int
pthread_attr_getschedparam(const pthread_attr_t *restrict attr, struct sched_param *restrict param)
{
	param->sched_priority = (int)attr->__priority;
	return 0;
}

int
pthread_attr_setschedparam(pthread_attr_t *restrict attr, const struct sched_param *restrict param)
{
	if (param->sched_priority != 0)
		return ENOTSUP;
	attr->__priority = 0;
	return 0;
}

/* What a thread really has (GNU). It is the thread's own, or not yet joined. */
int
pthread_getattr_np(pthread_t thread, pthread_attr_t *attr)
{
	struct cthread_place place;

	cthread_place((cthread_t)thread, &place);
	*attr = (pthread_attr_t){
		.__stack = (void *)place.stack, .__stack_size = place.stack_size, .__guard_size = place.guarded ? VM_PAGE_SIZE : 0,
		.__detached = place.detached ? PTHREAD_CREATE_DETACHED : PTHREAD_CREATE_JOINABLE,
	};
	return 0;
}
