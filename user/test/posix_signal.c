/*
 * Signals against POSIX.1-2017's text: actions, masks, queues, waiting for them, calls that they interrupt. posix_handler.c has what handlers do.
 */
#define _GNU_SOURCE
#include <proto/signal_page.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <time.h>

#include "signals.h"

/* --- actions --- */

static void
actions(void)
{
	struct sigaction action = { .sa_handler = note, .sa_flags = SA_RESTART, .sa_mask = 12 }, old;

	FAILS(sigaction(0, NULL, &old), EINVAL);
	FAILS(sigaction(65, NULL, &old), EINVAL);
	FAILS(sigaction(SIGKILL, &action, NULL), EINVAL);
	FAILS(sigaction(SIGSTOP, &action, NULL), EINVAL);
	EQUAL(sigaction(SIGKILL, NULL, &old), 0);
	EQUAL(sigaction(SIGUSR1, &action, &old), 0);
	CHECK(old.sa_handler == SIG_DFL);
	EQUAL(sigaction(SIGUSR1, NULL, &old), 0);
	CHECK(old.sa_handler == note && old.sa_flags == SA_RESTART && old.sa_mask == 12);
	CHECK(signal(SIGUSR1, SIG_IGN) == note);
	CHECK(signal(SIGUSR1, SIG_DFL) == SIG_IGN);
	CHECK(signal(SIGKILL, note) == SIG_ERR);
	on(SIGUSR1, note, 0);
	EQUAL(raise(SIGUSR1), 0);
	EQUAL(count, 1);
	EQUAL(last, SIGUSR1);
	EQUAL(kill(getpid(), SIGUSR1), 0);
	EQUAL(count, 2);
	on(SIGUSR1, note, SA_RESETHAND);
	raise(SIGUSR1);
	sigaction(SIGUSR1, NULL, &old);
	CHECK(old.sa_handler == SIG_DFL);
	FAILS(raise(65), EINVAL);
	FAILS(kill(getpid(), -1), EINVAL);
	signal(SIGUSR2, SIG_IGN);
	EQUAL(raise(SIGUSR2), 0);
	EQUAL(raise(SIGCHLD), 0);
	EQUAL(raise(0), 0);
}

static int in_handler_mask;

static void
look_at_mask(int signal)
{
	in_handler_mask = blocked(SIGUSR1) | blocked(SIGUSR2) << 1;
	note(signal);
}

static void
masks_of_handlers(void)
{
	struct sigaction action = { .sa_handler = look_at_mask };

	on(SIGUSR1, look_at_mask, 0);
	raise(SIGUSR1);
	EQUAL(in_handler_mask, 1);
	on(SIGUSR1, look_at_mask, SA_NODEFER);
	raise(SIGUSR1);
	EQUAL(in_handler_mask, 0);
	sigaddset(&action.sa_mask, SIGUSR2);
	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
	EQUAL(in_handler_mask, 3);
	EQUAL(blocked(SIGUSR1) + blocked(SIGUSR2), 0);
}

static int depth, deepest;

static void
nested(int signal)
{
	if (++depth > deepest)
		deepest = depth;
	if (signal == SIGUSR1)
		raise(SIGUSR2);
	else if (count == 0)
		raise(SIGUSR1);		/* blocked: after the outer one */
	note(signal);
	depth--;
}

static void
nests(void)
{
	on(SIGUSR1, nested, 0);
	on(SIGUSR2, nested, 0);
	raise(SIGUSR1);
	EQUAL(deepest, 2);
	EQUAL(count, 4);
}

/* --- masks --- */

static void
masks(void)
{
	sigset_t set = set_of(SIGUSR1), pending, old;

	on(SIGUSR1, note, 0);
	EQUAL(sigprocmask(SIG_BLOCK, &set, &old), 0);
	EQUAL(sigismember(&old, SIGUSR1), 0);
	for (int i = 0; i < 3; i++)
		raise(SIGUSR1);
	kill(getpid(), SIGUSR1);
	EQUAL(count, 0);
	EQUAL(sigpending(&pending), 0);
	EQUAL(sigismember(&pending, SIGUSR1), 1);
	EQUAL(sigprocmask(SIG_UNBLOCK, &set, NULL), 0);
	EQUAL(count, 2);		/* once for the thread, once for the process */
	sigpending(&pending);
	EQUAL(sigismember(&pending, SIGUSR1), 0);
	FAILS(sigprocmask(99, &set, NULL), EINVAL);
	sigfillset(&set);
	EQUAL(sigprocmask(SIG_SETMASK, &set, NULL), 0);
	EQUAL(blocked(SIGKILL) + blocked(SIGSTOP), 0);
	EQUAL(blocked(SIGTERM), 1);
	raise(SIGUSR1);
	signal(SIGUSR1, SIG_IGN);	/* what is pending is forgotten */
	sigpending(&pending);
	EQUAL(sigismember(&pending, SIGUSR1), 0);
	on(SIGCHLD, note, 0);
	raise(SIGCHLD);
	kill(getpid(), SIGCHLD);
	signal(SIGCHLD, SIG_DFL);	/* the same: it is to be ignored by default */
	sigpending(&pending);
	EQUAL(sigismember(&pending, SIGCHLD), 0);
	sigemptyset(&set);
	EQUAL(sigprocmask(SIG_SETMASK, &set, NULL), 0);
	FAILS(sigaddset(&set, 0), EINVAL);
	FAILS(sigdelset(&set, 65), EINVAL);
	FAILS(sigismember(&set, -1), EINVAL);
}

