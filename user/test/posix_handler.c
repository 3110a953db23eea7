/*
 * What signal handlers may do and must not spoil, against POSIX.1-2017's text: registers, jumps out of anything, faults, alternate stacks, threads.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <setjmp.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/ucontext.h>
#include <time.h>

#include "signals.h"
#include "instruction.h"

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

static void *address, *pc;
static int code;

static void
fault(int signal, siginfo_t *info, void *context)
{
	ucontext_t *interrupted = context;

	address = info->si_addr;
	pc = (void *)(uintptr_t)CONTEXT_PC(interrupted);
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
	sigaction(SIGFPE, &action, NULL);
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
	CHECK(address == pc);
	code = 0;
	if (sigsetjmp(place, 1) == 0)
		breakpoint_instruction();
	EQUAL(code, TRAP_BRKPT);
	CHECK(address == pc);
	code = 0;
	if (sigsetjmp(place, 1) == 0)
		divide_by_zero();
	EQUAL(code, DIVISION_BY_ZERO_RAISES ? FPE_INTDIV : 0);
	CHECK(!DIVISION_BY_ZERO_RAISES || address == pc);
	signal(SIGSEGV, SIG_DFL);
	munmap(page, 4096);
}

static void
skip(int signal, siginfo_t *info, void *context)
{
	ucontext_t *interrupted = context;

	note(signal);
	CHECK((uintptr_t)CONTEXT_PC(interrupted) == (uintptr_t)info->si_addr);
	CONTEXT_PC(interrupted) += signal == SIGILL ? ILLEGAL_INSTRUCTION_BYTES : DIVISION_BYTES;
}

static int
divides(void)
{
	divide_by_zero();
	return 0;
}

static int
divides_with_signal_ignored(void)
{
	signal(SIGFPE, SIG_IGN);
	divide_by_zero();
	return 0;
}

/* Ignored or not: what the hardware raises ends the process (POSIX: undefined) instead of going round for ever. */
static void
division_ends_it(int (*function)(void))
{
	int status = end_of(child(function));

	if (DIVISION_BY_ZERO_RAISES)
		CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGFPE);
	else
		EQUAL(status, 0);
}

/* The registers of the interrupted code have names, and what a handler makes of them holds. */
static void
handlers_change_registers(void)
{
	struct sigaction action = { .sa_sigaction = skip, .sa_flags = SA_SIGINFO };

	sigaction(SIGILL, &action, NULL);
	count = 0;
	for (int i = 1; i <= 3; i++) {
		illegal_instruction();
		EQUAL(count, i);
	}
	signal(SIGILL, SIG_DFL);
	sigaction(SIGFPE, &action, NULL);
	count = 0;
	divide_by_zero();
	EQUAL(count, DIVISION_BY_ZERO_RAISES);
	signal(SIGFPE, SIG_DFL);
	division_ends_it(divides);
	division_ends_it(divides_with_signal_ignored);
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

/* The first thread is one like others; so is the one that forked, in the child. */
static void *
signal_first_thread(void *first)
{
	return (void *)(intptr_t)(pthread_kill((pthread_t)first, 0) == 0 ? pthread_kill((pthread_t)first, SIGUSR1) : ESRCH);
}

static int
first_thread_gets_signals(void)
{
	pthread_t thread;
	void *result;

	on(SIGUSR1, note_thread, 0);
	count = 0;
	EQUAL(pthread_create(&thread, NULL, signal_first_thread, (void *)pthread_self()), 0);
	EQUAL(pthread_join(thread, &result), 0);
	EQUAL((intptr_t)result, 0);
	while (result == NULL && count == 0)
		sched_yield();
	CHECK(handled_in == pthread_self());
	return checks_failed != 0;
}

static void *
fork_from_another(void *unused)
{
	(void)unused;
	EQUAL(in_child(first_thread_gets_signals), 0);
	return NULL;
}

static void
threads(void)
{
	sigset_t set = set_of(SIGUSR1), two = set_of(SIGUSR2);
	pthread_t thread;
	int got = 0;

	first_thread_gets_signals();
	EQUAL(pthread_create(&thread, NULL, fork_from_another, NULL), 0);
	EQUAL(pthread_join(thread, NULL), 0);
	count = 0;
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

int
main(void)
{
	parent = getpid();
	registers_survive();
	jumps();
	jumps_out_of_anything();
	jumps_out_of_a_wait();
	faults();
	handlers_change_registers();
	stacks();
	threads();
	return check_report("handler");
}
