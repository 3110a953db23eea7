/*
 * Threads and what synchronises them, on gsync_wait and gsync_wake (cthreads of Mach 3, with
 * today's usual names of operations).
 *
 * Locks are one word: they need no set-up but a zeroed (static) object and no destruction.
 * Waiting costs no CPU time; an uncontended lock costs no trap. A mutex is not recursive and is
 * released by the thread that took it.
 */
#ifndef LIB_MACH_CTHREAD_H
#define LIB_MACH_CTHREAD_H

#include "mach/mach.h"

typedef struct cthread *cthread_t;

#define CTHREAD_STACK_DEFAULT	(128u * 1024)	/* bytes; guard pages come on top */
#define CTHREAD_KEYS_MAX	64
#define CTHREAD_NAME_MAX	16		/* bytes with the terminating 0 */

/*
 * Purpose: starts a thread that runs function(argument) on a stack of its own with guard pages at
 * both ends. stack_size 0: default.
 * Returns: NULL when the kernel refuses memory or the thread.
 */
cthread_t
cthread_create(void *(*function)(void *), void *argument, vm_size_t stack_size);

/* What a thread is and stands on. */
struct cthread_place {
	vm_address_t stack;		/* its lowest address */
	vm_size_t stack_size;
	bool guarded;			/* by a page that nobody may touch at either end */
	bool detached;
};

/*
 * Like cthread_create, with a first value of the thread's cthread_data(). stack 0: memory of its own, guarded; otherwise the caller's, which is
 * the caller's again when the thread has been joined. A detached thread may be gone when this returns.
 */
cthread_t
cthread_create_data(void *(*function)(void *), void *argument, const struct cthread_place *place, uintptr_t data);

/* Like cthread_create, detached. KERN_RESOURCE_SHORTAGE. */
kern_return_t
cthread_spawn(void *(*function)(void *), void *argument);

/* Waits until the thread has ended; cthread_join does not wait then. */
void
cthread_wait(cthread_t thread);

/* The word that becomes nonzero when the thread has ended, and is woken then (gsync). */
uint32_t *
cthread_done(cthread_t thread);

/*
 * Waits until the thread has ended, gives its result, frees it. Once per thread, not for detached
 * ones.
 */
void *
cthread_join(cthread_t thread);

/* The thread frees itself when it ends. */
void
cthread_detach(cthread_t thread);

/* Ends the calling thread. The main thread's end leaves the others running. */
_Noreturn void
cthread_exit(void *result);

cthread_t
cthread_self(void);

/* The thread's kernel port, a name that stays valid while the thread lives. */
thread_t
cthread_port(cthread_t thread);

/* A word that belongs to whoever builds other threads on these. */
uintptr_t *
cthread_data(cthread_t thread);

void
cthread_place(cthread_t thread, struct cthread_place *place);

/* A name for people; what is longer is cut. Whoever reads it while it changes may see a part of either. */
void
cthread_name_set(cthread_t thread, const char *name);

/* false: it never got one. */
bool
cthread_name_get(cthread_t thread, char name[CTHREAD_NAME_MAX]);

/*
 * In the child of a fork, where nothing but the calling thread exists: its port is another one.
 */
void
cthread_fork_child(void);

/*
 * A mutex. Who waits gets it after a bounded number of others, however busy these are; no order is promised. Zeroes are a free one.
 */
struct mutex {
	uint32_t state;		/* 0 free, 1 taken, 2 taken and waited for, 3 free for those who have waited */
	uint32_t losses;	/* how often those who wait now found it taken again when they were woken */
};

#define MUTEX_INIT	{ 0, 0 }

void
mutex_lock(struct mutex *mutex);

bool
mutex_try_lock(struct mutex *mutex);

void
mutex_unlock(struct mutex *mutex);

/* In the child of a fork, by the thread that has it: nobody is left who waits. */
void
mutex_forget_waiters(struct mutex *mutex);

/*
 * A condition; every wait names the mutex that guards it. Wake-ups may be spurious: wait in a
 * loop.
 */
struct condition {
	uint32_t sequence;
	uint32_t waiters;
};

#define CONDITION_INIT	{ 0, 0 }

/* Releases the mutex, waits, takes it again. */
void
condition_wait(struct condition *condition, struct mutex *mutex);

/* Like condition_wait for at most ms milliseconds; false: the time is over. */
bool
condition_wait_for(struct condition *condition, struct mutex *mutex, mach_msg_timeout_t ms);

void
condition_signal(struct condition *condition);

void
condition_broadcast(struct condition *condition);

/* Runs function once, whoever comes first; all others wait for its end. */
struct once {
	uint32_t state;
};

#define ONCE_INIT	{ 0 }

void
once_run(struct once *once, void (*function)(void));

/*
 * Thread-local keys. The destructor runs at the thread's end for values that are not NULL. -1: no
 * key left.
 */
int
cthread_key_create(void (*destructor)(void *));

void
cthread_key_set(int key, void *value);

void *
cthread_key_get(int key);

#endif
