/*
 * Contexts, against POSIX.1-2004's text of getcontext, makecontext and swapcontext: stacks, arguments, floating point, signal masks, handlers that
 * switch, threads.
 */
#define _GNU_SOURCE
#include <fenv.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

#include "check.h"
#include "children.h"

#define STACK	65536

static ucontext_t here, one, two, back;
static char stacks[2][STACK] __attribute__((aligned(16)));
static char order[64];

static void
note(char what)
{
	size_t length = strlen(order);

	if (length < sizeof(order) - 1)
		order[length] = what;
}

static void
order_is(const char *wanted, int line)
{
	if (strcmp(order, wanted) != 0)
		printf("line %d: the order was '%s', not '%s'\n", line, order, wanted);
	CHECK(strcmp(order, wanted) == 0);
	memset(order, 0, sizeof(order));
}

static void
prepare(ucontext_t *context, char *stack, ucontext_t *link)
{
	EQUAL(getcontext(context), 0);
	context->uc_stack = (stack_t){ .ss_sp = stack, .ss_size = STACK };
	context->uc_link = link;
}

/* --- going there and back --- */

static void
a_context_returns_again(void)
{
	volatile int times = 0;

	EQUAL(getcontext(&here), 0);
	if (++times < 5)
		setcontext(&here);
	EQUAL(times, 5);
}

static void
first(void)
{
	char local;

	note('a');
	CHECK(&local >= stacks[0] && &local < stacks[0] + STACK);
	EQUAL(swapcontext(&one, &two), 0);
	note('c');
}

static void
second(void)
{
	note('b');
	EQUAL(swapcontext(&two, &one), 0);
	note('d');
}

static void
functions_take_turns(void)
{
	prepare(&one, stacks[0], &two);
	prepare(&two, stacks[1], &here);
	makecontext(&one, first, 0);
	makecontext(&two, second, 0);
	EQUAL(swapcontext(&here, &one), 0);
	order_is("abcd", __LINE__);
}

static void
note_c(void)
{
	note('c');
}

static void
note_d(void)
{
	note('d');
}

/* What swapcontext saved stays good when the swap has come back: for the function itself, and for each context that ends there. */
static void
a_swap_is_taken_up_again(void)
{
	volatile int times = 0;

	prepare(&one, stacks[0], &here);
	makecontext(&one, note_c, 0);
	EQUAL(swapcontext(&here, &one), 0);
	note((char)('0' + times));
	if (++times < 4)
		setcontext(&here);
	order_is("c0123", __LINE__);

	times = 0;
	prepare(&one, stacks[0], &here);
	prepare(&two, stacks[1], &here);
	makecontext(&one, note_c, 0);
	makecontext(&two, note_d, 0);
	EQUAL(swapcontext(&here, &one), 0);
	if (times++ == 0)
		setcontext(&two);
	EQUAL(times, 2);
	order_is("cd", __LINE__);
}

static void
forget_it(ucontext_t *running)
{
	memset(running, 0x5a, sizeof(*running));
	note('f');
}

/* One that has begun is needed no more. */
static void
a_context_may_go_away(void)
{
	prepare(&one, stacks[0], &here);
	makecontext(&one, (void (*)(void))forget_it, 1, &one);
	EQUAL(swapcontext(&here, &one), 0);
	order_is("f", __LINE__);
}

static long sum;

static void
add(int a, int b, int c, int d, int e, int f, int g, int h, int i, int j, int k)
{
	sum = a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + 9 * i + 10 * j + 11 * k;
}

static void
take_pointer(long *where, const char *text)
{
	*where = (long)strlen(text);
}

static void
arguments_arrive(void)
{
	long length = 0;

	prepare(&one, stacks[0], &here);
	makecontext(&one, (void (*)(void))add, 11, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, -11);
	EQUAL(swapcontext(&here, &one), 0);
	EQUAL(sum, 1 + 4 + 9 + 16 + 25 + 36 + 49 + 64 + 81 + 100 - 121);
	prepare(&one, stacks[0], &here);
	makecontext(&one, (void (*)(void))take_pointer, 2, &length, "twelve bytes");
	EQUAL(swapcontext(&here, &one), 0);
	EQUAL(length, 12);
}

static void
count_for_ever(long *turns)
{
	for (;;) {
		++*turns;
		swapcontext(&one, &here);
	}
}

