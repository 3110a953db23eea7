/*
 * Timers whose expiration starts a thread (SIGEV_THREAD). They live in the library: a thread sleeps for each. A fork's child has none, as it has
 * no timers at all (POSIX.1-2017 fork).
 */
#ifndef LIB_POSIX_PROCESS_TIMER_THREAD_H
#define LIB_POSIX_PROCESS_TIMER_THREAD_H

#include <signal.h>
#include <stdbool.h>
#include <time.h>

/* Whether it is one of them; else proc has it. */
bool timer_thread_is(timer_t timer);

/* Return 0, or -1 with errno: EAGAIN. The others want a timer of this kind. */
int timer_thread_create(clockid_t clock, const struct sigevent *event, timer_t *timer);
void timer_thread_delete(timer_t timer);
void timer_thread_set(timer_t timer, bool absolute, const struct itimerspec *setting, struct itimerspec *old);
void timer_thread_get(timer_t timer, struct itimerspec *now);

#endif
