/*
 * Sessions with a terminal (POSIX.1-2017 11.1): signals from it, job control, and the end of a session's leader (_Exit, 11.1.3): its foreground
 * group is told, nobody else, and the terminal is anybody's again, as soon as anybody can know that the leader is gone.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <utmp.h>

#include "children.h"

static int master, slave;
static char name[64];
static int report[2];			/* a pipe: what members of the session say */

static void
say(char what)
{
	if (write(report[1], &what, 1) != 1)
		_exit(99);
}

static char
heard(void)
{
	char byte = 0;

	return read(report[0], &byte, 1) == 1 ? byte : '-';
}

static void
hung_up(int signal)
{
	(void)signal;
	say('H');
	if (open("/dev/tty", O_RDWR) == -1 && errno == ENXIO)
		say('x');
	_exit(0);
}

static void
wrongly(int signal)
{
	(void)signal;
	say('!');
}

/* A member of the session, in a group of its own. It lives until the test takes its pipe away, or it is told. */
static pid_t
member(void (*on_hangup)(int), char stopped)
{
	int ready[2];
	char byte;
	pid_t pid;

	if (pipe(ready) < 0)
		_exit(98);
	pid = fork();
	if (pid == 0) {
		setpgid(0, 0);
		signal(SIGHUP, on_hangup);
		close(ready[0]);
		close(ready[1]);
		if (stopped)
			raise(SIGSTOP);
		for (;;)
			pause();
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 0)
		_exit(97);
	close(ready[0]);
	return pid;
}

static pid_t front, behind;

/* Lends the terminal to a group, and ends. */
static void
leader(char stopped)
{
	int status;

	signal(SIGTTOU, SIG_IGN);
	signal(SIGHUP, wrongly);
	behind = member(wrongly, 0);
	front = member(hung_up, stopped);
	if (stopped && (waitpid(front, &status, WUNTRACED) != front || !WIFSTOPPED(status)))
		_exit(1);
	if (tcsetpgrp(0, front) < 0 || write(report[1], &behind, sizeof(behind)) != sizeof(behind))
		_exit(2);
	raise(SIGKILL);
}

/* A new session gets the terminal by opening it. */
static int
takes_it(void)
{
	int fd;

	if (setsid() < 0)
		return 1;
	fd = open(name, O_RDWR);
	if (fd < 0)
		return 2;
	return tcgetsid(fd) == getpid() && tcgetpgrp(fd) == getpgrp() ? 0 : 3;
}

static int
asks_for_it(void)
{
	return setsid() == getpid() && ioctl(slave, TIOCSCTTY, 0) == 0 && tcgetsid(slave) == getpid() ? 0 : 1;
}

