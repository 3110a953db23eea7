/*
 * Nice values, against POSIX.1-2017's text of nice and getpriority. The program is its own child: `posix_nice print`.
 */
#define _GNU_SOURCE
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "children.h"

#define SELF	"/test/posix_nice"
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

/* Not yet there when a sleeper is made: it changes its ids by itself. */
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
	pid_t one, two, other;

	one = sleeper(USER, 4);
	await_user(USER, 4);
	two = sleeper(USER, 3);
	await_user(USER, 3);
	other = sleeper(STRANGER, 1);
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

/* --- what it is good for --- */

#define SHARED_MS	700		/* a CPU is shared for so long */

/* A process that computes; `how` it becomes one: 'f' by fork alone, 'e' by exec, 's' by posix_spawn. */
static pid_t
computing(int value, int how)
{
	char *argv[] = { "posix_nice", "compute", NULL };
	int before = own();
	pid_t pid;

	if (how == 's') {
		EQUAL(setpriority(PRIO_PROCESS, 0, value), 0);
		EQUAL(posix_spawn(&pid, SELF, NULL, NULL, argv, environ), 0);
		EQUAL(setpriority(PRIO_PROCESS, 0, before), 0);
		return pid;
	}
	pid = fork();
	if (pid == 0) {
		setpriority(PRIO_PROCESS, 0, value);
		if (how == 'e')
			execv(SELF, argv);
		for (;;)
			continue;
	}
	CHECK(pid > 0);
	return pid;
}

/* Its CPU time in microseconds. */
static long
end_of_computing(pid_t pid)
{
	struct rusage used;
	int status;

	EQUAL(kill(pid, SIGKILL), 0);
	EQUAL(wait4(pid, &status, 0, &used), pid);
	return used.ru_utime.tv_sec * 1000000L + used.ru_utime.tv_usec;
}

/* Slices of 0.5 ms beside those of 10 ms (a busy host may take some of either). */
static void
share_of_a_cpu(int how)
{
	pid_t nice_one = computing(NZERO - 1, how), usual = computing(0, how);
	long little, much;

	usleep(SHARED_MS * 1000);
	little = end_of_computing(nice_one);
	much = end_of_computing(usual);
	CHECK(little > 0 && much > 4 * little);
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
	while (argc == 2 && strcmp(argv[1], "compute") == 0)
		continue;
	IN_CHILD(values_of_root);
	IN_CHILD(values_of_others);
	wrong_arguments();
	IN_CHILD(group_of_some);
	processes_of_a_user();
	IN_CHILD(through_fork_exec_and_spawn);
	if (sysconf(_SC_NPROCESSORS_ONLN) == 1)
		for (const char *how = "fes"; *how != 0; how++)
			share_of_a_cpu(*how);
	return check_report("nice");
}
