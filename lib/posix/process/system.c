/*
 * system: a command line for the shell. While it runs the caller ignores SIGINT and SIGQUIT and keeps SIGCHLD for later; several threads may
 * be here at once, so the first one to come changes the actions and the last one to go puts them back.
 */
#include <errno.h>
#include <pthread.h>
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

struct running {
	pid_t pid;
	sigset_t mask;			/* the caller's */
};

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

static int
wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return status;
}

/* The caller is cancelled: nobody wants the command any more. */
static void
give_up(void *argument)
{
	const struct running *command = argument;

	kill(command->pid, SIGKILL);
	wait_for(command->pid);
	signals_restore();
	sigprocmask(SIG_SETMASK, &command->mask, NULL);
}

/* A shell that cannot be executed looks like one that ended with status 127. Cancellation is off, and on, if it was, while the command runs. */
static int
run(const char *command, const posix_spawnattr_t *attr, const sigset_t *mask, int cancel_state)
{
	struct running running = { .mask = *mask };
	int status = 127 << 8, error;

	error = shell_spawn(&running.pid, command, NULL, attr);
	if (error == EAGAIN || error == ENOMEM) {
		errno = error;
		return -1;
	}
	if (error != 0)
		return status;
	pthread_cleanup_push(give_up, &running);
	pthread_setcancelstate(cancel_state, NULL);
	status = wait_for(running.pid);
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
	pthread_cleanup_pop(0);
	return status;
}

int
system(const char *command)
{
	posix_spawnattr_t attr;
	sigset_t child, mask;
	int status, state;

	if (command == NULL)
		return 1;			/* POSIX has one */
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	signals_ignore();
	sigprocmask(SIG_BLOCK, &child, &mask);
	attributes_fill(&attr, &mask);
	status = run(command, &attr, &mask, state);
	signals_restore();
	sigprocmask(SIG_SETMASK, &mask, NULL);
	pthread_setcancelstate(state, NULL);
	return status;
}
