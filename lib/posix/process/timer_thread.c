/* See timer_thread.h. */
#include "timer_thread.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#define NS_PER_S	1000000000ll

struct thread_timer {
	struct thread_timer *next;
	struct sigevent event;
	clockid_t clock;
	pthread_attr_t attributes;	/* of the threads it starts */
	pthread_cond_t changed;
	struct timespec due, interval;	/* due: by the clock; {0, 0}: off */
	bool deleted;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct thread_timer *timers;
static pid_t owner;			/* the process whose they are */

static bool
is_zero(const struct timespec *t)
{
	return t->tv_sec == 0 && t->tv_nsec == 0;
}

static struct timespec
sum(struct timespec a, const struct timespec *b)
{
	a.tv_sec += b->tv_sec;
	a.tv_nsec += b->tv_nsec;
	if (a.tv_nsec >= NS_PER_S) {
		a.tv_nsec -= NS_PER_S;
		a.tv_sec++;
	}
	return a;
}

static bool
is_before(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec != b->tv_sec ? a->tv_sec < b->tv_sec : a->tv_nsec < b->tv_nsec;
}

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

static void
expire(struct thread_timer *t)
{
	start(t);
	t->due = is_zero(&t->interval) ? t->interval : sum(t->due, &t->interval);
}

static void *
timer_thread(void *timer)
{
	struct thread_timer *t = timer;
	struct timespec now;

	pthread_mutex_lock(&lock);
	while (!t->deleted) {
		clock_gettime(t->clock, &now);
		if (is_zero(&t->due))
			pthread_cond_wait(&t->changed, &lock);
		else if (is_before(&now, &t->due))
			pthread_cond_timedwait(&t->changed, &lock, &t->due);
		else
			expire(t);
	}
	pthread_mutex_unlock(&lock);
	pthread_cond_destroy(&t->changed);
	pthread_attr_destroy(&t->attributes);
	free(t);
	return NULL;
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

/* Those of a parent are not this process's: their threads are not here. */
static void
forget_parents(void)
{
	if (owner != getpid()) {
		timers = NULL;
		owner = getpid();
	}
}

int
timer_thread_create(clockid_t clock, const struct sigevent *event, timer_t *timer)
{
	struct thread_timer *t = calloc(1, sizeof(*t));

	if (t == NULL) {
		errno = EAGAIN;
		return -1;
	}
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
	pthread_mutex_lock(&lock);
	forget_parents();
	t->next = timers;
	timers = t;
	pthread_mutex_unlock(&lock);
	*timer = (timer_t)t;
	return 0;
}

bool
timer_thread_is(timer_t timer)
{
	const struct thread_timer *t;

	pthread_mutex_lock(&lock);
	forget_parents();
	for (t = timers; t != NULL && (timer_t)t != timer; t = t->next)
		continue;
	pthread_mutex_unlock(&lock);
	return t != NULL;
}

void
timer_thread_delete(timer_t timer)
{
	struct thread_timer *t = (struct thread_timer *)timer, **at;

	pthread_mutex_lock(&lock);
	for (at = &timers; *at != t; at = &(*at)->next)
		continue;
	*at = t->next;
	t->deleted = true;
	pthread_cond_signal(&t->changed);
	pthread_mutex_unlock(&lock);
}

/* With the lock held. */
static void
get(const struct thread_timer *t, struct itimerspec *now)
{
	struct timespec at;

	*now = (struct itimerspec){ .it_interval = t->interval };
	if (is_zero(&t->due))
		return;
	clock_gettime(t->clock, &at);
	now->it_value = (struct timespec){ 0, 1 };		/* due, but not off */
	if (is_before(&at, &t->due)) {
		at.tv_sec = t->due.tv_sec - at.tv_sec - (t->due.tv_nsec < at.tv_nsec);
		at.tv_nsec = t->due.tv_nsec - at.tv_nsec + (t->due.tv_nsec < at.tv_nsec ? NS_PER_S : 0);
		now->it_value = at;
	}
}

void
timer_thread_get(timer_t timer, struct itimerspec *now)
{
	pthread_mutex_lock(&lock);
	get((struct thread_timer *)timer, now);
	pthread_mutex_unlock(&lock);
}

void
timer_thread_set(timer_t timer, bool absolute, const struct itimerspec *setting, struct itimerspec *old)
{
	struct thread_timer *t = (struct thread_timer *)timer;
	struct timespec now;

	pthread_mutex_lock(&lock);
	if (old != NULL)
		get(t, old);
	clock_gettime(t->clock, &now);
	t->interval = setting->it_interval;
	t->due = is_zero(&setting->it_value) || absolute ? setting->it_value : sum(now, &setting->it_value);
	pthread_cond_signal(&t->changed);
	pthread_mutex_unlock(&lock);
}
