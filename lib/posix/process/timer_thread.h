/*
 * Timers whose expiration starts a thread (SIGEV_THREAD). They live in the library: a thread sleeps for each. A fork's child has none, as it has
 * no timers at all (POSIX.1-2017 fork). Signal handlers may use all but timer_thread_create.
 */
#ifndef LIB_POSIX_PROCESS_TIMER_THREAD_H
#define LIB_POSIX_PROCESS_TIMER_THREAD_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* In ns. */
struct thread_timer_setting {
	uint64_t value;			/* 0: off */
	uint64_t interval;		/* 0: once */
};

/* Returns 0, or -1 with errno: EAGAIN. */
int timer_thread_create(clockid_t clock, const struct sigevent *event, timer_t *timer);

/* The others return false if the timer is none of them: then proc may have it. */
bool timer_thread_delete(timer_t timer);
bool timer_thread_set(timer_t timer, bool absolute, const struct thread_timer_setting *setting, struct thread_timer_setting *old);
bool timer_thread_get(timer_t timer, struct thread_timer_setting *now);

/* How often it ran out besides when the last thread was started. */
bool timer_thread_overrun(timer_t timer, int *count);

#endif
