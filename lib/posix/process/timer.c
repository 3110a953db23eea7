/* Timers that send signals: alarm, setitimer, timer_create. proc has them. */
#include <errno.h>
#include <signal.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "posix/posix.h"
#include "posix/signal/signals.h"
#include "proc.h"
#include "timer_thread.h"

#define NS_PER_S	1000000000ull
#define NS_PER_US	1000ull
#define LONGEST_S	4000000000ll	/* longer times are that long */

_Static_assert(ITIMER_REAL == PROC_TIMER_REAL && ITIMER_VIRTUAL == PROC_TIMER_VIRTUAL && ITIMER_PROF == PROC_TIMER_PROF,
	"passed on as they are");

/* A timer that is due at once may have sent its signal by now. */
static int
timer_set(int32_t timer, uint32_t change, const struct proc_timer *new, struct proc_timer *old)
{
	int result = posix_result(proc_timer_set(proc_port(), timer, change, new, old));

	signal_check();
	return result;
}

/* --- one timer of each kind --- */

static uint64_t
ns_of_timeval(const struct timeval *t)
{
	return (uint64_t)(t->tv_sec < LONGEST_S ? t->tv_sec : LONGEST_S) * NS_PER_S + (uint64_t)t->tv_usec * NS_PER_US;
}

/* A rest below a microsecond is no 0: that would be a timer that is off. */
static struct timeval
timeval_of_ns(uint64_t ns)
{
	ns += NS_PER_US - 1;
	return (struct timeval){ (time_t)(ns / NS_PER_S), (suseconds_t)(ns % NS_PER_S / NS_PER_US) };
}

static bool
is_timeval(const struct timeval *t)
{
	return t->tv_sec >= 0 && t->tv_usec >= 0 && t->tv_usec < 1000000;
}

static int
itimer(int which, const struct itimerval *restrict new, struct itimerval *restrict old)
{
	struct proc_timer wanted = { 0, 0 }, before;

	if (which < 0 || which >= PROC_TIMERS)
		return posix_error(EINVAL);
	if (new != NULL) {
		if (!is_timeval(&new->it_value) || !is_timeval(&new->it_interval))
			return posix_error(EINVAL);
		wanted = (struct proc_timer){ ns_of_timeval(&new->it_value), ns_of_timeval(&new->it_interval) };
	}
	if (timer_set(which, new != NULL, &wanted, &before) < 0)
		return -1;
	if (old != NULL)
		*old = (struct itimerval){ timeval_of_ns(before.interval), timeval_of_ns(before.value) };
	return 0;
}

int
setitimer(int which, const struct itimerval *restrict new, struct itimerval *restrict old)
{
	static const struct itimerval off;

	return itimer(which, new != NULL ? new : &off, old);
}

int
getitimer(int which, struct itimerval *now)
{
	return itimer(which, NULL, now);
}

/* What was left of the alarm before, in units of `unit` ns, rounded up. */
static uint64_t
alarm_set(uint64_t ns, uint64_t interval, uint64_t unit)
{
	struct proc_timer wanted = { ns, interval }, before = { 0, 0 };
	int saved = errno;

	timer_set(PROC_TIMER_REAL, 1, &wanted, &before);
	errno = saved;
	return (before.value + unit - 1) / unit;
}

unsigned
alarm(unsigned seconds)
{
	return (unsigned)alarm_set(seconds * NS_PER_S, 0, NS_PER_S);
}

useconds_t
ualarm(useconds_t first, useconds_t interval)
{
	return (useconds_t)alarm_set(first * NS_PER_US, interval * NS_PER_US, NS_PER_US);
}

/* --- timers of timer_create --- */

/* Those of setitimer are none: -1, which proc has not. */
static int32_t
id_of(timer_t timer)
{
	intptr_t id = (intptr_t)timer;

	return id >= PROC_TIMERS && id <= INT32_MAX ? (int32_t)id : -1;
}

/* Those by CLOCK_REALTIME, a bit for each; proc does not have to know. */
static uint64_t by_date;

/* Without an event the signal's value is the timer. */
static int
create(int signal, const union sigval *value, int32_t *id)
{
	return posix_result(proc_timer_create(proc_port(), signal, value == NULL,
	    value != NULL ? (uint64_t)(uintptr_t)value->sival_ptr : 0, id));
}

