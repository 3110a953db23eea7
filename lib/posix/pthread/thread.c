/*
 * Threads: those of lib/mach (cthread.h), with clean-up handlers and keys, and the end of the process when the last one ends.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "cancel.h"
#include "living.h"
#include "mach/cthread.h"
#include "posix/signal/signals.h"
#include "specific.h"

#define STACK_LEAST	16384u
#define STACK_MOST	(1u << 30)
#define STACK_DEFAULT	(256u * 1024)

struct start {
	void *(*function)(void *);
	void *argument;
	uint64_t mask;			/* blocked signals: its maker's */
	uint32_t slot;
};

static uint32_t living = 1;		/* threads that have not ended, the first one included */
static _Thread_local struct __pthread_cleanup *cleanups;

static void *
run(void *argument)
{
	struct start start = *(struct start *)argument;
	sigjmp_buf end;

	free(argument);
	if (sigsetjmp(end, 0) == 0) {
		cancel_begin_thread(&end);
		signal_thread_start(start.slot, start.mask);
		pthread_exit(start.function(start.argument));
	}
	pthread_exit(PTHREAD_CANCELED);
}

int
pthread_create(pthread_t *restrict thread, const pthread_attr_t *restrict attr, void *(*function)(void *),
	void *restrict argument)
{
	size_t stack = attr != NULL && attr->__stack_size != 0 ? attr->__stack_size : STACK_DEFAULT;
	struct start *start = malloc(sizeof(*start));
	cthread_t made;

	if (start == NULL)
		return EAGAIN;
	*start = (struct start){ function, argument, signal_self()->mask, signal_slot_claim() };
	cancel_forget(start->slot);
	__atomic_add_fetch(&living, 1, __ATOMIC_RELAXED);
	made = cthread_create_data(run, start, stack, start->slot + 1);
	if (made == NULL) {
		__atomic_sub_fetch(&living, 1, __ATOMIC_RELAXED);
		signal_slot_release(start->slot);
		free(start);
		return EAGAIN;
	}
	*thread = (pthread_t)made;
	if (attr != NULL && attr->__detached == PTHREAD_CREATE_DETACHED)
		cthread_detach(made);
	return 0;
}

int
pthread_join(pthread_t thread, void **result)
{
	void *value;

	if (thread == pthread_self())
		return EDEADLK;
	cancel_begin();
	cthread_wait((cthread_t)thread);
	cancel_end();
	value = cthread_join((cthread_t)thread);
	if (result != NULL)
		*result = value;
	return 0;
}

int
pthread_detach(pthread_t thread)
{
	cthread_detach((cthread_t)thread);
	return 0;
}

void
__pthread_clean_up(void)
{
	while (cleanups != NULL)
		__pthread_cleanup_pop(cleanups, 1);
}

void
pthread_exit(void *result)
{
	cancel_end_thread();
	__pthread_clean_up();
	__specific_destroy();
	*cthread_data(cthread_self()) = 0;
	signal_thread_end();
	if (__atomic_sub_fetch(&living, 1, __ATOMIC_ACQ_REL) == 0)
		exit(EXIT_SUCCESS);
	cthread_exit(result);
}

void
__pthread_fork_child(void)
{
	living = 1;
}

pthread_t
pthread_self(void)
{
	return (pthread_t)cthread_self();
}

int
pthread_equal(pthread_t a, pthread_t b)
{
	return a == b;
}

void
__pthread_cleanup_push(struct __pthread_cleanup *entry)
{
	entry->next = cleanups;
	cleanups = entry;
}

void
__pthread_cleanup_pop(struct __pthread_cleanup *entry, int run_it)
{
	cleanups = entry->next;
	if (run_it)
		entry->function(entry->argument);
}

/* --- attributes --- */

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

int
pthread_getconcurrency(void)
{
	return 0;
}

int
pthread_setconcurrency(int level)
{
	return level < 0 ? EINVAL : 0;
}

/* --- sched.h --- */

int
sched_yield(void)
{
	thread_switch(MACH_PORT_NULL, SWITCH_OPTION_NONE, 0);
	return 0;
}

static int
only_priority(int policy)
{
	if (policy == SCHED_OTHER || policy == SCHED_FIFO || policy == SCHED_RR)
		return 0;
	errno = EINVAL;
	return -1;
}

int
sched_get_priority_max(int policy)
{
	return only_priority(policy);
}

int
sched_get_priority_min(int policy)
{
	return only_priority(policy);
}
