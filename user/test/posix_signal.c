/*
 * Signals against POSIX.1-2017's text: actions, masks, delivery, waiting, jumping out of handlers, faults, job control.
 */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "children.h"
#include "instruction.h"

static volatile sig_atomic_t count, last;
static siginfo_t seen;

static void
note(int signal)
{
	count++;
	last = signal;
}

static void
note_info(int signal, siginfo_t *info, void *context)
{
	(void)context;
	seen = *info;
	note(signal);
}

static void
on(int signal, void (*handler)(int), int flags)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = flags };

	EQUAL(sigaction(signal, &action, NULL), 0);
	count = 0;
	last = 0;
}

static void
on_info(int signal, int flags)
{
	struct sigaction action = { .sa_sigaction = note_info, .sa_flags = flags | SA_SIGINFO };

	EQUAL(sigaction(signal, &action, NULL), 0);
	count = 0;
}

static sigset_t
set_of(int signal)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signal);
	return set;
}

static int
blocked(int signal)
{
	sigset_t set;

	sigprocmask(SIG_BLOCK, NULL, &set);
	return sigismember(&set, signal);
}

/* A child that runs `function`. */
static pid_t
child(int (*function)(void))
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(function());
	CHECK(pid > 0);
	return pid;
}

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
	sigemptyset(&set);
	EQUAL(sigprocmask(SIG_SETMASK, &set, NULL), 0);
	FAILS(sigaddset(&set, 0), EINVAL);
	FAILS(sigdelset(&set, 65), EINVAL);
	FAILS(sigismember(&set, -1), EINVAL);
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

static pid_t parent;

static int
send_soon(void)
{
	usleep(30000);
	kill(parent, SIGUSR1);
	return 0;
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
	pid = child(send_soon);
	FAILS(pause(), EINTR);
	EQUAL(count, 3);
	end_of(pid);
	pid = child(send_soon);
	clock_gettime(CLOCK_MONOTONIC, &began);
	FAILS(nanosleep(&long_time, &left), EINTR);
	clock_gettime(CLOCK_MONOTONIC, &ended);
	CHECK(left.tv_sec < long_time.tv_sec);
	CHECK(ns_of(&left) + ns_of(&ended) - ns_of(&began) >= ns_of(&long_time) - 10000000);
	end_of(pid);
	pid = child(send_soon);
	rest = sleep(1000);
	CHECK(rest > 500 && rest <= 1000);
	end_of(pid);
	FAILS(nanosleep(&(struct timespec){ 0, 1000000000 }, NULL), EINVAL);
}

/* --- interrupted calls --- */

static int
send_and_end(void)
{
	usleep(30000);
	kill(parent, SIGUSR1);
	usleep(30000);
	return 5;
}

