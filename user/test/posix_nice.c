/*
 * Nice values, against POSIX.1-2017's text of nice and getpriority, and what they do: on one CPU the loop of a process with a larger one gets
 * less time. Times are those of the processes' own clocks. The program is its own child: `posix_nice print`.
 */
#define _GNU_SOURCE
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "children.h"
#include "mach/mach.h"
#include <mach/task_info.h>

#define SELF	"/test/posix_nice"
#define SECOND	1000000000ull	/* ns */
#define USER	1234
#define STRANGER 1235

/* --- values --- */

static int
own(void)
{
	return getpriority(PRIO_PROCESS, 0);
}

static int
give_up_root(void)
{
	return setresuid(USER, USER, USER);
}

static int
values_of_root(void)
{
	EQUAL(own(), 0);
	EQUAL(nice(3), 3);
	EQUAL(nice(4), 7);
	EQUAL(own(), 7);
	EQUAL(nice(-17), -10);
	EQUAL(setpriority(PRIO_PROCESS, getpid(), 5), 0);
	EQUAL(getpriority(PRIO_PROCESS, getpid()), 5);
	EQUAL(nice(1000), NZERO - 1);
	EQUAL(nice(INT_MAX), NZERO - 1);
	EQUAL(nice(INT_MIN), -NZERO);
	EQUAL(setpriority(PRIO_PROCESS, 0, 1000), 0);
	EQUAL(own(), NZERO - 1);
	EQUAL(setpriority(PRIO_PROCESS, 0, -1000), 0);
	EQUAL(own(), -NZERO);
	/* -1 is a result like others: errno tells. */
	EQUAL(setpriority(PRIO_PROCESS, 0, -1), 0);
	errno = 0;
	EQUAL(own(), -1);
	EQUAL(errno, 0);
	EQUAL(nice(0), -1);
	EQUAL(errno, 0);
	return 0;
}

static int
values_of_others(void)
{
	pid_t init = 1, parent = getppid();

	EQUAL(give_up_root(), 0);
	EQUAL(nice(2), 2);
	FAILS(nice(-1), EPERM);
	FAILS(setpriority(PRIO_PROCESS, 0, 1), EACCES);
	EQUAL(setpriority(PRIO_PROCESS, 0, 2), 0);
	EQUAL(own(), 2);
	EQUAL(getpriority(PRIO_PROCESS, parent), 0);
	FAILS(setpriority(PRIO_PROCESS, parent, 3), EPERM);
	FAILS(setpriority(PRIO_PROCESS, init, 3), EPERM);
	FAILS(setpriority(PRIO_USER, 0, 1), EACCES);
	EQUAL(getpriority(PRIO_PROCESS, parent), 0);
	return 0;
}

static void
wrong_arguments(void)
{
	FAILS(getpriority(12, 0), EINVAL);
	FAILS(getpriority(-1, 0), EINVAL);
	FAILS(setpriority(12, 0, 5), EINVAL);
	FAILS(getpriority(PRIO_PROCESS, 99999), ESRCH);
	FAILS(setpriority(PRIO_PROCESS, 99999, 5), ESRCH);
	FAILS(getpriority(PRIO_PGRP, 99999), ESRCH);
	FAILS(setpriority(PRIO_USER, 99999, 5), ESRCH);
	EQUAL(own(), 0);
}

/* --- several processes --- */

static pid_t
sleeper(uid_t user, int value)
{
	pid_t pid = fork();

	if (pid == 0) {
		if (setresuid(user, user, user) < 0)
			_exit(1);
		for (;;)
			pause();
	}
	EQUAL(setpriority(PRIO_PROCESS, (id_t)pid, value), 0);
	return pid;
}

static void
end(pid_t pid)
{
	EQUAL(kill(pid, SIGKILL), 0);
	EQUAL(WTERMSIG(end_of(pid)), SIGKILL);
}

static int
group_of_some(void)
{
	pid_t one, two;

	EQUAL(setpgid(0, 0), 0);
	one = sleeper(0, 7);
	two = sleeper(0, 5);
	EQUAL(nice(9), 9);
	EQUAL(getpriority(PRIO_PGRP, 0), 5);
	EQUAL(getpriority(PRIO_PGRP, (id_t)getpid()), 5);
	EQUAL(setpriority(PRIO_PGRP, 0, 8), 0);
	EQUAL(own(), 8);
	EQUAL(getpriority(PRIO_PROCESS, (id_t)one), 8);
	EQUAL(getpriority(PRIO_PROCESS, (id_t)two), 8);
	end(one);
	end(two);
	return 0;
}