static void
sets_as_a_whole(void)
{
	sigset_t one = set_of(SIGUSR1), other = set_of(SIGUSR2), both, none;

	EQUAL(sigorset(&both, &one, &other), 0);
	EQUAL(sigismember(&both, SIGUSR1) + sigismember(&both, SIGUSR2), 2);
	EQUAL(sigisemptyset(&both), 0);
	EQUAL(sigandset(&none, &one, &other), 0);
	EQUAL(sigisemptyset(&none), 1);
	EQUAL(sigandset(&both, &both, &other), 0);
	EQUAL(sigismember(&both, SIGUSR1), 0);
	EQUAL(sigismember(&both, SIGUSR2), 1);
}

/* --- siginfo, queues --- */

static int order[8], ordered;

static void
note_value(int signal, siginfo_t *info, void *context)
{
	(void)signal, (void)context;
	if (ordered < 8)
		order[ordered++] = info->si_value.sival_int;
}

static void
queues(void)
{
	struct sigaction action = { .sa_sigaction = note_value, .sa_flags = SA_SIGINFO };
	sigset_t set = set_of(SIGRTMIN);
	int sent = 0;

	on_info(SIGUSR1, 0);
	kill(getpid(), SIGUSR1);
	EQUAL(seen.si_signo, SIGUSR1);
	EQUAL(seen.si_code, SI_USER);
	EQUAL(seen.si_pid, getpid());
	EQUAL(sigqueue(getpid(), SIGUSR1, (union sigval){ .sival_int = 77 }), 0);
	EQUAL(seen.si_code, SI_QUEUE);
	EQUAL(seen.si_value.sival_int, 77);
	FAILS(sigqueue(getpid(), 99, (union sigval){ 0 }), EINVAL);
	sigaction(SIGRTMIN, &action, NULL);
	sigprocmask(SIG_BLOCK, &set, NULL);
	for (int i = 1; i <= 5; i++)
		EQUAL(sigqueue(getpid(), SIGRTMIN, (union sigval){ .sival_int = i }), 0);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	EQUAL(ordered, 5);
	for (int i = 0; i < 5; i++)
		EQUAL(order[i], i + 1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	while (sent < 1000 && sigqueue(getpid(), SIGRTMIN, (union sigval){ 0 }) == 0)
		sent++;
	EQUAL(errno, EAGAIN);
	CHECK(sent >= 32);
	signal(SIGRTMIN, SIG_IGN);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

/* --- waiting --- */

static int
send_soon(void)
{
	usleep(30000);
	kill(parent, SIGUSR1);
	return 0;
}

/* Until it is stopped: a busy host may let the first come before what it shall interrupt. */
static int
send_often(void)
{
	while (kill(parent, SIGUSR1) == 0)
		usleep(30000);
	return 1;
}

static void
stop(pid_t pid)
{
	EQUAL(kill(pid, SIGKILL), 0);
	end_of(pid);
}

static int64_t
ns_of(const struct timespec *t)
{
	return (int64_t)t->tv_sec * 1000000000 + t->tv_nsec;
}

static void
waiting(void)
{
	sigset_t set = set_of(SIGUSR1), none;
	struct timespec soon = { 0, 20000000 }, long_time = { 1000, 0 }, left, began, ended;
	siginfo_t info;
	unsigned rest;
	int got;
	pid_t pid;

	sigemptyset(&none);
	on(SIGUSR1, note, 0);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGUSR1);
	FAILS(sigsuspend(&none), EINTR);
	EQUAL(count, 1);
	EQUAL(blocked(SIGUSR1), 1);
	pid = child(send_soon);
	FAILS(sigsuspend(&none), EINTR);
	EQUAL(count, 2);
	end_of(pid);
	FAILS(sigtimedwait(&set, &info, &soon), EAGAIN);
	raise(SIGUSR1);
	EQUAL(sigwaitinfo(&set, &info), SIGUSR1);
	EQUAL(info.si_code, SI_TKILL);
	pid = child(send_soon);
	EQUAL(sigwait(&set, &got), 0);
	EQUAL(got, SIGUSR1);
	end_of(pid);
	EQUAL(count, 2);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	pid = child(send_often);
	FAILS(pause(), EINTR);
	CHECK(count >= 3);
	clock_gettime(CLOCK_MONOTONIC, &began);
	FAILS(nanosleep(&long_time, &left), EINTR);
	clock_gettime(CLOCK_MONOTONIC, &ended);
	CHECK(left.tv_sec < long_time.tv_sec);
	CHECK(ns_of(&left) + ns_of(&ended) - ns_of(&began) >= ns_of(&long_time) - 10000000);
	rest = sleep(1000);
	CHECK(rest > 500 && rest <= 1000);
	stop(pid);
	FAILS(nanosleep(&(struct timespec){ 0, 1000000000 }, NULL), EINVAL);
}

/* --- interrupted calls --- */

static void
interrupted_waits(void)
{
	int status = 0;
	pid_t pid;

	on(SIGUSR1, note, 0);
	pid = child(send_often);
	FAILS(waitpid(pid, &status, 0), EINTR);
	CHECK(count >= 1);
	stop(pid);
	on(SIGUSR1, note, SA_RESTART);
	pid = child(send_and_end);
	EQUAL(waitpid(pid, &status, 0), pid);
	EQUAL(WEXITSTATUS(status), 5);
	EQUAL(count, 1);
	on_info(SIGCHLD, SA_RESTART);
	pid = child(send_and_end);
	EQUAL(waitpid(pid, &status, 0), pid);
	EQUAL(count, 2);		/* SIGUSR1 and SIGCHLD */
	EQUAL(seen.si_code, CLD_EXITED);
	EQUAL(seen.si_pid, pid);
	EQUAL(seen.si_status, 5);
	signal(SIGCHLD, SIG_DFL);
}

/* --- storms --- */

static int
storm(void)
{
	for (int i = 0; i < 400; i++) {
		kill(parent, i % 2 ? SIGUSR1 : SIGUSR2);
		while (i % 2 != 0 && sigqueue(parent, SIGRTMIN, (union sigval){ .sival_int = i }) < 0)
			if (errno == EAGAIN)
				sched_yield();
			else
				return 1;
	}
	return 0;
}

static volatile long values, values_count;

static void
add_value(int signal, siginfo_t *info, void *context)
{
	(void)signal, (void)context;
	values += info->si_value.sival_int;
	values_count++;
}

static void
storms(void)
{
	struct sigaction action = { .sa_sigaction = add_value, .sa_flags = SA_SIGINFO };
	pid_t pids[3];

	on(SIGUSR1, note, 0);
	on(SIGUSR2, note, 0);
	sigaction(SIGRTMIN, &action, NULL);
	for (int i = 0; i < 3; i++)
		pids[i] = child(storm);
	for (int i = 0; i < 3; i++) {
		int status;

		while (waitpid(pids[i], &status, 0) < 0)
			EQUAL(errno, EINTR);
		EQUAL(status, 0);
	}
	CHECK(count >= 1);
	EQUAL(values, 3 * 200 * 200);		/* queued: none is lost, none comes twice */
	EQUAL(values_count, 3 * 200);
}

/* --- more threads than there are slots in the signal page --- */

#define THREADS	(SIGNAL_SLOTS + 2)

static int gate[2];

static void *
wait_at_gate(void *unused)
{
	char byte;

	(void)unused;
	EQUAL(read(gate[0], &byte, 1), 0);
	return NULL;
}

static int
takes_signals(void)
{
	on(SIGUSR1, note, 0);
	EQUAL(raise(SIGUSR1), 0);
	EQUAL(count, 1);
	EQUAL(blocked(SIGUSR2), 1);
	if (checks_failed == 0)
		raise(SIGTERM);
	return 1;
}

static void *
has_children(void *unused)
{
	sigset_t set = set_of(SIGUSR2);

	(void)unused;
	EQUAL(blocked(SIGTERM), 0);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	EQUAL(end_of(child(takes_signals)), SIGTERM);
	return NULL;
}

/* A thread that proc does not know blocks what it wants to, and its children take signals. */
static void
many_threads(void)
{
	pthread_t threads[THREADS], last_one;

	EQUAL(pipe(gate), 0);
	for (unsigned i = 0; i < THREADS; i++)
		EQUAL(pthread_create(&threads[i], NULL, wait_at_gate, NULL), 0);
	EQUAL(pthread_create(&last_one, NULL, has_children, NULL), 0);
	EQUAL(pthread_join(last_one, NULL), 0);
	close(gate[1]);
	for (unsigned i = 0; i < THREADS; i++)
		EQUAL(pthread_join(threads[i], NULL), 0);
	close(gate[0]);
}

int
main(void)
{
	parent = getpid();
	actions();
	masks_of_handlers();
	nests();
	masks();
	sets_as_a_whole();
	queues();
	waiting();
	interrupted_waits();
	storms();
	many_threads();
	return check_report("signal");
}
