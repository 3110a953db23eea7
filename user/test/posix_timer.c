/*
 * Timers that send signals: alarm, setitimer, timer_create, against POSIX.1-2017's text.
 */
#define _GNU_SOURCE
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

#define SELF	"/test/posix_timer"

static volatile sig_atomic_t count;
static siginfo_t seen;

static void
note(int signal)
{
	(void)signal;
	count++;
}

static void
note_info(int signal, siginfo_t *info, void *context)
{
	(void)context;
	seen = *info;
	note(signal);
}

static void
on(int signal)
{
	struct sigaction action = { .sa_sigaction = note_info, .sa_flags = SA_SIGINFO };

	EQUAL(sigaction(signal, &action, NULL), 0);
	count = 0;
}

static void
block(int how, int signal)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signal);
	EQUAL(sigprocmask(how, &set, NULL), 0);
}

/* Waits for a signal that is blocked, so that it cannot have come before. */
static void
wait_for(int signal)
{
	sigset_t mask;

	EQUAL(sigprocmask(SIG_BLOCK, NULL, &mask), 0);
	sigdelset(&mask, signal);
	FAILS(sigsuspend(&mask), EINTR);
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct itimerval
every(int first_ms, int interval_ms)
{
	return (struct itimerval){ { interval_ms / 1000, interval_ms % 1000 * 1000 }, { first_ms / 1000, first_ms % 1000 * 1000 } };
}

/* --- alarm --- */

static void
alarms(void)
{
	double before = now();

	on(SIGALRM);
	block(SIG_BLOCK, SIGALRM);
	EQUAL(alarm(1), 0);
	EQUAL(alarm(100), 1);
	EQUAL(alarm(1), 100);
	wait_for(SIGALRM);
	block(SIG_UNBLOCK, SIGALRM);
	EQUAL(count, 1);
	EQUAL(seen.si_signo, SIGALRM);
	CHECK(now() - before >= 1 && now() - before < 90);	/* not after 100 */
	EQUAL(alarm(0), 0);
	EQUAL(alarm(5), 0);
	EQUAL(alarm(0), 5);
	EQUAL(ualarm(20000, 20000), 0);		/* again, should the first be over before pause begins */
	FAILS(pause(), EINTR);
	ualarm(0, 0);
	CHECK(count >= 2);
}

/* A child has no alarm; a new image keeps it; it ends who does not handle it. */
static void
alarms_and_processes(void)
{
	int status;
	pid_t pid;

	signal(SIGALRM, SIG_DFL);
	EQUAL(alarm(50), 0);
	pid = fork();
	if (pid == 0)
		_exit((int)alarm(0));
	EQUAL(waitpid(pid, &status, 0), pid);
	EQUAL(status, 0);
	EQUAL(alarm(0), 50);
	pid = fork();
	if (pid == 0) {
		ualarm(50000, 0);
		execl(SELF, "x", "wait", (char *)NULL);
		_exit(1);
	}
	EQUAL(waitpid(pid, &status, 0), pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM);
}

/* --- setitimer --- */

static void
intervals(void)
{
	struct itimerval set = every(30, 20), old, bad = { { 0, 0 }, { 0, 1000000 } };
	double before = now();

	on(SIGALRM);
	EQUAL(setitimer(ITIMER_REAL, &set, NULL), 0);
	EQUAL(getitimer(ITIMER_REAL, &old), 0);
	EQUAL(old.it_interval.tv_usec, 20000);
	CHECK(old.it_value.tv_sec == 0 && old.it_value.tv_usec > 0 && old.it_value.tv_usec <= 30000);
	while (count < 5)
		pause();
	CHECK(now() - before >= 0.110);
	set = every(0, 0);
	EQUAL(setitimer(ITIMER_REAL, &set, &old), 0);
	EQUAL(old.it_interval.tv_usec, 20000);
	count = 0;
	usleep(60000);
	EQUAL(count, 0);
	FAILS(setitimer(ITIMER_REAL, &bad, NULL), EINVAL);
	FAILS(setitimer(3, &set, NULL), EINVAL);
	FAILS(getitimer(-1, &old), EINVAL);
}

static long
used_us(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

/* Time in which the process does nothing does not count. */
static void
cpu_time(int which, int signal)
{
	struct itimerval set = every(50, 0), left;
	long before = used_us(), used;

	on(signal);
	EQUAL(setitimer(which, &set, NULL), 0);
	usleep(100000);
	EQUAL(getitimer(which, &left), 0);
	used = used_us() - before;		/* much, when the host let a CPU wait */
	CHECK(left.it_value.tv_usec + used >= 45000);
	CHECK(count == 0 || used >= 45000);
	while (count == 0)
		continue;
	CHECK(used_us() - before >= 45000);
	EQUAL(getitimer(which, &left), 0);
	EQUAL(left.it_value.tv_usec, 0);
}

/* --- timer_create --- */

static struct itimerspec
in(long first_ms, long interval_ms)
{
	return (struct itimerspec){ { interval_ms / 1000, interval_ms % 1000 * 1000000 }, { first_ms / 1000, first_ms % 1000 * 1000000 } };
}

static void
created(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN, .sigev_value.sival_int = 42 };
	struct itimerspec set = in(20, 0), left;
	timer_t a, b, none;

	on(SIGRTMIN);
	EQUAL(timer_create(CLOCK_MONOTONIC, &event, &a), 0);
	EQUAL(timer_gettime(a, &left), 0);
	EQUAL(left.it_value.tv_sec + left.it_value.tv_nsec, 0);
	block(SIG_BLOCK, SIGRTMIN);
	EQUAL(timer_settime(a, 0, &set, NULL), 0);
	wait_for(SIGRTMIN);
	block(SIG_UNBLOCK, SIGRTMIN);
	EQUAL(seen.si_code, SI_TIMER);
	EQUAL(seen.si_value.sival_int, 42);
	EQUAL(timer_getoverrun(a), 0);

	EQUAL(timer_create(CLOCK_REALTIME, NULL, &b), 0);
	on(SIGALRM);
	clock_gettime(CLOCK_REALTIME, &set.it_value);
	set.it_value.tv_sec++;
	EQUAL(timer_settime(b, TIMER_ABSTIME, &set, NULL), 0);
	EQUAL(timer_gettime(b, &left), 0);
	CHECK(left.it_value.tv_sec == 0 && left.it_value.tv_nsec > 0);
	set.it_value.tv_sec -= 100;		/* over long since */
	EQUAL(timer_settime(b, TIMER_ABSTIME, &set, &left), 0);
	CHECK(left.it_value.tv_nsec > 0);
	while (count == 0)
		usleep(1000);
	CHECK(seen.si_value.sival_ptr == b);

	event.sigev_notify = SIGEV_NONE;
	EQUAL(timer_create(CLOCK_MONOTONIC, &event, &none), 0);
	set = in(10, 10);
	EQUAL(timer_settime(none, 0, &set, NULL), 0);
	usleep(30000);
	EQUAL(timer_gettime(none, &left), 0);
	CHECK(left.it_value.tv_nsec > 0 && left.it_value.tv_nsec <= 10000000 && left.it_interval.tv_nsec == 10000000);
	EQUAL(timer_delete(none), 0);
	EQUAL(timer_delete(b), 0);
	EQUAL(timer_delete(a), 0);
	FAILS(timer_delete(a), EINVAL);
	FAILS(timer_gettime(a, &left), EINVAL);
	FAILS(timer_settime(NULL, 0, &set, NULL), EINVAL);
	event.sigev_notify = 99;
	FAILS(timer_create(CLOCK_MONOTONIC, &event, &a), EINVAL);
	FAILS(timer_create(77, NULL, &a), EINVAL);
}

static timer_t counted;
static int most_overruns;

/* Here it is this signal's count: the next one comes afterwards. */
static void
count_overruns(int number)
{
	int overrun = timer_getoverrun(counted);

	(void)number;
	if (overrun > most_overruns)
		most_overruns = overrun;
}

/* What runs out while the signal is blocked is counted, and it comes once. */
static void
overruns(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN };
	struct itimerspec set = in(10, 10), off = in(0, 0);
	struct timespec began, ended;
	long periods;
	timer_t a;

	on(SIGRTMIN);
	EQUAL(timer_create(CLOCK_MONOTONIC, &event, &a), 0);
	block(SIG_BLOCK, SIGRTMIN);
	EQUAL(timer_settime(a, 0, &set, NULL), 0);
	usleep(105000);
	EQUAL(timer_settime(a, 0, &off, NULL), 0);
	EQUAL(count, 0);
	block(SIG_UNBLOCK, SIGRTMIN);
	EQUAL(count, 1);
	counted = a;
	signal(SIGRTMIN, count_overruns);
	block(SIG_BLOCK, SIGRTMIN);
	clock_gettime(CLOCK_MONOTONIC, &began);
	EQUAL(timer_settime(a, 0, &set, NULL), 0);
	usleep(105000);
	block(SIG_UNBLOCK, SIGRTMIN);
	clock_gettime(CLOCK_MONOTONIC, &ended);
	/* As many as there was time for: the sleep may have been longer when other CPUs were at work. */
	periods = ((ended.tv_sec - began.tv_sec) * 1000000000 + ended.tv_nsec - began.tv_nsec) / 10000000;
	CHECK(most_overruns >= 7 && most_overruns <= periods);
	EQUAL(timer_delete(a), 0);
}

