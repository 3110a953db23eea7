/*
 * Handlers that are left by a context or by a jump: what they interrupted goes on as if they had returned when it is their own third argument,
 * and whichever way it is, the thread can be cancelled as before.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "check.h"
#include "children.h"

void signal_critical_enter(void), signal_critical_leave(void);	/* lib/posix/signal/signals.h */

static int ends[2];
static ucontext_t here;
static sigjmp_buf place;
static volatile sig_atomic_t handlers, blocked;

static void
pause_ms(long ms)
{
	nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
}

static void
on(int signal, void (*handler)(int, siginfo_t *, void *))
{
	struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_RESTART };

	EQUAL(sigaction(signal, &action, NULL), 0);
	handlers = 0;
}

/* --- cancellation after it --- */

static void
leave_by_jump(int signal, siginfo_t *info, void *context)
{
	(void)signal, (void)info, (void)context;
	handlers++;
	siglongjmp(place, 1);
}

static void
leave_by_context(int signal, siginfo_t *info, void *context)
{
	(void)signal, (void)info, (void)context;
	handlers++;
	setcontext(&here);
}

static void
take_up(int signal, siginfo_t *info, void *context)
{
	(void)signal, (void)info;
	handlers++;
	setcontext(context);
}

static void
read_for_ever(void)
{
	char byte;

	for (;;) {
		blocked = 1;
		read(ends[0], &byte, 1);
	}
}

static void *
jump_and_read(void *unused)
{
	(void)unused;
	sigsetjmp(place, 1);
	read_for_ever();
	return NULL;
}

static void *
change_and_read(void *unused)
{
	(void)unused;
	getcontext(&here);
	read_for_ever();
	return NULL;
}

/* Leaves the process when the thread does not end. */
static void
too_late(int signal)
{
	(void)signal;
	_exit(99);
}

/* A thread that waits in read gets three signals, and is cancelled then. In a child: it may hang. Its result is the handlers that ran. */
static int
cancel_after(void *(*function)(void *), void (*handler)(int, siginfo_t *, void *))
{
	void *result = NULL;
	pthread_t thread;
	pid_t pid = fork();

	if (pid != 0)
		return WEXITSTATUS(end_of(pid));
	on(SIGUSR1, handler);
	signal(SIGALRM, too_late);
	alarm(5);
	pthread_create(&thread, NULL, function, NULL);
	for (int i = 1; i <= 3; i++) {
		for (int ms = 0; blocked == 0 && ms < 2000; ms++)
			pause_ms(1);
		pause_ms(20);
		pthread_kill(thread, SIGUSR1);
		for (int ms = 0; handlers < i && ms < 2000; ms++)
			pause_ms(1);
		pause_ms(20);
	}
	pthread_cancel(thread);
	pthread_join(thread, &result);
	_exit(result == PTHREAD_CANCELED ? handlers : 98);
}

static void
a_thread_can_still_be_cancelled(void)
{
	EQUAL(pipe(ends), 0);
	EQUAL(cancel_after(jump_and_read, leave_by_jump), 3);
	EQUAL(cancel_after(change_and_read, leave_by_context), 3);
	EQUAL(cancel_after(jump_and_read, take_up), 3);
	close(ends[0]);
	close(ends[1]);
}

/* --- its own third argument --- */

static int *number;
static size_t page;

static void
give_page(int signal, siginfo_t *info, void *context)
{
	(void)signal, (void)info;
	handlers++;
	errno = ENOENT;
	CHECK(mprotect(number, page, PROT_READ | PROT_WRITE) == 0);
	setcontext(context);
}

static volatile sig_atomic_t inside;

static void
note_inside(int signal, siginfo_t *info, void *context)
{
	(void)signal, (void)info, (void)context;
	inside = 1;
}

static void
a_fault_is_mended(void)
{
	errno = 0;
	page = (size_t)sysconf(_SC_PAGESIZE);
	number = mmap(NULL, page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(number != MAP_FAILED);
	on(SIGSEGV, give_page);
	*(volatile int *)number = 5;
	EQUAL(*(volatile int *)number, 5);
	EQUAL(handlers, 1);
	EQUAL(errno, 0);
	EQUAL(munmap(number, page), 0);
}

/* The handler comes in a critical section: that goes on, and other signals wait for its end. */
static void
a_critical_section_stays_one(void)
{
	number = mmap(NULL, page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	on(SIGUSR2, note_inside);
	on(SIGSEGV, give_page);
	signal_critical_enter();
	*(volatile int *)number = 5;
	kill(getpid(), SIGUSR2);
	pause_ms(20);
	EQUAL(inside, 0);
	signal_critical_leave();
	EQUAL(inside, 1);
	EQUAL(handlers, 1);
	EQUAL(munmap(number, page), 0);
}

static void *
write_later(void *unused)
{
	sigset_t all;

	(void)unused;
	sigfillset(&all);
	EQUAL(pthread_sigmask(SIG_BLOCK, &all, NULL), 0);
	for (int i = 1; i <= 3; i++) {
		pause_ms(30);
		EQUAL(kill(getpid(), SIGUSR1), 0);
	}
	pause_ms(30);
	EQUAL(write(ends[1], "x", 1), 1);
	return NULL;
}

/* The read that was interrupted goes on. */
static void
a_call_goes_on(void)
{
	pthread_t writer;
	char byte = 0;

	EQUAL(pipe(ends), 0);
	on(SIGUSR1, take_up);
	EQUAL(pthread_create(&writer, NULL, write_later, NULL), 0);
	EQUAL(read(ends[0], &byte, 1), 1);
	EQUAL(byte, 'x');
	EQUAL(handlers, 3);
	EQUAL(pthread_join(writer, NULL), 0);
	close(ends[0]);
	close(ends[1]);
}

int
main(void)
{
	a_thread_can_still_be_cancelled();
	a_fault_is_mended();
	a_critical_section_stays_one();
	a_call_goes_on();
	return check_report("context_handler");
}