/* Not yet there when the sleepers are made: they change their ids by themselves. */
static void
await_user(id_t user, int lowest)
{
	for (int i = 0; i < 1000 && getpriority(PRIO_USER, user) != lowest; i++)
		usleep(1000);
	EQUAL(getpriority(PRIO_USER, user), lowest);
}

static void
processes_of_a_user(void)
{
	pid_t one = sleeper(USER, 4), two = sleeper(USER, 3), other = sleeper(STRANGER, 1);

	await_user(USER, 3);
	await_user(STRANGER, 1);
	EQUAL(setpriority(PRIO_USER, USER, 6), 0);
	EQUAL(getpriority(PRIO_PROCESS, (id_t)one), 6);
	EQUAL(getpriority(PRIO_PROCESS, (id_t)two), 6);
	EQUAL(getpriority(PRIO_PROCESS, (id_t)other), 1);
	end(one);
	end(two);
	end(other);
}

/* --- it stays with the process --- */

static int
child_has_five(void)
{
	return own() != 5;
}

static int
through_fork_exec_and_spawn(void)
{
	char *argv[] = { "posix_nice", "print", NULL };
	pid_t pid;

	EQUAL(nice(5), 5);
	EQUAL(in_child(child_has_five), 0);
	EQUAL(posix_spawn(&pid, SELF, NULL, NULL, argv, environ), 0);
	EQUAL(WEXITSTATUS(end_of(pid)), 5);
	pid = fork();
	if (pid == 0) {
		execv(SELF, argv);
		_exit(127);
	}
	EQUAL(WEXITSTATUS(end_of(pid)), 5);
	return 0;
}

/* --- what it does --- */

static struct shared {
	_Atomic uint32_t turns;		/* of the loop of the one with the larger value */
	_Atomic uint32_t signals;	/* that it has handled */
	_Atomic uint32_t ready;
	_Atomic uint64_t used;		/* its time, ns */
} *shared;

static uint64_t
time_of(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec;
}

/* The calling process's time, ns. */
static uint64_t
used(void)
{
	return time_of(CLOCK_PROCESS_CPUTIME_ID);
}

static void
note_signal(int signal)
{
	(void)signal;
	shared->signals++;
}

static void
turn_for_ever(void)
{
	for (;; shared->turns++)
		shared->used = used();
}

static pid_t
start_loop(int value)
{
	pid_t pid;

	shared->ready = 0;
	pid = fork();
	if (pid == 0) {
		signal(SIGUSR1, note_signal);
		if (setpriority(PRIO_PROCESS, 0, value) < 0)
			_exit(1);
		shared->ready = 1;
		turn_for_ever();
	}
	while (shared->ready == 0)
		usleep(1000);
	return pid;
}

/* How many per cent of the time a loop with that value gets while this process, with 0, computes for `span` ns of its own. */
static unsigned
share_of(int value, uint64_t span)
{
	pid_t pid = start_loop(value);
	uint64_t begin = used(), here, there = shared->used;

	while (used() - begin < span)
		continue;
	there = shared->used - there;
	here = used() - begin;
	end(pid);
	return (unsigned)(there * 100 / (here + there));
}

static void
larger_values_get_less_time(void)
{
	unsigned equal = share_of(0, SECOND), little = share_of(19, SECOND), less = share_of(1, SECOND), more = share_of(-20, SECOND / 10);

	printf("of the time beside a loop of 0, one of 0 gets %u %%, of 19 %u %%, of 1 %u %%, of -20 %u %%\n", equal, little, less, more);
	CHECK(equal > 30 && equal < 70);
	CHECK(little < 20 && less < 20 && more > 80);
}

/* For a part of each second all are equal. */
static void
nobody_starves(void)
{
	pid_t pid = start_loop(19);
	uint32_t before = shared->turns;
	uint64_t begin = used();

	while (shared->turns - before < 1000 && used() - begin < 10 * SECOND)
		continue;
	CHECK(shared->turns - before >= 1000);
	end(pid);
}

/*
 * proc, which makes it enter the handler, waits for it, and others for proc. It was ready, and ran its handler, when all were equal: half a
 * second later it gets no time.
 */
static void
signals_are_not_held_up(void)
{
	pid_t busy = start_loop(0), pid = start_loop(19);

	for (uint32_t i = 1; i <= 2; i++) {
		usleep(500000);
		EQUAL(kill(pid, SIGUSR1), 0);
		for (int waits = 0; shared->signals < i && waits < 20000; waits++)
			usleep(1000);
		EQUAL(shared->signals, i);
	}
	end(pid);
	end(busy);
}