static void
many(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_NONE };
	timer_t timers[64];
	int made = 0;

	while (made < 64 && timer_create(CLOCK_MONOTONIC, &event, &timers[made]) == 0)
		made++;
	CHECK(made == 64 || errno == EAGAIN);
	CHECK(made >= 32);
	for (int i = 0; i < made; i++)
		EQUAL(timer_delete(timers[i]), 0);
}

/* --- signals that come at any time interrupt what waits, and only that --- */

static void
interrupts(void)
{
	struct itimerval set = every(1, 1), off = every(0, 0);
	int ends[2];
	unsigned char sent = 0, got = 0, block[7];
	pid_t pid;

	on(SIGALRM);
	EQUAL(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		setitimer(ITIMER_REAL, &set, NULL);
		for (int i = 0; i < 8000; i++, sent++)
			while (write(ends[1], &sent, 1) < 0)
				if (errno != EINTR)
					_exit(1);
		_exit(0);
	}
	close(ends[1]);
	EQUAL(setitimer(ITIMER_REAL, &set, NULL), 0);
	for (long total = 0; total < 8000;) {
		ssize_t n = read(ends[0], block, sizeof(block));

		if (n <= 0 && errno == EINTR)
			continue;
		CHECK(n > 0);
		if (n <= 0)
			break;
		for (ssize_t i = 0; i < n; i++)
			if (block[i] != got++) {
				CHECK(!"a byte was lost or came twice");
				total = 8000;
				break;
			}
		total += n;
	}
	EQUAL(setitimer(ITIMER_REAL, &off, NULL), 0);
	CHECK(count > 0);
	while (waitpid(pid, NULL, 0) < 0)
		continue;
	close(ends[0]);
}