static void
many_turns(void)
{
	long turns = 0;

	prepare(&one, stacks[0], NULL);
	makecontext(&one, (void (*)(void))count_for_ever, 1, &turns);
	for (int i = 0; i < 2000; i++)
		swapcontext(&here, &one);
	EQUAL(turns, 2000);
}

/* --- what belongs to a context --- */

static double
third(void)
{
	volatile double a = 1, b = 3;

	return a / b;
}

static double upward;

static void
round_upward(void)
{
	fesetround(FE_UPWARD);
	upward = third();
	swapcontext(&one, &here);
	CHECK(third() == upward);
}

static void
rounding_belongs_to_it(void)
{
	double nearest = third();

	prepare(&one, stacks[0], &here);
	makecontext(&one, round_upward, 0);
	swapcontext(&here, &one);
	EQUAL(fegetround(), FE_TONEAREST);
	CHECK(third() == nearest && upward > nearest);
	swapcontext(&here, &one);
	EQUAL(fegetround(), FE_TONEAREST);
}

static void
change_numbers(void)
{
	double x = 1;

	for (;;) {
		for (int i = 1; i < 20; i++)
			x = x * 1.5 + i;
		swapcontext(&one, &here);
		CHECK(x > 1);
	}
}

static void
numbers_in_registers_stay(void)
{
	double a = 0.5, b = 0.25, c = 3, d = 7;

	prepare(&one, stacks[0], NULL);
	makecontext(&one, change_numbers, 0);
	for (int i = 0; i < 100; i++) {
		swapcontext(&here, &one);
		a += 0.5;
		b += 0.25;
		c += 3;
		d -= 7;
	}
	CHECK(a == 50.5 && b == 25.25 && c == 303 && d == -693);
}

static int
is_blocked(int signal)
{
	sigset_t mask;

	EQUAL(sigprocmask(SIG_BLOCK, NULL, &mask), 0);
	return sigismember(&mask, signal);
}

static void
block(int how, int signal)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signal);
	EQUAL(sigprocmask(how, &set, NULL), 0);
}

static void
with_a_mask(void)
{
	EQUAL(is_blocked(SIGUSR1), 0);
	block(SIG_BLOCK, SIGUSR2);
	swapcontext(&one, &here);
	EQUAL(is_blocked(SIGUSR2), 1);
	EQUAL(is_blocked(SIGUSR1), 0);
}

static void
masks_belong_to_it(void)
{
	prepare(&one, stacks[0], &here);
	makecontext(&one, with_a_mask, 0);
	block(SIG_BLOCK, SIGUSR1);
	swapcontext(&here, &one);
	EQUAL(is_blocked(SIGUSR1), 1);
	EQUAL(is_blocked(SIGUSR2), 0);
	swapcontext(&here, &one);
	EQUAL(is_blocked(SIGUSR1), 1);
	EQUAL(is_blocked(SIGUSR2), 0);
	block(SIG_UNBLOCK, SIGUSR1);
}

/* --- handlers --- */

static volatile long turns[2];
static volatile int running;
static volatile sig_atomic_t switches;

/* The loops' scheduler: each is switched away from in the handler. */
static void
switch_over(int signal)
{
	(void)signal;
	if (switches == 20)
		return;			/* was under way when the timer was switched off */
	if (++switches == 20) {
		setitimer(ITIMER_REAL, &(struct itimerval){ 0 }, NULL);
		swapcontext(running == 0 ? &one : &two, &here);
		return;
	}
	running = !running;
	swapcontext(running == 0 ? &two : &one, running == 0 ? &one : &two);
}

/* All registers are the loop's own. */
static void
loop(int which)
{
	double a = which, b = 1;
	long n = 0;

	for (;;) {
		a += 0.5;
		b = -b;
		turns[which] = ++n;
		if (a != which + 0.5 * (double)n || b * b != 1)
			break;
	}
	CHECK(!"the numbers of a loop that was interrupted are its own");
	setcontext(&here);
}

static void
a_handler_switches(void)
{
	struct sigaction action = { .sa_handler = switch_over };

	EQUAL(sigaction(SIGALRM, &action, NULL), 0);
	prepare(&one, stacks[0], NULL);
	prepare(&two, stacks[1], NULL);
	makecontext(&one, (void (*)(void))loop, 1, 0);
	makecontext(&two, (void (*)(void))loop, 1, 1);
	EQUAL(setitimer(ITIMER_REAL, &(struct itimerval){ { 0, 20000 }, { 0, 20000 } }, NULL), 0);
	EQUAL(swapcontext(&here, &one), 0);
	EQUAL(switches, 20);
	CHECK(turns[0] > 0 && turns[1] > 0);
	EQUAL(is_blocked(SIGALRM), 0);
}