static volatile sig_atomic_t ended;

static void
note_end(int signal)
{
	(void)signal;
	ended = 1;
}

/* This process computes meanwhile, so that there is no time which nobody else wants. */
static void
deaths_are_not_held_up(void)
{
	uint64_t sum = 0;

	signal(SIGCHLD, note_end);
	for (int i = 0; i < 5; i++) {
		pid_t pid = start_loop(19);
		uint64_t begin;

		ended = 0;
		EQUAL(kill(pid, SIGKILL), 0);
		begin = used();
		while (!ended && used() - begin < 2 * SECOND)
			continue;
		sum += used() - begin;
		EQUAL(WTERMSIG(end_of(pid)), SIGKILL);
	}
	signal(SIGCHLD, SIG_DFL);
	CHECK(sum < SECOND / 2);
}

/* A loop that is better than the servers leaves them enough to end it. */
static void
the_best_can_be_ended(void)
{
	pid_t pid = start_loop(-20);

	CHECK(access(SELF, X_OK) == 0);
	end(pid);
}

/* --- threads --- */

static long
priority_of_thread(void)
{
	struct thread_info info = { 0 };
	thread_t self = mach_thread_self();

	EQUAL(thread_info(self, &info), KERN_SUCCESS);
	mach_port_deallocate(mach_task_self(), self);
	return info.priority;
}

/* It changes to that of all for a part of each second. */
static void *
await_priority(void *wanted)
{
	uint64_t begin = time_of(CLOCK_MONOTONIC);

	while (priority_of_thread() != (long)(intptr_t)wanted && time_of(CLOCK_MONOTONIC) - begin < 30 * SECOND)
		usleep(1000);
	EQUAL(priority_of_thread(), (intptr_t)wanted);
	return NULL;
}

static void *
note_priority(void *to)
{
	*(long *)to = priority_of_thread();
	return NULL;
}

static int
new_threads_are_as_nice(void)
{
	const long wanted = MACH_PRIORITY_USER + 7;
	pthread_t thread;
	long seen = 0;

	EQUAL(nice(7), 7);
	for (int i = 0; i < 3 && seen != wanted; i++) {
		await_priority((void *)(intptr_t)wanted);
		EQUAL(pthread_create(&thread, NULL, note_priority, &seen), 0);
		EQUAL(pthread_join(thread, NULL), 0);
	}
	EQUAL(seen, wanted);
	return 0;
}

static int
all_threads_become_nice(void)
{
	pthread_t thread;

	EQUAL(pthread_create(&thread, NULL, await_priority, (void *)(intptr_t)(MACH_PRIORITY_USER + 3)), 0);
	EQUAL(nice(3), 3);
	EQUAL(pthread_join(thread, NULL), 0);
	return 0;
}

/* Traps give it nothing that nice did not. */
static int
threads_cannot_better_themselves(void)
{
	EQUAL(nice(6), 6);
	EQUAL(thread_set_priority(MACH_PORT_NULL, mach_thread_self(), MACH_PRIORITY_USER), KERN_NO_ACCESS);
	EQUAL(nice(-6), 0);
	EQUAL(thread_set_priority(MACH_PORT_NULL, mach_thread_self(), MACH_PRIORITY_USER), KERN_SUCCESS);
	return 0;
}

/* --- */

static int
checked(int (*function)(void))
{
	function();
	return checks_failed != 0;
}

#define IN_CHILD(function) \
	do { \
		pid_t pid_ = fork(); \
		if (pid_ == 0) { \
			int bad_ = checked(function); \
			fflush(stdout); \
			_exit(bad_); \
		} \
		EQUAL(end_of(pid_), 0); \
	} while (0)

int
main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "print") == 0)
		return own();
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(shared != MAP_FAILED);
	IN_CHILD(values_of_root);
	IN_CHILD(values_of_others);
	wrong_arguments();
	IN_CHILD(group_of_some);
	processes_of_a_user();
	IN_CHILD(through_fork_exec_and_spawn);
	IN_CHILD(all_threads_become_nice);
	IN_CHILD(new_threads_are_as_nice);
	IN_CHILD(threads_cannot_better_themselves);
	if (sysconf(_SC_NPROCESSORS_ONLN) == 1)
		larger_values_get_less_time();
	nobody_starves();
	signals_are_not_held_up();
	deaths_are_not_held_up();
	the_best_can_be_ended();
	return check_report("nice");
}
