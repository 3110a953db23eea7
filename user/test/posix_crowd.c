/*
 * As many processes as there may be: a user who starts them gets EAGAIN, those that run go on, and the shell can still start programs; a line of
 * ancestors that stop because their children do.
 *
 *	posix_crowd		both
 *	posix_crowd fill	starts as many as it can, says "full"; they wait until it ends
 */
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "children.h"
#include "mach/mach.h"
#include "mach/startup.h"
#include <proto/signal_page.h>

#define SELF		"/test/posix_crowd"
#define MANY		300		/* processes that a user may have at least, if the limits say so */
#define TOO_MANY	2000

extern char **environ;

static void
limit_nothing(void)
{
	struct rlimit limit;

	EQUAL(getrlimit(RLIMIT_NPROC, &limit), 0);
	limit.rlim_cur = limit.rlim_max;
	EQUAL(setrlimit(RLIMIT_NPROC, &limit), 0);
}

/* --- a crowd of children: each waits for a byte of the pipe, and becomes another program; at the pipe's end they end --- */

static int ends[2];

static int
wait_for_byte(void)
{
	char byte;

	if (read(0, &byte, 1) == 1)
		execl(SELF, "x", "exit7", (char *)NULL);
	return 0;
}

static int
start_one(void)
{
	char *const words[] = { "x", "wait", NULL };
	posix_spawn_file_actions_t actions;
	int error;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[0], 0);
	posix_spawn_file_actions_addclose(&actions, ends[0]);
	posix_spawn_file_actions_addclose(&actions, ends[1]);
	error = posix_spawn(NULL, SELF, &actions, NULL, words, environ);
	posix_spawn_file_actions_destroy(&actions);
	return error;
}

static int
fill(void)
{
	int n = 0, error = 0;
	pid_t pid;

	limit_nothing();
	EQUAL(pipe(ends), 0);
	while (n < TOO_MANY && (error = start_one()) == 0)
		n++;
	EQUAL(error, EAGAIN);
	CHECK(n >= MANY);
	pid = fork();
	if (pid == 0)
		_exit(0);
	FAILS(pid, EAGAIN);
	return n;
}

static void
crowd(void)
{
	int n = fill();

	EQUAL(write(ends[1], "x", 1), 1);
	EQUAL(end_of(-1), 7 << 8);		/* exec finds room for its second task */
	close(ends[1]);
	while (--n > 0)
		EQUAL(end_of(-1), 0);
	FAILS(waitpid(-1, NULL, WNOHANG), ECHILD);
	close(ends[0]);
}

/* --- a line of ancestors --- */

struct line {
	uint32_t ready;			/* processes that shall stop when they are looked at */
	pid_t last;
};

static struct line *line;

static void
nothing(int signal)
{
	(void)signal;
}

/* SIGTSTP is pending, and not blocked any more, which proc has not been told. */
static void
make_ready(void)
{
	struct signal_page *page = (struct signal_page *)startup_info->signal_page;

	__atomic_and_fetch(&page->slots[0].mask, ~SIGNAL_BIT(SIGTSTP), __ATOMIC_SEQ_CST);
	__atomic_add_fetch(&line->ready, 1, __ATOMIC_SEQ_CST);
	gsync_wake(&line->ready, 1, GSYNC_SHARED);
}

/* Has a child that does the same, and so on. The last can have none any more. */
_Noreturn static void
stand_in_line(void)
{
	uint32_t never = 0;
	pid_t pid;

	do {
		kill(getpid(), SIGTSTP);
		pid = fork();
	} while (pid == 0);
	if (pid < 0)
		__atomic_store_n(&line->last, getpid(), __ATOMIC_SEQ_CST);
	make_ready();
	for (;;)
		gsync_wait(&never, 0, 0, 0);
}

static pid_t
start_line(void)
{
	pid_t pid = fork();
	sigset_t set;

	if (pid == 0) {
		setpgid(0, 0);
		signal(SIGCHLD, nothing);
		sigemptyset(&set);
		sigaddset(&set, SIGTSTP);
		sigprocmask(SIG_BLOCK, &set, NULL);
		stand_in_line();
	}
	CHECK(pid > 0);
	return pid;
}

/* The last one stops, and so all the others do, up to the first. */
static void
line_of_ancestors(void)
{
	uint32_t ready;
	int status;
	pid_t pid;

	line = mmap(NULL, sizeof(*line), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid = start_line();
	while ((ready = __atomic_load_n(&line->ready, __ATOMIC_SEQ_CST)) < MANY || __atomic_load_n(&line->last, __ATOMIC_SEQ_CST) == 0)
		gsync_wait(&line->ready, ready, 0, GSYNC_SHARED);
	EQUAL(kill(line->last, SIGSTOP), 0);
	EQUAL(waitpid(pid, &status, WUNTRACED), pid);
	CHECK(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTSTP);
	EQUAL(kill(-pid, SIGKILL), 0);
	EQUAL(end_of(pid), SIGKILL);
	while (kill(-pid, 0) == 0)
		usleep(2000);
	munmap(line, sizeof(*line));
}

/* --- many that crash, while nobody may write to the terminal --- */

#define CRASHES		40
#define LONG_S		5		/* the terminal lets each wait for a second */

static void
crashes(void)
{
	struct timespec begin, end;

	EQUAL(tcflow(1, TCOOFF), 0);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (int i = 0; i < CRASHES; i++)
		if (fork() == 0)
			__builtin_trap();
	for (int i = 0; i < CRASHES; i++) {
		int status = end_of(-1);

		CHECK(WIFSIGNALED(status));
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	EQUAL(tcflow(1, TCOON), 0);
	CHECK(end.tv_sec - begin.tv_sec < LONG_S);
}

int
main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "wait") == 0)
		return wait_for_byte();
	if (argc > 1 && strcmp(argv[1], "exit7") == 0)
		return 7;
	if (argc > 1 && strcmp(argv[1], "fill") == 0) {
		puts(fill() >= MANY ? "full" : "");
		fflush(stdout);
		pause();
	}
	crowd();
	line_of_ancestors();
	crashes();
	return check_report("crowd");
}