static int ends[2];

static void
write_and_return(void)
{
	for (;;) {
		EQUAL(write(ends[1], "x", 1), 1);
		swapcontext(&one, &here);
	}
}

static void
go_and_write(int signal)
{
	(void)signal;
	swapcontext(&here, &one);
	note('h');
}

static void
in_a_while(void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART };

	EQUAL(sigaction(SIGALRM, &action, NULL), 0);
	EQUAL(setitimer(ITIMER_REAL, &(struct itimerval){ { 0, 0 }, { 0, 20000 } }, NULL), 0);
}

/* The read that was interrupted goes on when its handler, switched back to, returns. */
static void
a_call_goes_on(void)
{
	char byte = 0;

	EQUAL(pipe(ends), 0);
	prepare(&one, stacks[0], NULL);
	makecontext(&one, write_and_return, 0);
	in_a_while(go_and_write);
	EQUAL(read(ends[0], &byte, 1), 1);
	EQUAL(byte, 'x');
	order_is("h", __LINE__);
}

static void
go_away(int signal)
{
	(void)signal;
	setcontext(&here);
}

/* As with siglongjmp: the read that was left takes nothing. */
static void
a_handler_is_left(void)
{
	volatile int back = 0;
	char bytes[2] = "";

	getcontext(&here);
	if (back++ == 0) {
		in_a_while(go_away);
		read(ends[0], bytes, 1);
		CHECK(!"the read comes back");
	}
	EQUAL(back, 2);
	EQUAL(is_blocked(SIGALRM), 0);
	EQUAL(write(ends[1], "yz", 2), 2);
	EQUAL(read(ends[0], bytes, 2), 2);
	CHECK(memcmp(bytes, "yz", 2) == 0);
	close(ends[0]);
	close(ends[1]);
}

static void
go_on(int signal, siginfo_t *info, void *context)
{
	(void)signal, (void)info;
	switches = 1;
	setcontext(context);
}

/* The third argument is a context, too. */
static void
what_was_interrupted_is_taken_up(void)
{
	struct sigaction action = { .sa_sigaction = go_on, .sa_flags = SA_SIGINFO };
	double a = 0;
	long n = 0;

	EQUAL(sigaction(SIGALRM, &action, NULL), 0);
	switches = 0;
	EQUAL(setitimer(ITIMER_REAL, &(struct itimerval){ { 0, 0 }, { 0, 20000 } }, NULL), 0);
	for (; switches == 0; n++)
		a += 0.5;
	CHECK(a == 0.5 * (double)n);
	EQUAL(is_blocked(SIGALRM), 0);
}

/* --- the end --- */

static void
nothing(void)
{
}

static void *
end_in_context(void *unused)
{
	(void)unused;
	prepare(&one, stacks[0], NULL);
	makecontext(&one, nothing, 0);
	setcontext(&one);
	return (void *)1;
}

static void
without_a_link_the_thread_ends(void)
{
	pthread_t thread;
	void *result = (void *)2;
	pid_t pid;

	EQUAL(pthread_create(&thread, NULL, end_in_context, NULL), 0);
	EQUAL(pthread_join(thread, &result), 0);
	CHECK(result == NULL);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		end_in_context(NULL);
		_exit(9);
	}
	EQUAL(end_of(pid), 0);
}

static pthread_t seen;

static void
note_thread(void)
{
	seen = pthread_self();
}

static void *
run_context(void *unused)
{
	(void)unused;
	EQUAL(swapcontext(&back, &one), 0);
	CHECK(pthread_equal(seen, pthread_self()));
	return NULL;
}

static void
another_thread_runs_it(void)
{
	pthread_t thread;

	prepare(&one, stacks[0], &back);
	makecontext(&one, note_thread, 0);
	EQUAL(pthread_create(&thread, NULL, run_context, NULL), 0);
	EQUAL(pthread_join(thread, NULL), 0);
}

int
main(void)
{
	a_context_returns_again();
	functions_take_turns();
	a_swap_is_taken_up_again();
	a_context_may_go_away();
	arguments_arrive();
	many_turns();
	rounding_belongs_to_it();
	numbers_in_registers_stay();
	masks_belong_to_it();
	a_handler_switches();
	a_call_goes_on();
	a_handler_is_left();
	what_was_interrupted_is_taken_up();
	without_a_link_the_thread_ends();
	another_thread_runs_it();
	return check_report("context");
}
