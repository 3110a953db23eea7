/*
 * For tests of signals: handlers that note what came, actions, masks, children that send.
 */
#ifndef USER_TEST_SIGNALS_H
#define USER_TEST_SIGNALS_H

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"
#include "children.h"

static volatile sig_atomic_t count, last;
static siginfo_t seen;

static inline void
note(int signal)
{
	count++;
	last = signal;
}

static inline void
note_info(int signal, siginfo_t *info, void *context)
{
	(void)context;
	seen = *info;
	note(signal);
}

static inline void
on(int signal, void (*handler)(int), int flags)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = flags };

	EQUAL(sigaction(signal, &action, NULL), 0);
	count = 0;
	last = 0;
}

static inline void
on_info(int signal, int flags)
{
	struct sigaction action = { .sa_sigaction = note_info, .sa_flags = flags | SA_SIGINFO };

	EQUAL(sigaction(signal, &action, NULL), 0);
	count = 0;
}

static inline sigset_t
set_of(int signal)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signal);
	return set;
}

static inline int
blocked(int signal)
{
	sigset_t set;

	sigprocmask(SIG_BLOCK, NULL, &set);
	return sigismember(&set, signal);
}

/* A child that runs `function`. */
static inline pid_t
child(int (*function)(void))
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(function());
	CHECK(pid > 0);
	return pid;
}

static pid_t parent;

/* What a child may run: a signal for its parent, while that waits. */
static inline int
send_and_end(void)
{
	usleep(30000);
	kill(parent, SIGUSR1);
	usleep(30000);
	return 5;
}

#endif