static void
end_of_leader(char stopped, int (*next)(void))
{
	pid_t pid, other = 0;
	int status;

	EQUAL(pipe(report), 0);
	EQUAL(openpty(&master, &slave, name, NULL, NULL), 0);
	pid = fork();
	if (pid == 0) {
		login_tty(slave);
		leader(stopped);
	}
	EQUAL(read(report[0], &other, sizeof(other)), sizeof(other));
	status = end_of(pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	EQUAL(in_child(next), 0);
	EQUAL(heard(), 'H');
	EQUAL(heard(), 'x');
	FAILS(tcgetpgrp(master), ENOTTY);
	EQUAL(kill(other, SIGTERM), 0);
	EQUAL(fcntl(report[0], F_SETFL, O_NONBLOCK), 0);
	EQUAL(heard(), '-');
	close(report[0]);
	close(report[1]);
	close(slave);
	close(master);
}

/* While its leader lives nobody else gets it, in the foreground or not. */
static void
not_before(void)
{
	int status;
	pid_t pid;

	EQUAL(pipe(report), 0);
	EQUAL(openpty(&master, &slave, name, NULL, NULL), 0);
	pid = fork();
	if (pid == 0) {
		login_tty(slave);
		close(master);
		signal(SIGHUP, SIG_DFL);
		say('r');
		for (;;)
			pause();
	}
	EQUAL(heard(), 'r');
	EQUAL(in_child(asks_for_it), 1);
	EQUAL(in_child(takes_it), 3);
	EQUAL(tcgetsid(master), pid);
	close(slave);
	close(master);
	status = end_of(pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGHUP);
	close(report[0]);
	close(report[1]);
}

/* The leader that gives its terminal up may end without anybody noticing. */
static void
given_up(void)
{
	pid_t pid, other = 0;

	EQUAL(pipe(report), 0);
	EQUAL(openpty(&master, &slave, name, NULL, NULL), 0);
	pid = fork();
	if (pid == 0) {
		login_tty(slave);
		signal(SIGHUP, SIG_IGN);
		ioctl(0, TIOCNOTTY);
		other = member(wrongly, 0);
		_exit(write(report[1], &other, sizeof(other)) == sizeof(other) ? 0 : 1);
	}
	EQUAL(read(report[0], &other, sizeof(other)), sizeof(other));
	EQUAL(end_of(pid), 0);
	EQUAL(in_child(asks_for_it), 0);
	EQUAL(kill(other, SIGTERM), 0);
	EQUAL(fcntl(report[0], F_SETFL, O_NONBLOCK), 0);
	EQUAL(heard(), '-');
	close(report[0]);
	close(report[1]);
	close(slave);
	close(master);
}

/* --- a session on a pseudo-terminal --- */

static volatile sig_atomic_t caught;

static void
catch(int signal)
{
	caught = signal;
}

/* The next line from the master that has this in it. */
static void
expect(FILE *in, const char *wanted)
{
	char line[128];

	while (fgets(line, sizeof(line), in) != NULL)
		if (strstr(line, wanted) != NULL) {
			check_count(1);
			return;
		}
	printf("no line with \"%s\"\n", wanted);
	check_count(0);
}

static void
tell(const char *what)
{
	printf("%s\n", what);
	fflush(stdout);
}

static int
signalled(void)
{
	struct winsize size;
	sigset_t none, all;

	sigemptyset(&none);
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	signal(SIGINT, catch);
	signal(SIGWINCH, catch);
	signal(SIGHUP, catch);
	if (isatty(0) && tcgetsid(0) == getpid() && tcgetpgrp(0) == getpgrp() && open("/dev/tty", O_RDWR) >= 0)
		tell("controls");
	sigsuspend(&none);
	tell(caught == SIGINT ? "interrupted" : "?");
	sigsuspend(&none);
	ioctl(0, TIOCGWINSZ, &size);
	printf("signal %d size %d %d\n", (int)caught, size.ws_row, size.ws_col);
	tell("");
	sigsuspend(&none);
	return caught == SIGHUP && write(1, "x", 1) == -1 && errno == EIO ? 7 : 1;
}

static void
with_session(void)
{
	struct winsize size = { 10, 20, 0, 0 };
	pid_t pid = forkpty(&master, name, NULL, &size);
	FILE *in;
	int status;

	if (pid == 0)
		_exit(signalled());
	CHECK(pid > 0);
	in = fdopen(dup(master), "r");
	expect(in, "controls");
	EQUAL(tcgetpgrp(master), pid);
	EQUAL(write(master, "\003", 1), 1);
	expect(in, "interrupted");
	size.ws_col = 99;
	EQUAL(ioctl(master, TIOCSWINSZ, &size), 0);
	expect(in, "signal 28 size 10 99");
	EQUAL(fclose(in), 0);
	EQUAL(close(master), 0);
	status = end_of(pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 7);
}

/* The session's leader runs a job in the background, which reads; it stops, comes to the foreground, reads. */
static int
shell(void)
{
	char line[2] = { 0 };
	int status;
	pid_t job = fork();

	signal(SIGTTOU, SIG_IGN);
	if (job == 0) {
		signal(SIGTTIN, SIG_DFL);
		setpgid(0, 0);
		_exit(read(0, line, sizeof(line)) == sizeof(line) ? line[0] : 1);
	}
	setpgid(job, job);
	if (waitpid(job, &status, WUNTRACED) != job || !WIFSTOPPED(status) || WSTOPSIG(status) != SIGTTIN)
		return 1;
	tell("stopped");
	if (tcsetpgrp(0, job) < 0 || kill(-job, SIGCONT) < 0)
		return 2;
	tell("in front");
	if (waitpid(job, &status, WUNTRACED) != job || !WIFSTOPPED(status) || WSTOPSIG(status) != SIGTSTP)
		return 3;
	tell("suspended");
	kill(-job, SIGCONT);
	waitpid(job, &status, 0);
	return WIFEXITED(status) && WEXITSTATUS(status) == 'k' && tcsetpgrp(0, getpgrp()) == 0 ? 9 : 4;
}

static void
job_control(void)
{
	pid_t pid = forkpty(&master, NULL, NULL, NULL);
	FILE *in;
	int status;

	if (pid == 0)
		_exit(shell());
	in = fdopen(dup(master), "r");
	expect(in, "stopped");
	expect(in, "in front");
	EQUAL(write(master, "\032", 1), 1);
	expect(in, "suspended");
	EQUAL(write(master, "k\n", 2), 2);
	status = end_of(pid);
	CHECK(WIFEXITED(status));
	EQUAL(WEXITSTATUS(status), 9);
	EQUAL(fclose(in), 0);
	EQUAL(close(master), 0);
}

/* `shell`: on this terminal, for somebody who types. */
int
main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "shell") == 0)
		return shell();
	alarm(60);			/* who is not told says nothing */
	for (int i = 0; i < 20; i++) {
		end_of_leader(0, takes_it);
		end_of_leader(0, asks_for_it);
		end_of_leader(1, asks_for_it);
	}
	not_before();
	given_up();
	with_session();
	job_control();
	return check_report("session");
}