static void
interrupted_waits(void)
{
	int status = 0;
	pid_t pid;

	on(SIGUSR1, note, 0);
	pid = child(send_and_end);
	FAILS(waitpid(pid, &status, 0), EINTR);
	EQUAL(count, 1);
	EQUAL(WEXITSTATUS(end_of(pid)), 5);
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

/* --- compute loops, floating point --- */

static int
send_many(void)
{
	for (int i = 0; i < 50; i++) {
		kill(parent, SIGUSR1);
		usleep(1000);
	}
	return 0;
}

static volatile double spoiled;

static void
spoil_floats(int signal)
{
	double x = 1e300;

	for (int i = 0; i < 20; i++)
		x = x * 0.25 + i;
	spoiled = x;
	note(signal);
}

static void
registers_survive(void)
{
	uint64_t a = 1, b = 2, c = 3, d = 5, rounds = 0;
	double x = 1, y = 2, z = 3;
	pid_t pid;

	on(SIGUSR1, spoil_floats, 0);
	pid = child(send_many);
	while (waitpid(pid, NULL, WNOHANG) == 0) {
		for (int i = 0; i < 1000; i++) {
			a = a * 3 + b;
			b ^= a >> 3;
			c += a ^ b;
			d = d * 7 + c;
			x = x * 1.000001 + y * 0.5;
			y = y * 0.999 + z;
			z = z * 0.5 + 1;
		}
		rounds++;
	}
	uint64_t a2 = 1, b2 = 2, c2 = 3, d2 = 5;
	double x2 = 1, y2 = 2, z2 = 3;

	for (uint64_t r = 0; r < rounds * 1000; r++) {
		a2 = a2 * 3 + b2;
		b2 ^= a2 >> 3;
		c2 += a2 ^ b2;
		d2 = d2 * 7 + c2;
		x2 = x2 * 1.000001 + y2 * 0.5;
		y2 = y2 * 0.999 + z2;
		z2 = z2 * 0.5 + 1;
	}
	CHECK(a == a2 && b == b2 && c == c2 && d == d2);
	CHECK(x == x2 && y == y2 && z == z2);
	CHECK(count > 10);
}

/* --- jumps --- */

static sigjmp_buf place;

static void
jump(int signal)
{
	note(signal);
	siglongjmp(place, signal);
}

static void
jumps(void)
{
	sigset_t set = set_of(SIGUSR2);
	volatile int rounds = 0, got;

	on(SIGUSR1, jump, 0);
	got = sigsetjmp(place, 1);
	if (got != 0)
		EQUAL(got, SIGUSR1);
	EQUAL(blocked(SIGUSR1), 0);
	if (rounds++ < 20)
		raise(SIGUSR1);
	EQUAL(count, 20);
	if (sigsetjmp(place, 0) == 0)
		raise(SIGUSR1);
	EQUAL(blocked(SIGUSR1), 1);	/* the mask was not saved */
	sigemptyset(&set);
	sigprocmask(SIG_SETMASK, &set, NULL);
}

static int
send_long(void)
{
	for (int i = 0; i < 200; i++) {
		kill(parent, SIGUSR1);
		usleep(2000 + i * 17 % 1000);
	}
	return 0;
}

/* Out of malloc, and of calls that wait for an answer. */
static void
jumps_out_of_anything(void)
{
	sigset_t set = set_of(SIGUSR1);
	void *volatile blocks[16] = { 0 };
	volatile int jumped = 0, done = 0;
	volatile unsigned i = 0;
	pid_t pid;

	on(SIGUSR1, jump, 0);
	sigprocmask(SIG_BLOCK, &set, NULL);
	pid = child(send_long);
	if (sigsetjmp(place, 1) != 0)
		jumped++;
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	while (!done) {
		void *block = blocks[i % 16];

		blocks[i % 16] = NULL;	/* first: the jump may come out of free */
		free(block);
		blocks[i % 16] = malloc(i * 37 % 3000);
		i++;
		if (i % 4 == 0 && getuid() == (uid_t)-1)
			break;
		if (i % 8 == 0)
			done = waitpid(pid, NULL, WNOHANG) != 0;
	}
	signal(SIGUSR1, SIG_IGN);
	FAILS(waitpid(pid, NULL, 0), ECHILD);
	CHECK(jumped > 20);
	EQUAL(blocked(SIGUSR1), 0);
	EQUAL(getuid() != (uid_t)-1, 1);
}

/* Out of a call that waits: what it had to be told of interruptions is no matter of later calls. */
static void
jumps_out_of_a_wait(void)
{
	sigset_t set = set_of(SIGUSR1);
	volatile int rounds;
	volatile pid_t pid;

	on(SIGUSR1, jump, 0);
	for (rounds = 0; rounds < 5; rounds++) {
		sigprocmask(SIG_BLOCK, &set, NULL);
		pid = child(send_and_end);
		if (sigsetjmp(place, 1) == 0) {
			sigprocmask(SIG_UNBLOCK, &set, NULL);
			waitpid(pid, NULL, 0);
			CHECK(!"the handler jumps");
		}
		CHECK(getppid() > 0);
		sigprocmask(SIG_UNBLOCK, &set, NULL);
		EQUAL(WEXITSTATUS(end_of(pid)), 5);
	}
	signal(SIGUSR1, SIG_IGN);
}

/* --- faults --- */

static void *address;
static int code;

static void
fault(int signal, siginfo_t *info, void *context)
{
	(void)context;
	address = info->si_addr;
	code = info->si_code;
	siglongjmp(place, signal);
}

static void
faults(void)
{
	struct sigaction action = { .sa_sigaction = fault, .sa_flags = SA_SIGINFO };
	char *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	volatile uintptr_t nowhere = 0x1230;

	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGILL, &action, NULL);
	sigaction(SIGTRAP, &action, NULL);
	for (int i = 0; i < 3; i++) {
		if (sigsetjmp(place, 1) == 0)
			*(volatile char *)nowhere = 1;
		CHECK(address == (void *)nowhere);
		EQUAL(code, SEGV_MAPERR);
		if (sigsetjmp(place, 1) == 0)
			*(volatile char *)(page + 17) = 1;
		CHECK(address == page + 17);
		EQUAL(code, SEGV_ACCERR);
	}
	code = 0;
	if (sigsetjmp(place, 1) == 0)
		illegal_instruction();
	EQUAL(code, ILL_ILLOPC);
	code = 0;
	if (sigsetjmp(place, 1) == 0)
		breakpoint_instruction();
	EQUAL(code, TRAP_BRKPT);
	signal(SIGSEGV, SIG_DFL);
	munmap(page, 4096);
}

