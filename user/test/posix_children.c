/*
 * What a parent hears of its children: SIGCHLD and its two flags (POSIX.1-2017 sigaction), and waitid, which waits for all of them, for one,
 * or for a group.
 */
#define _GNU_SOURCE
#include <fcntl.h>

#include "signals.h"

/* What it exits with, once the other end of its pipe is closed. */
static int gate[2];

static void
close_gate(void)
{
	EQUAL(pipe(gate), 0);
}

static void
open_gate(void)
{
	close(gate[0]);
	close(gate[1]);
}

static pid_t
exits_with(int status, pid_t group)
{
	pid_t pid = fork();
	char byte;

	if (pid == 0) {
		close(gate[1]);
		_exit(read(gate[0], &byte, 1) == 0 ? status : 99);
	}
	if (group >= 0)
		EQUAL(setpgid(pid, group), 0);
	return pid;
}

/* A signal for the parent that is blocked until it is waited for here. */
static int
next_child_signal(siginfo_t *info)
{
	sigset_t set = set_of(SIGCHLD);

	return sigwaitinfo(&set, info);
}

static int
is_pending(void)
{
	sigset_t set;

	sigpending(&set);
	return sigismember(&set, SIGCHLD);
}

static void
block(void)
{
	sigset_t set = set_of(SIGCHLD);

	sigprocmask(SIG_BLOCK, &set, NULL);
}

static pid_t
sleeper(void)
{
	pid_t pid = fork();

	if (pid == 0)
		for (;;)
			pause();
	return pid;
}

/* --- SIGCHLD --- */

static void
stops_are_told(void)
{
	siginfo_t info;
	int status;
	pid_t pid;

	on_info(SIGCHLD, 0);
	pid = sleeper();
	EQUAL(kill(pid, SIGSTOP), 0);
	EQUAL(next_child_signal(&info), SIGCHLD);
	CHECK(info.si_pid == pid && info.si_code == CLD_STOPPED && info.si_status == SIGSTOP && info.si_uid == getuid());
	EQUAL(waitpid(pid, &status, WUNTRACED), pid);
	EQUAL(kill(pid, SIGCONT), 0);
	EQUAL(next_child_signal(&info), SIGCHLD);
	CHECK(info.si_pid == pid && info.si_code == CLD_CONTINUED && info.si_status == SIGCONT);
	EQUAL(kill(pid, SIGTERM), 0);
	EQUAL(next_child_signal(&info), SIGCHLD);
	CHECK(info.si_pid == pid && info.si_code == CLD_KILLED && info.si_status == SIGTERM);
	EQUAL(WTERMSIG(end_of(pid)), SIGTERM);
}

static void
stops_are_not_told(void)
{
	siginfo_t info;
	int status;
	pid_t pid;

	on_info(SIGCHLD, SA_NOCLDSTOP);
	pid = sleeper();
	EQUAL(kill(pid, SIGSTOP), 0);
	EQUAL(waitpid(pid, &status, WUNTRACED), pid);	/* it is known all the same */
	CHECK(WIFSTOPPED(status));
	EQUAL(is_pending(), 0);
	EQUAL(kill(pid, SIGCONT), 0);
	EQUAL(waitpid(pid, &status, WCONTINUED), pid);
	CHECK(WIFCONTINUED(status));
	EQUAL(is_pending(), 0);
	EQUAL(kill(pid, SIGKILL), 0);
	EQUAL(next_child_signal(&info), SIGCHLD);
	EQUAL(info.si_code, CLD_KILLED);
	EQUAL(WTERMSIG(end_of(pid)), SIGKILL);
}

/* No zombies: wait waits for the last of them, and then there is none. A handler is called all the same. */
static void
no_zombies(void)
{
	siginfo_t info;
	int status;

	on_info(SIGCHLD, SA_NOCLDWAIT);
	close_gate();
	for (int i = 0; i < 3; i++)
		exits_with(i, -1);
	EQUAL(waitpid(-1, &status, WNOHANG), 0);
	open_gate();
	FAILS(waitpid(-1, &status, 0), ECHILD);
	EQUAL(next_child_signal(&info), SIGCHLD);
	EQUAL(info.si_code, CLD_EXITED);
	/* Stopping is no end. */
	close_gate();
	info.si_pid = exits_with(0, -1);
	EQUAL(kill(info.si_pid, SIGSTOP), 0);
	EQUAL(waitpid(info.si_pid, &status, WUNTRACED), info.si_pid);
	EQUAL(kill(info.si_pid, SIGCONT), 0);
	open_gate();
	FAILS(waitpid(-1, &status, 0), ECHILD);
	on_info(SIGCHLD, 0);
	close_gate();
	info.si_pid = exits_with(7, -1);
	open_gate();
	EQUAL(WEXITSTATUS(end_of(info.si_pid)), 7);
}

/* --- waitid --- */

