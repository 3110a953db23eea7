/*
 * Plain threads for tests: functions on stacks of their own, without thread-local data.
 */
#ifndef USER_TEST_THREADS_H
#define USER_TEST_THREADS_H

#include "mach/mach.h"

#include <mach/task_info.h>
#include <mach/thread_status.h>

#define THREAD_SLOTS	16u
#define THREAD_STACK	16384
#define MS		1000000ull

/* Sets all registers of a thread so that it runs function(argument) on the stack of a slot. */
void set_entry(thread_t thread, unsigned slot, void (*function)(void *), void *argument);

/* A thread that is about to run function(argument), suspended; and one of this task that runs it. */
thread_t thread_in(task_t task, unsigned slot, void (*function)(void *), void *argument);
thread_t thread_run(unsigned slot, void (*function)(void *), void *argument);

/* What threads do: count up for ever; store a number in `reached` and end. */
void spin(void *count);
void arrive(void *number);
extern volatile uint32_t reached;

/* Whether the thread's port dies soon; gives the name back. */
bool is_gone(thread_t thread);
void end_thread(thread_t thread);

struct thread_info info_of(thread_t thread);

/* Waits until the thread waits for that (thread_info.wait). Returns whether it came to that. */
bool waits_for(thread_t thread, const char *what);

/* Waits until the word has the value, which is checked. */
void await(volatile uint32_t *word, uint32_t value);

/* Whether a number that somebody counts up changes soon; whether it stays for a while. */
bool moves(volatile uint64_t *count);
bool stands(volatile uint64_t *count);

/* CPUs of the machine. */
unsigned host_cpus(void);

/*
 * Threads that take all CPUs, and no more: with nothing to do for them, a worse thread gets none. Conditions: the slots from `slot` on are
 * free, one for each CPU. crowd_end gives them back.
 */
void crowd_begin(unsigned slot, int priority);
void crowd_set_priority(int priority);
void crowd_end(void);

#endif
