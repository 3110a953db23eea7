/*
 * Jobs in the background that use the terminal (POSIX.1-2017 11.1.4, and each call's errors): what they may do, SIGTTOU and SIGTTIN, the EIO
 * of those that cannot be stopped for good. A session of its own on a pseudo-terminal; its leader is the shell.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <termios.h>

#include "children.h"

/* --- what jobs do: 0, or -1 and errno --- */

static int
sets_attributes(void)
{
	struct termios settings;

	return tcgetattr(0, &settings) < 0 ? -1 : tcsetattr(0, TCSADRAIN, &settings);
}

static int
takes_over(void)
{
	return tcsetpgrp(0, getpgrp());
}

static int
flushes(void)
{
	return tcflush(0, TCOFLUSH);
}

static int
switches(void)
{
	return tcflow(0, TCOON);
}

static int
drains(void)
{
	return tcdrain(0);
}

static int
breaks(void)
{
	return tcsendbreak(0, 0);
}

static int
writes(void)
{
	return write(1, ".", 1) == 1 ? 0 : -1;
}

static int
reads(void)
{
	char byte;

	return read(0, &byte, 1) == 1 ? 0 : -1;
}

static int
looks(void)
{
	struct termios settings;

	return tcgetattr(0, &settings) < 0 || tcgetpgrp(0) != getppid() || tcgetsid(0) != getppid() || !isatty(0) ? -1 : 0;
}

static int (*const changes[])(void) = { sets_attributes, takes_over, flushes, switches, drains, breaks };

#define CHANGES (sizeof(changes) / sizeof(changes[0]))

/* --- how they take the signal --- */

static volatile sig_atomic_t caught;

static void
note(int signal)
{
	caught = signal;
}

static void
note_and_ignore(int number)
{
	caught = number;
	signal(number, SIG_IGN);
}

static void
by_default(int number)
{
	signal(number, SIG_DFL);
}

static void
ignoring(int number)
{
	signal(number, SIG_IGN);
}

static void
blocking(int number)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, number);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

static void
catching(int number)
{
	struct sigaction action = { .sa_handler = note };

	sigaction(number, &action, NULL);
}

static void
catching_once(int number)
{
	struct sigaction action = { .sa_handler = note_and_ignore, .sa_flags = SA_RESTART };

	sigaction(number, &action, NULL);
}

/* --- the shell --- */

static void
back_to_front(void)
{
	EQUAL(tcsetpgrp(0, getpgrp()), 0);
}

/* A job in the background. Its status is errno, or 0; 100 more if it caught the signal. */
static pid_t
job(int (*act)(void), void (*how)(int), int signal)
{
	pid_t pid = fork();

	if (pid == 0) {
		setpgid(0, 0);
		by_default(SIGTTIN);
		by_default(SIGTTOU);
		how(signal);
		errno = 0;
		_exit((act() == 0 ? 0 : errno != 0 ? errno : 199) + (caught == signal ? 100 : 0));
	}
	return pid;
}