static int
waited(idtype_t type, id_t id, int options, pid_t *pid, int *status)
{
	siginfo_t info;

	memset(&info, 0x55, sizeof(info));
	if (waitid(type, id, &info, options) < 0)
		return -1;
	*pid = info.si_pid;
	*status = info.si_pid != 0 ? info.si_status : 0;
	if (info.si_pid == 0)
		EQUAL(info.si_signo, 0);
	else
		CHECK(info.si_signo == SIGCHLD && info.si_uid == getuid());
	return 0;
}

static void
all_children(void)
{
	pid_t one, two, pid;
	int status, sum = 0;

	FAILS(waited(P_ALL, 0, WEXITED, &pid, &status), ECHILD);
	close_gate();
	one = exits_with(1, -1);
	two = exits_with(2, 0);			/* in another group */
	EQUAL(waited(P_ALL, 12345, WEXITED | WNOHANG, &pid, &status), 0);
	EQUAL(pid, 0);
	open_gate();
	EQUAL(waited(P_ALL, 0, WEXITED | WNOWAIT, &pid, &status), 0);
	CHECK(pid == one || pid == two);
	for (int i = 0; i < 2; i++) {
		EQUAL(waited(P_ALL, 0, WEXITED, &pid, &status), 0);
		CHECK((pid == one && status == 1) || (pid == two && status == 2));
		sum += status;
	}
	EQUAL(sum, 3);
	FAILS(waited(P_ALL, 0, WEXITED, &pid, &status), ECHILD);
}

static void
children_of_a_group(void)
{
	pid_t leader, member, other, pid;
	int status;

	close_gate();
	leader = exits_with(1, 0);
	member = exits_with(2, leader);
	other = exits_with(3, -1);
	open_gate();
	EQUAL(waited(P_PID, (id_t)other, WEXITED | WNOWAIT, &pid, &status), 0);	/* it has ended, and yet: */
	FAILS(waited(P_PGID, 1, WEXITED | WNOWAIT, &pid, &status), ECHILD);
	EQUAL(waited(P_PGID, (id_t)leader, WEXITED, &pid, &status), 0);
	CHECK((pid == leader && status == 1) || (pid == member && status == 2));
	EQUAL(waited(P_PGID, (id_t)leader, WEXITED, &pid, &status), 0);
	CHECK(pid == leader || pid == member);
	FAILS(waited(P_PGID, (id_t)leader, WEXITED, &pid, &status), ECHILD);
	EQUAL(waited(P_PGID, (id_t)getpgrp(), WEXITED, &pid, &status), 0);
	CHECK(pid == other && status == 3);
	FAILS(waited(P_PGID, (id_t)getpgrp(), WEXITED, &pid, &status), ECHILD);
}

static void
stopped_children(void)
{
	pid_t pid, child = sleeper();
	int status;

	EQUAL(kill(child, SIGSTOP), 0);
	EQUAL(waited(P_ALL, 0, WSTOPPED, &pid, &status), 0);
	CHECK(pid == child && status == SIGSTOP);
	EQUAL(waited(P_ALL, 0, WSTOPPED | WEXITED | WNOHANG, &pid, &status), 0);
	EQUAL(pid, 0);
	EQUAL(kill(child, SIGCONT), 0);
	EQUAL(waited(P_PGID, (id_t)getpgrp(), WCONTINUED, &pid, &status), 0);
	CHECK(pid == child && status == SIGCONT);
	EQUAL(kill(child, SIGKILL), 0);
	EQUAL(waited(P_ALL, 0, WEXITED | WSTOPPED, &pid, &status), 0);
	CHECK(pid == child && status == SIGKILL);
}

/* Until it is killed: the parent may not wait yet when the first one comes. */
static int
tells_parent(void)
{
	while (kill(parent, SIGUSR1) == 0)
		usleep(1000);
	return 1;
}

static void
waitid_fails(void)
{
	pid_t pid, waited_for, teller;
	int status;

	FAILS(waited((idtype_t)77, 1, WEXITED, &pid, &status), EINVAL);
	FAILS(waited(P_ALL, 0, 0, &pid, &status), EINVAL);
	FAILS(waited(P_ALL, 0, WNOHANG, &pid, &status), EINVAL);
	FAILS(waited(P_ALL, 0, WEXITED | 0x40000, &pid, &status), EINVAL);
	on(SIGUSR1, note, 0);
	waited_for = sleeper();
	teller = child(tells_parent);
	FAILS(waited(P_PID, (id_t)waited_for, WEXITED, &pid, &status), EINTR);
	CHECK(count > 0);
	EQUAL(kill(teller, SIGKILL), 0);
	EQUAL(WTERMSIG(end_of(teller)), SIGKILL);
	EQUAL(kill(waited_for, SIGKILL), 0);
	EQUAL(WTERMSIG(end_of(waited_for)), SIGKILL);
}

int
main(void)
{
	parent = getpid();
	block();
	stops_are_told();
	stops_are_not_told();
	no_zombies();
	signal(SIGCHLD, SIG_DFL);
	all_children();
	children_of_a_group();
	stopped_children();
	waitid_fails();
	return check_report("children");
}