static void
semaphores(void)
{
	struct sigaction action = { .sa_handler = note, .sa_flags = SA_RESTART };
	struct timespec until;
	sem_t semaphore;

	EQUAL(sem_init(&semaphore, 0, 0), 0);
	sigaction(SIGALRM, &action, NULL);
	count = 0;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec++;
	ualarm(20000, 0);
	FAILS(sem_timedwait(&semaphore, &until), ETIMEDOUT);
	EQUAL(count, 1);
	action.sa_flags = 0;
	sigaction(SIGALRM, &action, NULL);
	ualarm(20000, 20000);
	FAILS(sem_wait(&semaphore), EINTR);
	ualarm(0, 0);
	CHECK(count >= 2);
	EQUAL(sem_destroy(&semaphore), 0);
}

/* --- timers that start threads --- */

static sem_t started;

static void
expired(union sigval value)
{
	if (value.sival_int == 42)
		sem_post(&started);
}

static void
threads(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_THREAD, .sigev_notify_function = expired, .sigev_value = { .sival_int = 42 } };
	struct itimerspec each = { { 0, 10000000 }, { 0, 10000000 } }, off = { { 0, 0 }, { 0, 0 } }, left;
	double begin = now();
	timer_t timer;

	EQUAL(sem_init(&started, 0, 0), 0);
	EQUAL(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
	EQUAL(timer_gettime(timer, &left), 0);
	CHECK(left.it_value.tv_sec == 0 && left.it_value.tv_nsec == 0);
	EQUAL(timer_settime(timer, 0, &each, NULL), 0);
	for (int i = 0; i < 5; i++)
		EQUAL(sem_wait(&started), 0);
	CHECK(now() - begin >= 0.05);
	EQUAL(timer_gettime(timer, &left), 0);
	EQUAL(left.it_interval.tv_nsec, 10000000);
	CHECK(left.it_value.tv_nsec > 0 || left.it_value.tv_sec > 0);
	EQUAL(timer_settime(timer, 0, &off, &left), 0);
	EQUAL(left.it_interval.tv_nsec, 10000000);
	clock_gettime(CLOCK_MONOTONIC, &each.it_value);
	each.it_interval = off.it_interval;
	while (sem_trywait(&started) == 0)
		continue;
	EQUAL(timer_settime(timer, TIMER_ABSTIME, &each, NULL), 0);
	EQUAL(sem_wait(&started), 0);
	EQUAL(timer_getoverrun(timer), 0);
	EQUAL(timer_delete(timer), 0);
	FAILS(timer_delete(timer), EINVAL);
	EQUAL(sem_destroy(&started), 0);
}