static int
result(int (*act)(void), void (*how)(int), int signal)
{
	int status = end_of(job(act, how, signal));

	back_to_front();
	CHECK(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int
stops_for(pid_t pid, int signal)
{
	int status;

	return waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status) && WSTOPSIG(status) == signal;
}

/* All of the group stop; in the foreground it goes on, and the call is made after all. */
static void
stops_and_goes_on(int (*act)(void), int signal)
{
	int ready[2], status;
	pid_t group, other;
	char byte = 0;

	EQUAL(pipe(ready), 0);
	group = fork();
	if (group == 0) {
		setpgid(0, 0);
		by_default(signal);
		if (read(ready[0], &byte, 1) != 1)
			_exit(198);
		_exit(act() == 0 ? 0 : errno);
	}
	setpgid(group, group);
	other = fork();
	if (other == 0) {
		setpgid(0, group);
		by_default(signal);
		if (write(ready[1], &byte, 1) != 1)
			_exit(198);
		for (;;)
			pause();
	}
	CHECK(stops_for(group, signal));
	CHECK(stops_for(other, signal));
	EQUAL(tcsetpgrp(0, group), 0);
	EQUAL(kill(-group, SIGCONT), 0);
	EQUAL(end_of(group), 0);
	back_to_front();
	EQUAL(kill(other, SIGKILL), 0);
	status = end_of(other);
	CHECK(WIFSIGNALED(status));
	close(ready[0]);
	close(ready[1]);
}

/* The same in a group that nobody outside of it could continue: errno, which comes through a pipe. */
static int
result_of_orphan(int (*act)(void))
{
	int said[2], gone[2];
	char result = -1, byte;
	pid_t pid;

	EQUAL(pipe(said), 0);
	EQUAL(pipe(gone), 0);
	pid = fork();
	if (pid == 0) {
		setpgid(0, 0);
		by_default(SIGTTIN);
		by_default(SIGTTOU);
		if (fork() != 0)
			_exit(0);
		close(gone[1]);
		if (read(gone[0], &byte, 1) != 0)	/* its parent is gone, and has been waited for */
			_exit(1);
		result = (char)(act() == 0 ? 0 : errno);
		_exit(write(said[1], &result, 1) == 1 ? 0 : 1);
	}
	EQUAL(end_of(pid), 0);
	close(gone[1]);
	close(said[1]);
	EQUAL(read(said[0], &result, 1), 1);
	close(gone[0]);
	close(said[0]);
	back_to_front();
	return result;
}

static void
set_tostop(int on)
{
	struct termios settings;

	EQUAL(tcgetattr(0, &settings), 0);
	settings.c_lflag = on ? settings.c_lflag | TOSTOP : settings.c_lflag & ~(tcflag_t)TOSTOP;
	EQUAL(tcsetattr(0, TCSANOW, &settings), 0);
}

/* --- the rules --- */

static void
changing(int (*act)(void))
{
	stops_and_goes_on(act, SIGTTOU);
	EQUAL(result(act, ignoring, SIGTTOU), 0);
	EQUAL(result(act, blocking, SIGTTOU), 0);
	EQUAL(result(act, catching, SIGTTOU), 100 + EINTR);
	EQUAL(result(act, catching_once, SIGTTOU), 100);
	EQUAL(result_of_orphan(act), EIO);
}

static void
reading(void)
{
	EQUAL(result(reads, ignoring, SIGTTIN), EIO);
	EQUAL(result(reads, blocking, SIGTTIN), EIO);
	EQUAL(result(reads, catching, SIGTTIN), 100 + EINTR);
	EQUAL(result(reads, catching_once, SIGTTIN), 100 + EIO);
	EQUAL(result_of_orphan(reads), EIO);
}

/* Writing needs the foreground only if TOSTOP says so. */
static void
writing(void)
{
	EQUAL(result(writes, by_default, SIGTTOU), 0);
	EQUAL(result_of_orphan(writes), 0);
	set_tostop(1);
	changing(writes);
	EQUAL(writes(), 0);
	set_tostop(0);
	EQUAL(result(writes, by_default, SIGTTOU), 0);
}

/* A group of another session cannot be in the foreground, nor one that does not exist. */
static void
wrong_groups(void)
{
	FAILS(tcsetpgrp(0, getppid()), EPERM);
	FAILS(tcsetpgrp(0, 1), EPERM);
	FAILS(tcsetpgrp(0, -1), EINVAL);
	FAILS(tcsetpgrp(99, getpgrp()), EBADF);
}

static int
session(void)
{
	signal(SIGTTOU, SIG_IGN);
	for (unsigned i = 0; i < CHANGES; i++)
		changing(changes[i]);
	reading();
	writing();
	EQUAL(result(looks, by_default, SIGTTOU), 0);
	wrong_groups();
	printf("%u checks in the session\n", checks_passed);
	fflush(stdout);
	return checks_failed != 0;
}

int
main(void)
{
	char line[256];
	pid_t pid;
	int master, status;
	FILE *in;

	alarm(30);			/* who is stopped for good says nothing */
	pid = forkpty(&master, NULL, NULL, NULL);
	if (pid == 0)
		_exit(session());
	in = fdopen(master, "r");
	while (fgets(line, sizeof(line), in) != NULL)
		fputs(line, stdout);
	status = end_of(pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	EQUAL(fclose(in), 0);
	return check_report("jobs");
}
