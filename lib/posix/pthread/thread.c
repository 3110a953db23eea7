/*
 * Threads: those of lib/mach (cthread.h), with clean-up handlers and keys, and the end of the process when the last one ends.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "attributes.h"
#include "cancel.h"
#include "living.h"
#include "mach/cthread.h"
#include "posix/signal/signals.h"
#include "specific.h"

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
	struct cthread_place place = { .stack_size = STACK_DEFAULT };
	struct start *start = malloc(sizeof(*start));
	cthread_t made;

	if (start == NULL)
		return EAGAIN;
	if (attr != NULL) {
		place.stack = (vm_address_t)attr->__stack;
		place.stack_size = attr->__stack_size != 0 ? attr->__stack_size : STACK_DEFAULT;
		place.detached = attr->__detached == PTHREAD_CREATE_DETACHED;
	}
	*start = (struct start){ function, argument, signal_self()->mask, signal_slot_claim() };
	cancel_forget(start->slot);
	__atomic_add_fetch(&living, 1, __ATOMIC_RELAXED);
	made = cthread_create_data(run, start, &place, start->slot + 1);
	if (made == NULL) {
		__atomic_sub_fetch(&living, 1, __ATOMIC_RELAXED);
		signal_slot_release(start->slot);
		free(start);
		return EAGAIN;
	}
	*thread = (pthread_t)made;
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