static sem_t flooded;			/* threads may come late: it stays */

static void
flood(union sigval value)
{
	(void)value;
	sem_post(&flooded);
}

/* More often than threads can be started: some are missed, and the timer is still one that can be asked and deleted. */
static void
threads_all_the_time(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_THREAD, .sigev_notify_function = flood };
	struct itimerspec each = { { 0, 1 }, { 0, 1 } }, left;
	timer_t timer;

	EQUAL(sem_init(&flooded, 0, 0), 0);
	EQUAL(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
	EQUAL(timer_settime(timer, 0, &each, NULL), 0);
	for (int i = 0; i < 5; i++)
		EQUAL(sem_wait(&flooded), 0);
	EQUAL(timer_gettime(timer, &left), 0);
	EQUAL(left.it_interval.tv_nsec, 1);
	CHECK(timer_getoverrun(timer) > 0);
	EQUAL(timer_delete(timer), 0);
	FAILS(timer_gettime(timer, &left), EINVAL);
	FAILS(timer_getoverrun(timer), EINVAL);
}

/* The longest time there is has not passed at once. */
static void
threads_in_the_far_future(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_THREAD, .sigev_notify_function = expired, .sigev_value = { .sival_int = 42 } };
	struct itimerspec longest = { { INT64_MAX, 999999999 }, { INT64_MAX, 999999999 } }, soon = { { 0, 0 }, { 0, 20000000 } }, left;
	struct itimerspec both = { longest.it_interval, soon.it_value };
	timer_t timer, other;

	EQUAL(sem_init(&started, 0, 0), 0);
	EQUAL(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
	EQUAL(timer_create(CLOCK_MONOTONIC, &event, &other), 0);
	EQUAL(timer_settime(timer, 0, &longest, NULL), 0);
	EQUAL(timer_settime(other, 0, &both, NULL), 0);
	EQUAL(sem_wait(&started), 0);
	EQUAL(timer_settime(other, 0, &soon, &left), 0);
	CHECK(left.it_value.tv_sec > 1000000000);
	EQUAL(sem_wait(&started), 0);
	FAILS(sem_trywait(&started), EAGAIN);
	EQUAL(timer_gettime(timer, &left), 0);
	CHECK(left.it_value.tv_sec > 1000000000);
	EQUAL(timer_delete(timer), 0);
	EQUAL(timer_delete(other), 0);
}

static timer_t asked;

static void
ask(int signal)
{
	struct itimerspec left;

	(void)signal;
	count++;
	timer_gettime(asked, &left);
}

