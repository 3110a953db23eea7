/*
 * Signals: a handler, a mask, a wait without a race, a fault that says where.
 *
 * A handler may run between any two instructions. It does as little as possible: it sets a flag of type sig_atomic_t. What waits for
 * the flag blocks the signal while it looks, and sigsuspend opens the mask and sleeps in one step: with pause() instead, a signal that
 * comes between the look and the sleep would be slept through.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t children_ended, rung;
static sigjmp_buf after_fault;
static void *volatile fault_address;

static void
on_child(int signal)
{
	(void)signal;
	children_ended = 1;
}

static void
on_alarm(int signal)
{
	(void)signal;
	rung = 1;
}

/* Returning would run the faulting instruction again; the jump goes on elsewhere and puts the mask back. */
static void
on_fault(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)context;
	fault_address = info->si_addr;
	siglongjmp(after_fault, 1);
}

static void
handle(int signal, void (*handler)(int), int flags)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = flags };

	sigemptyset(&action.sa_mask);
	if (sigaction(signal, &action, NULL) != 0) {
		perror("signals: sigaction");
		exit(1);
	}
}

/* A child ends by a signal of its own; the parent sleeps until SIGCHLD. */
static void
wait_for_a_child(void)
{
	sigset_t child_only, before;
	int status;
	pid_t child;

	handle(SIGCHLD, on_child, 0);
	sigemptyset(&child_only);
	sigaddset(&child_only, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child_only, &before);
	child = fork();
	if (child == 0) {
		raise(SIGTERM);
		_exit(1);
	}
	while (!children_ended)
		sigsuspend(&before);
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (child > 0 && waitpid(child, &status, 0) == child && WIFSIGNALED(status))
		printf("the child was ended by signal %d: %s\n", WTERMSIG(status), strsignal(WTERMSIG(status)));
}

/* Without SA_RESTART a handler makes a call that waits fail with EINTR. */
static void
interrupt_a_read(void)
{
	int ends[2];
	char byte;

	handle(SIGALRM, on_alarm, 0);
	if (pipe(ends) != 0) {
		perror("signals: pipe");
		exit(1);
	}
	alarm(1);
	if (read(ends[0], &byte, 1) < 0 && errno == EINTR && rung)
		printf("the alarm ended a read that nobody would have answered\n");
	close(ends[0]);
	close(ends[1]);
}

static void
survive_a_fault(void)
{
	struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };
	int *volatile nowhere = (int *)64;

	sigemptyset(&action.sa_mask);
	sigaction(SIGSEGV, &action, NULL);
	if (sigsetjmp(after_fault, 1) == 0)
		*nowhere = 1;
	else
		printf("a write to address %ld was caught\n", (long)fault_address);
}

int
main(void)
{
	wait_for_a_child();
	interrupt_a_read();
	survive_a_fault();
	return 0;
}