/* --- alternate stacks --- */

static char stack[SIGSTKSZ];
static int was_on_stack;

static void
where(int signal)
{
	char here;
	stack_t now;

	sigaltstack(NULL, &now);
	was_on_stack = &here >= stack && &here < stack + sizeof(stack) && (now.ss_flags & SS_ONSTACK) != 0;
	if (signal == SIGSEGV)
		siglongjmp(place, 1);
}

static int
overflow(int n)
{
	volatile char room[4096];

	room[0] = (char)n;
	return n == 0 ? 0 : overflow(n + 1) + room[0];
}

static void
stacks(void)
{
	stack_t set = { stack, 0, sizeof(stack) }, old, off = { NULL, SS_DISABLE, 0 }, small = { stack, 0, 100 };
	volatile int jumped = 0;

	EQUAL(sigaltstack(NULL, &old), 0);
	EQUAL(old.ss_flags, SS_DISABLE);
	FAILS(sigaltstack(&small, NULL), ENOMEM);
	FAILS(sigaltstack(&(stack_t){ stack, 99, sizeof(stack) }, NULL), EINVAL);
	EQUAL(sigaltstack(&set, NULL), 0);
	on(SIGUSR1, where, SA_ONSTACK);
	raise(SIGUSR1);
	EQUAL(was_on_stack, 1);
	on(SIGUSR1, where, 0);
	raise(SIGUSR1);
	EQUAL(was_on_stack, 0);
	on(SIGSEGV, where, SA_ONSTACK);
	for (int i = 0; i < 2; i++)
		if (sigsetjmp(place, 1) == 0)
			overflow(1);
		else
			jumped++;
	EQUAL(jumped, 2);
	EQUAL(was_on_stack, 1);
	EQUAL(sigaltstack(&off, &old), 0);
	CHECK(old.ss_sp == stack && old.ss_flags == 0);
	signal(SIGSEGV, SIG_DFL);
}

/* --- threads --- */

static pthread_t handled_in;

static void
note_thread(int signal)
{
	handled_in = pthread_self();
	note(signal);
}

static volatile int stop_thread;

static void *
spin(void *unused)
{
	(void)unused;
	while (!stop_thread)
		sched_yield();
	return NULL;
}

static void *
accept_signal(void *result)
{
	sigset_t set = set_of(SIGUSR2);

	sigwait(&set, result);
	return NULL;
}

static void
threads(void)
{
	sigset_t set = set_of(SIGUSR1), two = set_of(SIGUSR2);
	pthread_t thread;
	int got = 0;

	on(SIGUSR1, note_thread, 0);
	EQUAL(pthread_create(&thread, NULL, spin, NULL), 0);
	EQUAL(pthread_kill(thread, 0), 0);
	EQUAL(pthread_kill(thread, SIGUSR1), 0);
	while (count == 0)
		sched_yield();
	CHECK(handled_in == thread);
	EQUAL(pthread_sigmask(SIG_BLOCK, &set, NULL), 0);
	kill(getpid(), SIGUSR1);		/* the only thread that takes it */
	while (count == 1)
		sched_yield();
	CHECK(handled_in == thread);
	EQUAL(pthread_kill(pthread_self(), SIGUSR1), 0);
	EQUAL(count, 2);
	EQUAL(pthread_sigmask(SIG_UNBLOCK, &set, NULL), 0);
	EQUAL(count, 3);
	CHECK(handled_in == pthread_self());
	EQUAL(pthread_kill(thread, 99), EINVAL);
	stop_thread = 1;
	EQUAL(pthread_join(thread, NULL), 0);
	pthread_sigmask(SIG_BLOCK, &two, NULL);
	EQUAL(pthread_create(&thread, NULL, accept_signal, &got), 0);
	kill(getpid(), SIGUSR2);
	EQUAL(pthread_join(thread, NULL), 0);
	EQUAL(got, SIGUSR2);
	pthread_sigmask(SIG_UNBLOCK, &two, NULL);
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

int
main(void)
{
	parent = getpid();
	actions();
	masks_of_handlers();
	nests();
	masks();
	queues();
	waiting();
	interrupted_waits();
	registers_survive();
	jumps();
	jumps_out_of_anything();
	jumps_out_of_a_wait();
	faults();
	stacks();
	threads();
	storms();
	return check_report("signal");
}
