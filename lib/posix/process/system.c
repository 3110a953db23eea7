/*
 * system: a command line for the shell. While it runs the caller ignores SIGINT and SIGQUIT and keeps SIGCHLD for later; several threads may
 * be here at once, so the first one to come changes the actions and the last one to go puts them back.
 */
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "posix/lock.h"
#include "shell.h"

static struct libc_lock lock;		/* guards: */
static unsigned inside;
static struct sigaction saved_int, saved_quit;

static void
signals_ignore(void)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	__lock_take_critical(&lock);
	if (inside++ == 0) {
		sigaction(SIGINT, &ignore, &saved_int);
		sigaction(SIGQUIT, &ignore, &saved_quit);
	}
	__lock_release_critical(&lock);
}

static void
signals_restore(void)
{
	__lock_take_critical(&lock);
	if (--inside == 0) {
		sigaction(SIGINT, &saved_int, NULL);
		sigaction(SIGQUIT, &saved_quit, NULL);
	}
	__lock_release_critical(&lock);
}

/* The child gets the signals as they were before. */
static void
attributes_fill(posix_spawnattr_t *attr, const sigset_t *mask)
{
	sigset_t set;

	posix_spawnattr_init(attr);
	sigemptyset(&set);
	if (saved_int.sa_handler != SIG_IGN)
		sigaddset(&set, SIGINT);
	if (saved_quit.sa_handler != SIG_IGN)
		sigaddset(&set, SIGQUIT);
	posix_spawnattr_setsigdefault(attr, &set);
	posix_spawnattr_setsigmask(attr, mask);
	posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
}

/* A shell that cannot be executed looks like one that ended with status 127. */
static int
run(const char *command, const posix_spawnattr_t *attr)
{
	int status = 127 << 8, error;
	pid_t pid;

	error = shell_spawn(&pid, command, NULL, attr);
	if (error == EAGAIN || error == ENOMEM) {
		errno = error;
		return -1;
	}
	if (error != 0)
		return status;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return status;
}

int
system(const char *command)
{
	posix_spawnattr_t attr;
	sigset_t child, mask;
	int status;

	if (command == NULL)
		return 1;			/* POSIX has one */
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	signals_ignore();
	sigprocmask(SIG_BLOCK, &child, &mask);
	attributes_fill(&attr, &mask);
	status = run(command, &attr);
	signals_restore();
	sigprocmask(SIG_SETMASK, &mask, NULL);
	return status;
}
