/*
 * Threads are cancelled in every call that waits, with their clean-up handlers; not in stdio, nor while they do not want it.
 */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"
#include "children.h"

static volatile int at_work, cleaned;
static int cancel_pipe[2];
static sem_t cancel_sem;
static pthread_mutex_t cancel_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cancel_cond = PTHREAD_COND_INITIALIZER;

static void
clean(void *number)
{
	cleaned = cleaned * 10 + (int)(long)number;
}

static void
unlock_cancel_mutex(void *argument)
{
	(void)argument;
	cleaned = pthread_mutex_unlock(&cancel_mutex) == 0 ? 1 : -1;
}

enum { IN_SLEEP, IN_READ, IN_COND, IN_SEM, IN_JOIN, IN_SIGWAIT, IN_POLL, IN_PAUSE, IN_TESTCANCEL, IN_LOOP, CANCELS };

static void *
waits_for_ever(void *argument)
{
	(void)argument;
	for (;;)
		pause();
	return NULL;
}

static pthread_t other;

static void
be_cancelled_in(long what)
{
	struct pollfd poll_for = { cancel_pipe[0], POLLIN, 0 };
	sigset_t set;
	char byte;
	int signal;

	at_work = 1;
	switch (what) {
	case IN_SLEEP: sleep(1000); break;
	case IN_READ: read(cancel_pipe[0], &byte, 1); break;
	case IN_COND: pthread_cond_wait(&cancel_cond, &cancel_mutex); break;
	case IN_SEM: sem_wait(&cancel_sem); break;
	case IN_JOIN: pthread_join(other, NULL); break;
	case IN_SIGWAIT: sigemptyset(&set); sigaddset(&set, SIGUSR2); sigwait(&set, &signal); break;
	case IN_POLL: poll(&poll_for, 1, -1); break;
	case IN_PAUSE: pause(); break;
	case IN_TESTCANCEL: pthread_testcancel(); break;
	case IN_LOOP: pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL); break;
	}
}

static void *
is_cancelled(void *argument)
{
	long what = (long)argument;
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	pthread_cleanup_push(clean, (void *)2);
	if (what == IN_COND) {
		pthread_mutex_lock(&cancel_mutex);
		pthread_cleanup_push(unlock_cancel_mutex, NULL);
		for (;;)
			be_cancelled_in(what);
		pthread_cleanup_pop(1);
	} else {
		pthread_cleanup_push(clean, (void *)1);
		for (;;)
			be_cancelled_in(what);
		pthread_cleanup_pop(1);
	}
	pthread_cleanup_pop(1);
	return NULL;
}

static void
cancel_in(long what, unsigned delay)
{
	pthread_t thread;
	void *result = NULL;

	at_work = cleaned = 0;
	EQUAL(pthread_create(&thread, NULL, is_cancelled, (void *)what), 0);
	while (!at_work)
		sched_yield();
	usleep(delay);
	EQUAL(pthread_cancel(thread), 0);
	EQUAL(pthread_join(thread, &result), 0);
	CHECK(result == PTHREAD_CANCELED);
	EQUAL(cleaned, 12);
	EQUAL(pthread_mutex_trylock(&cancel_mutex), 0);
	pthread_mutex_unlock(&cancel_mutex);
}

static void *
puts_it_off(void *argument)
{
	int old;

	(void)argument;
	EQUAL(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old), 0);
	EQUAL(old, PTHREAD_CANCEL_ENABLE);
	at_work = 1;
	EQUAL(sleep(0), 0);
	for (int i = 0; i < 20; i++)
		EQUAL(usleep(1000), 0);
	cleaned = 5;
	pthread_setcancelstate(old, NULL);
	fflush(stdout);			/* a stream's lock is no place to end */
	pthread_testcancel();
	cleaned = 6;
	return NULL;
}

static void
cancellation(void)
{
	pthread_t thread;
	void *result;

	EQUAL(pipe(cancel_pipe), 0);
	EQUAL(sem_init(&cancel_sem, 0, 0), 0);
	EQUAL(pthread_create(&other, NULL, waits_for_ever, NULL), 0);
	for (int round = 0; round < 4; round++)
		for (long what = 0; what < CANCELS; what++)
			cancel_in(what, round == 0 ? 5000 : (unsigned)round * 7);
	for (int round = 0; round < 200; round++)	/* it may have ended before pthread_cancel is over */
		cancel_in(IN_TESTCANCEL, 0);
	at_work = cleaned = 0;
	EQUAL(pthread_create(&thread, NULL, puts_it_off, NULL), 0);
	while (!at_work)
		sched_yield();
	EQUAL(pthread_cancel(thread), 0);
	EQUAL(pthread_join(thread, &result), 0);
	CHECK(result == PTHREAD_CANCELED && cleaned == 5);
	EQUAL(pthread_cancel(other), 0);
	EQUAL(pthread_join(other, &result), 0);
	CHECK(result == PTHREAD_CANCELED);
	CHECK(pthread_setcancelstate(7, NULL) == EINVAL && pthread_setcanceltype(7, NULL) == EINVAL);
	CHECK(write(cancel_pipe[1], "x", 1) == 1 && sem_trywait(&cancel_sem) == -1);
	close(cancel_pipe[0]);
	close(cancel_pipe[1]);
}

/* --- the first thread --- */

static void *
cancel_first(void *first)
{
	int error = pthread_cancel((pthread_t)first);

	pthread_join((pthread_t)first, NULL);
	_exit(error == 0 ? 5 : error);
}

static void
first_thread_is_cancelled(void)
{
	pthread_t thread;
	pid_t pid = fork();

	if (pid == 0) {
		pthread_create(&thread, NULL, cancel_first, (void *)pthread_self());
		for (;;)
			pause();
	}
	EQUAL(WEXITSTATUS(end_of(pid)), 5);
}

/* --- system --- */

static void *
runs_command(void *command)
{
	return system(command) == -1 ? NULL : command;
}

/* The command is ended, and nothing stays as it was while it ran. */
static void
in_system(void)
{
	struct sigaction action;
	pthread_t thread;
	char command[64], byte;
	int ends[2], never[2];
	void *value;

	EQUAL(pipe(ends), 0);
	EQUAL(pipe(never), 0);
	fcntl(never[1], F_SETFD, FD_CLOEXEC);
	snprintf(command, sizeof(command), "echo >&%d; /bin/cat <&%d", ends[1], never[0]);
	EQUAL(pthread_create(&thread, NULL, runs_command, command), 0);
	EQUAL(read(ends[0], &byte, 1), 1);
	EQUAL(pthread_cancel(thread), 0);
	EQUAL(pthread_join(thread, &value), 0);
	CHECK(value == PTHREAD_CANCELED);
	EQUAL(sigaction(SIGINT, NULL, &action), 0);
	CHECK(action.sa_handler == SIG_DFL);
	FAILS(waitpid(-1, NULL, WNOHANG), ECHILD);
	close(ends[0]);
	close(ends[1]);
	close(never[0]);
	close(never[1]);
}

int
main(void)
{
	cancellation();
	first_thread_is_cancelled();
	in_system();
	return check_report("cancel");
}