/* POSIX.1-2017 2.4.3: what timers say may be asked for in handlers, whatever they interrupt; and in a child, whatever a thread did at its fork. */
static void
asked_by_handlers(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_THREAD, .sigev_notify_function = expired };
	struct itimerval each = { { 0, 1000 }, { 0, 1000 } }, off = { { 0, 0 }, { 0, 0 } };
	struct itimerspec left;

	EQUAL(timer_create(CLOCK_MONOTONIC, &event, &asked), 0);
	count = 0;
	signal(SIGALRM, ask);
	EQUAL(setitimer(ITIMER_REAL, &each, NULL), 0);
	while (count < 300)
		EQUAL(timer_gettime(asked, &left), 0);
	EQUAL(setitimer(ITIMER_REAL, &off, NULL), 0);
	EQUAL(timer_delete(asked), 0);
}

/* --- the limit of CPU time --- */

static double
cpu_used(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
burn(double seconds)
{
	while (cpu_used() < seconds)
		continue;
}

/* A child under a limit: notes SIGXCPU if it wants to, and computes. Returns its status. */
static int
limited(rlim_t soft, rlim_t hard, int handles, int executes)
{
	struct rlimit limit = { soft, hard };
	pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		if (setrlimit(RLIMIT_CPU, &limit) < 0)
			_exit(99);
		if (handles)
			on(SIGXCPU);
		if (executes) {
			burn(0.6);
			execl(SELF, SELF, "burn", (char *)NULL);
		}
		while (!handles || count == 0)
			continue;
		if (cpu_used() < 0.9)
			_exit(98);
		burn(100);
	}
	while (waitpid(pid, &status, 0) < 0)
		continue;
	return status;
}

/* They run while the process, or the thread, does. */
static void
cpu_clocks(void)
{
	struct timespec pause = { 0, 100000000 }, resolution;
	clock_t begin = clock();
	double used = cpu_used();

	EQUAL(nanosleep(&pause, NULL), 0);
	CHECK(clock() - begin < CLOCKS_PER_SEC / 20);
	CHECK(cpu_used() - used < 0.05);
	burn(used + 0.1);
	CHECK(clock() - begin >= CLOCKS_PER_SEC / 10);
	EQUAL(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &pause), 0);
	CHECK((double)pause.tv_sec + (double)pause.tv_nsec / 1e9 <= cpu_used());
	EQUAL(clock_getres(CLOCK_THREAD_CPUTIME_ID, &resolution), 0);
	FAILS(clock_gettime(77, &pause), EINVAL);
}

static void
cpu_limit(void)
{
	struct rlimit limit;
	struct rusage usage, before;
	int status;

	EQUAL(getrusage(RUSAGE_CHILDREN, &before), 0);
	status = limited(1, RLIM_INFINITY, 0, 1);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU);
	EQUAL(getrusage(RUSAGE_CHILDREN, &usage), 0);
	CHECK(usage.ru_utime.tv_sec - before.ru_utime.tv_sec <= 2);	/* what it used before exec counted */
	status = limited(1, 2, 1, 0);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	EQUAL(getrlimit(RLIMIT_CPU, &limit), 0);
	limit.rlim_cur = limit.rlim_max = 1000;
	EQUAL(setrlimit(RLIMIT_CPU, &limit), 0);
	limit.rlim_cur = 1001;
	FAILS(setrlimit(RLIMIT_CPU, &limit), EINVAL);
}

int
main(int argc, char **argv)
{
	if (argc > 1 && argv[1][0] == 'b')
		for (;;)
			continue;
	if (argc > 1)
		for (;;)
			pause();
	alarms();
	alarms_and_processes();
	intervals();
	cpu_time(ITIMER_VIRTUAL, SIGVTALRM);
	cpu_time(ITIMER_PROF, SIGPROF);
	created();
	overruns();
	many();
	interrupts();
	semaphores();
	threads();
	threads_all_the_time();
	threads_in_the_far_future();
	asked_by_handlers();
	cpu_clocks();
	cpu_limit();
	return check_report("timer");
}
