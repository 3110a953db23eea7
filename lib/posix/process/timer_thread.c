/* See timer_thread.h. */
#include "timer_thread.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>

#include "posix/signal/signals.h"

#define NS_PER_S	1000000000ull

struct thread_timer {
	struct thread_timer *next;
	struct sigevent event;
	clockid_t clock;
	pthread_attr_t attributes;	/* of the threads it starts */
	pthread_cond_t changed;
	uint64_t due, interval;		/* ns; due: by the clock, 0: off */
	uint64_t missed;		/* expirations besides the last one that started a thread */
	bool deleted;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct thread_timer *timers;

/* No handler runs in a thread that has the lock: it may want it, too. */
static void
take(void)
{
	signal_critical_enter();
	pthread_mutex_lock(&lock);
}

static void
release(void)
{
	pthread_mutex_unlock(&lock);
	signal_critical_leave();
}

/* With the lock held: where the list has the timer; NULL: nowhere. */
static struct thread_timer **
find(timer_t timer)
{
	struct thread_timer **at = &timers;

	while (*at != NULL && (timer_t)*at != timer)
		at = &(*at)->next;
	return *at != NULL ? at : NULL;
}

/* proc's timers are small numbers, no addresses. */
static bool
is_number(timer_t timer)
{
	return (uintptr_t)timer <= INT32_MAX;
}

static uint64_t
clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

/* --- running out --- */

struct call {
	void (*function)(union sigval);
	union sigval value;
};

static void *
call_thread(void *call)
{
	struct call c = *(struct call *)call;

	free(call);
	c.function(c.value);
	return NULL;
}

/* Without memory for a thread the expiration is lost. */
static void
start(const struct thread_timer *t)
{
	struct call *call = malloc(sizeof(*call));
	pthread_t thread;

	if (call == NULL)
		return;
	*call = (struct call){ t->event.sigev_notify_function, t->event.sigev_value };
	if (pthread_create(&thread, &t->attributes, call_thread, call) != 0)
		free(call);
}

/* One thread, however often it has run out by `now`. It is started without the lock: others get at a timer that runs out all the time. */
static void
expire(struct thread_timer *t, uint64_t now)
{
	t->missed = t->interval != 0 ? (now - t->due) / t->interval : 0;
	t->due = t->interval != 0 ? t->due + (t->missed + 1) * t->interval : 0;
	pthread_mutex_unlock(&lock);
	start(t);
	pthread_mutex_lock(&lock);
}

static void
sleep_until(struct thread_timer *t, uint64_t due)
{
	struct timespec when = { (time_t)(due / NS_PER_S), (long)(due % NS_PER_S) };

	pthread_cond_timedwait(&t->changed, &lock, &when);
}

static void *
timer_thread(void *timer)
{
	struct thread_timer *t = timer;
	uint64_t now;

	pthread_mutex_lock(&lock);
	while (!t->deleted) {
		now = clock_ns(t->clock);
		if (t->due == 0)
			pthread_cond_wait(&t->changed, &lock);
		else if (now < t->due)
			sleep_until(t, t->due);
		else
			expire(t, now);
	}
	pthread_mutex_unlock(&lock);
	pthread_cond_destroy(&t->changed);
	pthread_attr_destroy(&t->attributes);
	free(t);
	return NULL;
}

/* --- making one --- */

/* In a fork's child: those of the parent are not this process's, their threads are not here; one of them may have had the lock. */
static void
forget_parents(void)
{
	lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
	timers = NULL;
}

static void
mind_forks(void)
{
	pthread_atfork(NULL, NULL, forget_parents);
}

static int
start_timer(struct thread_timer *t)
{
	pthread_condattr_t by;
	pthread_attr_t own;
	sigset_t all, before;
	pthread_t thread;
	int error;

	pthread_condattr_init(&by);
	pthread_condattr_setclock(&by, t->clock);
	pthread_cond_init(&t->changed, &by);
	pthread_attr_init(&own);
	pthread_attr_setdetachstate(&own, PTHREAD_CREATE_DETACHED);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&thread, &own, timer_thread, t);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&own);
	return error;
}

int
timer_thread_create(clockid_t clock, const struct sigevent *event, timer_t *timer)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct thread_timer *t = calloc(1, sizeof(*t));

	if (t == NULL) {
		errno = EAGAIN;
		return -1;
	}
	pthread_once(&once, mind_forks);
	t->event = *event;
	t->clock = clock;
	pthread_attr_init(&t->attributes);
	if (event->sigev_notify_attributes != NULL)
		t->attributes = *event->sigev_notify_attributes;
	pthread_attr_setdetachstate(&t->attributes, PTHREAD_CREATE_DETACHED);
	if (start_timer(t) != 0) {
		free(t);
		errno = EAGAIN;
		return -1;
	}
	take();
	t->next = timers;
	timers = t;
	release();
	*timer = (timer_t)t;
	return 0;
}

/* --- using it --- */

bool
timer_thread_delete(timer_t timer)
{
	struct thread_timer **at, *t = NULL;

	if (is_number(timer))
		return false;
	take();
	at = find(timer);
	if (at != NULL) {
		t = *at;
		*at = t->next;
		t->deleted = true;
		pthread_cond_signal(&t->changed);
	}
	release();
	return t != NULL;
}

/* With the lock held. One that is due, but not off, has a nanosecond left. */
static void
get(const struct thread_timer *t, struct thread_timer_setting *setting)
{
	uint64_t now = clock_ns(t->clock);

	setting->interval = t->interval;
	setting->value = t->due == 0 ? 0 : now < t->due ? t->due - now : 1;
}

bool
timer_thread_get(timer_t timer, struct thread_timer_setting *now)
{
	struct thread_timer **at;

	if (is_number(timer))
		return false;
	take();
	at = find(timer);
	if (at != NULL)
		get(*at, now);
	release();
	return at != NULL;
}

bool
timer_thread_set(timer_t timer, bool absolute, const struct thread_timer_setting *setting, struct thread_timer_setting *old)
{
	struct thread_timer **at, *t;

	if (is_number(timer))
		return false;
	take();
	at = find(timer);
	if (at != NULL) {
		t = *at;
		get(t, old);
		t->interval = setting->interval;
		t->due = setting->value == 0 || absolute ? setting->value : clock_ns(t->clock) + setting->value;
		t->missed = 0;
		pthread_cond_signal(&t->changed);
	}
	release();
	return at != NULL;
}

bool
timer_thread_overrun(timer_t timer, int *count)
{
	struct thread_timer **at;

	if (is_number(timer))
		return false;
	take();
	at = find(timer);
	if (at != NULL)
		*count = (*at)->missed < INT_MAX ? (int)(*at)->missed : INT_MAX;
	release();
	return at != NULL;
}