int
timer_create(clockid_t clock, struct sigevent *restrict event, timer_t *restrict timer)
{
	int signal = SIGALRM;
	int32_t id;

	if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC)
		return posix_error(EINVAL);
	if (event != NULL) {
		if (event->sigev_notify == SIGEV_THREAD)
			return timer_thread_create(clock, event, timer);
		if (event->sigev_notify != SIGEV_SIGNAL && event->sigev_notify != SIGEV_NONE)
			return posix_error(EINVAL);
		if (event->sigev_notify == SIGEV_SIGNAL && event->sigev_signo == 0)
			return posix_error(EINVAL);
		signal = event->sigev_notify == SIGEV_SIGNAL ? event->sigev_signo : 0;
	}
	if (create(signal, event != NULL ? &event->sigev_value : NULL, &id) < 0)
		return -1;
	if (clock == CLOCK_REALTIME)
		__atomic_or_fetch(&by_date, 1ull << id % 64, __ATOMIC_RELAXED);
	else
		__atomic_and_fetch(&by_date, ~(1ull << id % 64), __ATOMIC_RELAXED);
	*timer = (timer_t)(intptr_t)id;
	return 0;
}

int
timer_delete(timer_t timer)
{
	if (timer_thread_delete(timer))
		return 0;
	return posix_result(proc_timer_delete(proc_port(), id_of(timer)));
}

static bool
is_timespec(const struct timespec *t)
{
	return t->tv_sec >= 0 && t->tv_nsec >= 0 && t->tv_nsec < (long)NS_PER_S;
}

static uint64_t
ns_of_timespec(const struct timespec *t)
{
	return (uint64_t)(t->tv_sec < LONGEST_S ? t->tv_sec : LONGEST_S) * NS_PER_S + (uint64_t)t->tv_nsec;
}

static struct timespec
timespec_of_ns(uint64_t ns)
{
	return (struct timespec){ (time_t)(ns / NS_PER_S), (long)(ns % NS_PER_S) };
}

/* Times before now are at once, which is not 0. */
static uint64_t
from_now(timer_t timer, const struct timespec *when)
{
	bool date = (__atomic_load_n(&by_date, __ATOMIC_RELAXED) >> (unsigned)id_of(timer) % 64 & 1) != 0;
	struct timespec now;
	uint64_t ns = ns_of_timespec(when), at;

	clock_gettime(date ? CLOCK_REALTIME : CLOCK_MONOTONIC, &now);
	at = ns_of_timespec(&now);
	return ns > at ? ns - at : 1;
}

int
timer_settime(timer_t timer, int flags, const struct itimerspec *restrict new, struct itimerspec *restrict old)
{
	struct thread_timer_setting setting, was;
	struct proc_timer wanted, before;

	if (!is_timespec(&new->it_value) || !is_timespec(&new->it_interval))
		return posix_error(EINVAL);
	setting = (struct thread_timer_setting){ ns_of_timespec(&new->it_value), ns_of_timespec(&new->it_interval) };
	if (!timer_thread_set(timer, (flags & TIMER_ABSTIME) != 0, &setting, &was)) {
		wanted = (struct proc_timer){ setting.value, setting.interval };
		if ((flags & TIMER_ABSTIME) != 0 && wanted.value != 0)
			wanted.value = from_now(timer, &new->it_value);
		if (timer_set(id_of(timer), 1, &wanted, &before) < 0)
			return -1;
		was = (struct thread_timer_setting){ before.value, before.interval };
	}
	if (old != NULL)
		*old = (struct itimerspec){ timespec_of_ns(was.interval), timespec_of_ns(was.value) };
	return 0;
}

int
timer_gettime(timer_t timer, struct itimerspec *now)
{
	struct proc_timer none = { 0, 0 }, left;
	struct thread_timer_setting setting;

	if (!timer_thread_get(timer, &setting)) {
		if (timer_set(id_of(timer), 0, &none, &left) < 0)
			return -1;
		setting = (struct thread_timer_setting){ left.value, left.interval };
	}
	*now = (struct itimerspec){ timespec_of_ns(setting.interval), timespec_of_ns(setting.value) };
	return 0;
}

int
timer_getoverrun(timer_t timer)
{
	uint32_t count;
	int missed;

	if (timer_thread_overrun(timer, &missed))
		return missed;
	return posix_result(proc_timer_overrun(proc_port(), id_of(timer), &count)) < 0 ? -1 : (int)count;
}
