/*
 * fork. proc copies the task; the child's only thread begins in child_begin on a piece of fork's own stack, puts the library in order and
 * jumps to where fork left off.
 *
 * Lists of functions that the program gave (pthread_atfork) run around it: prepare in reverse order, the others in order.
 */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdlib.h>
#include <unistd.h>

#include "libc/setjmp/jmp.h"
#include "libc/stdio/stream_fork.h"
#include "libc/stdlib/malloc_lock.h"
#include "mach/cthread.h"
#include "mach/mach.h"
#include "mach/startup.h"
#include "posix/lock.h"
#include "posix/pthread/living.h"
#include "posix/signal/signals.h"
#include "posix/system/mappings.h"
#include "process.h"
#include "proc.h"

#define CHILD_STACK	4096		/* bytes */

struct handlers {
	struct handlers *next;
	void (*prepare)(void), (*parent)(void), (*child)(void);
};

static struct handlers *first, **last = &first;
static struct libc_lock list_lock;

/* What is guarded by these is whole in the child; in the order in which they are taken. */
static struct libc_lock *const locks[] = { &list_lock, &__streams_lock, &__mappings_lock, &__malloc_lock };
#define LOCKS (sizeof(locks) / sizeof(locks[0]))

int
pthread_atfork(void (*prepare)(void), void (*parent)(void), void (*child)(void))
{
	struct handlers *one = malloc(sizeof(*one));

	if (one == NULL)
		return ENOMEM;
	*one = (struct handlers){ NULL, prepare, parent, child };
	__lock_take_critical(&list_lock);
	*last = one;
	last = &one->next;
	__lock_release_critical(&list_lock);
	return 0;
}

static void
run_prepare(const struct handlers *list)
{
	if (list == NULL)
		return;
	run_prepare(list->next);
	if (list->prepare != NULL)
		list->prepare();
}

static void
run_after(bool in_child)
{
	for (const struct handlers *one = first; one != NULL; one = one->next) {
		void (*function)(void) = in_child ? one->child : one->parent;

		if (function != NULL)
			function();
	}
}

/* Rights the child has inherited that are its parent's alone: its port at proc, and its other threads. */
static void
drop_parents_rights(void)
{
	struct startup_page *page = (struct startup_page *)(uintptr_t)startup_info;
	mach_port_t own = MACH_PORT_NULL;

	port_drop(page->proc);
	task_get_special_port(mach_task_self(), TASK_EXCEPTION_PORT, &own);
	page->proc = own;
}

/* On a stack inside of fork's frame, which the jump does not touch. */
static void
child_begin(void *place)
{
	mig_reply_port_forget();
	cthread_fork_child();
	drop_parents_rights();
	signal_fork_child();
	__longjmp(place, 1);
}

static int
ask(unsigned long *place, char *stack, int32_t *pid)
{
	struct proc_start start = { .entry = (uint64_t)(uintptr_t)child_begin, .argument = (uint64_t)(uintptr_t)place,
		.sp = (uint64_t)(uintptr_t)(stack + CHILD_STACK), .tls = (uint64_t)(uintptr_t)__builtin_thread_pointer() };

	return posix_result(proc_fork(proc_port(), &start, signal_slot_number(), pid));
}

pid_t
fork(void)
{
	_Alignas(16) char stack[CHILD_STACK];
	jmp_buf place;
	int32_t pid = 0;			/* stays 0 in the child */
	volatile int result = 0;
	bool in_child;

	cthread_port(cthread_self());
	run_prepare(first);
	for (unsigned i = 0; i < LOCKS; i++)
		__lock_take_critical(locks[i]);
	signal_critical_enter();
	if (setjmp(place) == 0)
		result = ask(place, stack, &pid);
	in_child = pid == 0 && result == 0;
	if (in_child)
		__streams_fork_child();
	for (unsigned i = LOCKS; i-- > 0;) {
		if (in_child)
			__lock_forget_waiters(locks[i]);
		__lock_release_critical(locks[i]);
	}
	if (in_child)
		__pthread_fork_child();
	run_after(in_child);
	signal_critical_leave();
	signal_check();
	return result < 0 ? -1 : pid;
}

pid_t
vfork(void)
{
	return fork();
}
