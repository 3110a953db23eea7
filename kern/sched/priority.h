/*
 * The priority a thread runs at: its own, or that of the best who waits for it.
 */
#ifndef SCHED_PRIORITY_H
#define SCHED_PRIORITY_H

#include <stdbool.h>

struct mutex;
struct thread;

/* Before it is made runnable for the first time. */
void priority_init(struct thread *thread, unsigned priority);

/* The thread's own, MACH_PRIORITY_BEST to MACH_PRIORITY_WORST. */
void priority_set(struct thread *thread, unsigned priority);

/* While set, its own counts as MACH_PRIORITY_WORST. */
void priority_depress(struct thread *thread, bool depressed);

/* --- for sleep locks; the mutex's spinlock is held --- */

/* The running thread is about to wait for it, its waiter is not yet on the queue. */
void priority_lend_holder(struct mutex *mutex);

/* The running thread hands it to `next`, which was claimed and taken off the queue, and is made the owner. */
void priority_pass_on(struct mutex *mutex, struct thread *next);

/* --- for whoever waits for a thread to stop or to end; the thread's lock is held --- */

/* It runs at least that well until it has stopped or is lent more; a worse priority than it is lent changes nothing. */
void priority_lend(struct thread *thread, unsigned priority);

/*
 * In place of what was lent until now: whoever computes at a better priority shall not keep what the thread has from being freed; and that may take
 * long, so it is not done at the priority of a server that had waited.
 */
void priority_lend_to_end(struct thread *thread);

/* It has stopped, or was let go. */
void priority_take_back(struct thread *thread);

#endif
