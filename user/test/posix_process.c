/*
 * Processes: fork, exec, wait, against POSIX.1-2017's text; posix_group.c has groups, credentials and limits. The program is its own child: `posix_process WHAT`.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "children.h"
#include "parts.h"

#define SELF	"/test/posix_process"

/* --- fork --- */

static int variable = 1, *shared;
static _Thread_local int local = 5;
static double floating = 1.5;

static void
shared_make(void)
{
	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

static int
change(void)
{
	variable = 2;
	local = 6;
	*shared = 7;
	floating *= 2;
	return variable + local + *shared + (int)floating;
}

static int
parents(void)
{
	return getppid() == getpgrp() || getppid() > 1;
}

static void
forks(void)
{
	pid_t pid, own = getpid();
	int status;

	EQUAL(in_child(change), 2 + 6 + 7 + 3);
	EQUAL(variable, 1);
	EQUAL(local, 5);
	EQUAL(*shared, 7);
	CHECK(floating == 1.5);
	EQUAL(in_child(parents), 1);
	pid = fork();
	if (pid == 0)
		_exit(getppid() == own && getpid() != own ? 0 : 1);
	CHECK(pid > 0 && pid != own);
	status = end_of(pid);
	EQUAL(status, 0);
	EQUAL(getpid(), own);
}

static int atfork_order[6], atfork_count;

static void
note(int what)
{
	atfork_order[atfork_count++ % 6] = what;
}

static void prepare_a(void) { note(1); }
static void prepare_b(void) { note(2); }
static void parent_a(void) { note(3); }
static void parent_b(void) { note(4); }
static void child_a(void) { note(5); }
static void child_b(void) { note(6); }

static int
order_in_child(void)
{
	return atfork_order[0] == 2 && atfork_order[1] == 1 && atfork_order[2] == 5 && atfork_order[3] == 6;
}

static void
fork_handlers(void)
{
	EQUAL(pthread_atfork(prepare_a, parent_a, child_a), 0);
	EQUAL(pthread_atfork(prepare_b, parent_b, child_b), 0);
	atfork_count = 0;
	EQUAL(in_child(order_in_child), 1);
	EQUAL(atfork_order[0], 2);
	EQUAL(atfork_order[1], 1);
	EQUAL(atfork_order[2], 3);
	EQUAL(atfork_order[3], 4);
}

static void *
fork_there(void *result)
{
	*(int *)result = in_child(change);
	return NULL;
}

static int
make_thread(void)
{
	pthread_t thread;
	int result = 0;
	void *block = malloc(100);

	free(block);
	return pthread_create(&thread, NULL, fork_there, &result) == 0 && pthread_join(thread, NULL) == 0 ? result : 0;
}

/* The child of a thread has one thread, and may make others. */
static void
threads_and_forks(void)
{
	EQUAL(make_thread(), 2 + 6 + 7 + 3);
	EQUAL(in_child(make_thread), 2 + 6 + 7 + 3);
}

/* --- wait --- */

static int
exit_42(void)
{
	return 42;
}

static void
waits(void)
{
	siginfo_t info;
	struct rusage usage;
	int status;
	pid_t pid, first;

	FAILS(waitpid(-1, &status, 0), ECHILD);
	FAILS(waitpid(-1, &status, 0x4000), EINVAL);
	FAILS(wait(NULL), ECHILD);
	EQUAL(in_child(exit_42), 42);
	pid = fork();
	if (pid == 0)
		for (;;)
			pause();
	EQUAL(waitpid(pid, &status, WNOHANG), 0);
	EQUAL(waitpid(-1, &status, WNOHANG), 0);
	FAILS(waitpid(pid + 1000, &status, 0), ECHILD);
	EQUAL(kill(pid, 0), 0);
	EQUAL(kill(pid, SIGTERM), 0);
	memset(&info, 0, sizeof(info));
	EQUAL(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	EQUAL(info.si_pid, pid);
	EQUAL(info.si_code, CLD_KILLED);
	EQUAL(info.si_status, SIGTERM);
	EQUAL(info.si_signo, SIGCHLD);
	EQUAL(wait4(pid, &status, 0, &usage), pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	FAILS(kill(pid, 0), ESRCH);
	FAILS(waitid(P_PID, (id_t)pid, &info, 0), EINVAL);
	FAILS(waitid(P_PID, (id_t)pid, &info, WEXITED), ECHILD);
	first = fork();
	if (first == 0)
		_exit(3);
	pid = fork();
	if (pid == 0)
		_exit(4);
	EQUAL(WEXITSTATUS(end_of(pid)), 4);
	EQUAL(waitpid(0, &status, 0), first);
	EQUAL(WEXITSTATUS(status), 3);
}

static void
stops(void)
{
	siginfo_t info;
	int status;
	pid_t pid = fork();

	if (pid == 0)
		for (;;)
			pause();
	EQUAL(kill(pid, SIGSTOP), 0);
	EQUAL(waitpid(pid, &status, WUNTRACED), pid);
	CHECK(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
	EQUAL(waitpid(pid, &status, WUNTRACED | WNOHANG), 0);
	EQUAL(kill(pid, SIGCONT), 0);
	EQUAL(waitid(P_PID, (id_t)pid, &info, WCONTINUED), 0);
	EQUAL(info.si_code, CLD_CONTINUED);
	EQUAL(kill(pid, SIGSTOP), 0);
	EQUAL(waitpid(pid, &status, WUNTRACED), pid);
	EQUAL(kill(pid, SIGTERM), 0);		/* waits until it goes on */
	EQUAL(waitpid(pid, &status, WNOHANG), 0);
	EQUAL(kill(pid, SIGCONT), 0);
	EQUAL(waitpid(pid, &status, 0), pid);
	EQUAL(WTERMSIG(status), SIGTERM);
	pid = fork();
	if (pid == 0)
		for (;;)
			continue;
	EQUAL(kill(pid, SIGSTOP), 0);
	EQUAL(waitpid(pid, &status, WUNTRACED), pid);
	EQUAL(kill(pid, SIGKILL), 0);
	EQUAL(WTERMSIG(end_of(pid)), SIGKILL);
}

static void
orphans(void)
{
	pid_t pid;

	*shared = 0;
	pid = fork();
	if (pid == 0) {
		pid_t grandchild = fork();

		if (grandchild == 0) {
			while (getppid() != 1)
				sched_yield();
			*shared = 99;
			_exit(0);
		}
		_exit(grandchild > 0 ? 0 : errno);
	}
	EQUAL(end_of(pid), 0);
	for (int i = 0; *shared != 99 && i < 1000; i++)
		usleep(10000);
	EQUAL(*shared, 99);
}

static int
reads_null(void)
{
	volatile uintptr_t nowhere = 8;

	return *(volatile int *)nowhere;
}

static void
deaths(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(reads_null());
	status = end_of(pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
	pid = fork();
	if (pid == 0)
		abort();
	status = end_of(pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	signal(SIGCHLD, SIG_IGN);
	pid = fork();
	if (pid == 0)
		_exit(0);
	FAILS(waitpid(pid, &status, 0), ECHILD);	/* once it has ended */
	signal(SIGCHLD, SIG_DFL);
}

/* --- exec --- */

static int
exec_self(char *what)
{
	char *argv[] = { "program", what, "a b", "", NULL };
	char *environment[] = { "ONE=1", "TWO=", NULL };

	execve(SELF, argv, environment);
	return 100 + errno;
}

static int
exec_echo(void)
{
	return exec_self("echo");
}

static int
exec_state(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGUSR1, SIG_IGN);
	signal(SIGTERM, note);
	raise(SIGUSR2);
	umask(0123);
	if (dup2(1, 9) != 9 || dup2(1, 10) != 10 || fcntl(10, F_SETFD, FD_CLOEXEC) != 0 || chdir("/bin") != 0)
		return 1;
	return exec_self("state");
}

static int
exec_pid(void)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", (int)getpid());
	execl(SELF, "x", "pid", text, (char *)NULL);
	return 1;
}

static int
exec_errors(void)
{
	char *argv[] = { "x", NULL }, *none[] = { NULL }, *many[3] = { "x", NULL, NULL };

	FAILS(execve("/nonexistent", argv, none), ENOENT);
	FAILS(execve("", argv, none), ENOENT);
	FAILS(execve("/bin", argv, none), EACCES);
	FAILS(execve("/etc/passwd", argv, none), EACCES);
	FAILS(execve("/bin/ls/x", argv, none), ENOTDIR);
	FAILS(execvp("nonexistent", argv), ENOENT);
	many[1] = malloc(600000);
	memset(many[1], 'x', 599999);
	many[1][599999] = 0;
	FAILS(execve(SELF, many, none), E2BIG);
	return checks_failed != 0;
}

/* As many strings as have room: none is left out silently. */
static int
exec_count(void)
{
	static char *argv[100001];

	argv[0] = "x";
	argv[1] = "count";
	argv[2] = "100000";
	for (int i = 3; i < 100000; i++)
		argv[i] = "";
	execv(SELF, argv);
	return 1;
}

static int
exec_search(void)
{
	setenv("PATH", "/nowhere::/test", 1);
	execlp("posix_process", "x", "exit7", (char *)NULL);
	return 1;
}

static void
execs(void)
{
	EQUAL(in_child(exec_echo), 0);
	EQUAL(in_child(exec_state), 0);
	EQUAL(in_child(exec_pid), 0);
	EQUAL(in_child(exec_errors), 0);
	EQUAL(in_child(exec_count), 0);
	EQUAL(in_child(exec_search), 7);
}

/* What the new images do. */

static int
image_echo(int argc, char **argv, char **environment)
{
	return !(argc == 4 && strcmp(argv[0], "program") == 0 && strcmp(argv[2], "a b") == 0 && argv[3][0] == 0 && argv[4] == NULL &&
		 strcmp(environment[0], "ONE=1") == 0 && strcmp(environment[1], "TWO=") == 0 && environment[2] == NULL &&
		 strcmp(getenv("ONE"), "1") == 0);
}

static int
image_state(void)
{
	struct sigaction action;
	sigset_t set;
	char path[64];

	EQUAL(sigprocmask(SIG_BLOCK, NULL, &set), 0);
	EQUAL(set, 1u << (SIGUSR2 - 1));
	EQUAL(sigpending(&set), 0);
	EQUAL(set, 1u << (SIGUSR2 - 1));
	sigaction(SIGUSR1, NULL, &action);
	CHECK(action.sa_handler == SIG_IGN);
	sigaction(SIGTERM, NULL, &action);
	CHECK(action.sa_handler == SIG_DFL);
	EQUAL(umask(0), 0123);
	EQUAL(fcntl(9, F_GETFD), 0);
	FAILS(fcntl(10, F_GETFD), EBADF);
	CHECK(getcwd(path, sizeof(path)) != NULL && strcmp(path, "/bin") == 0);
	return checks_failed != 0;
}

/* --- fork in the middle of something --- */

static volatile pid_t handlers_child;
static volatile bool reading;

/* Once. Should it be before the read has begun, the child's needs signals of its own to end. */
static void
fork_now(int signal)
{
	(void)signal;
	if (!reading || handlers_child != -1)
		return;
	handlers_child = fork();
	if (handlers_child == 0)
		ualarm(10000, 10000);
}

/* The child goes on behind the call that the handler interrupted, with ports of its own. */
static void
forks_in_handlers(void)
{
	struct sigaction action = { .sa_handler = fork_now }, old;
	struct itimerval soon = { { 0, 10000 }, { 0, 10000 } }, never = { 0 };
	int ends[2], own[2], status;
	char byte;

	EQUAL(pipe(ends), 0);
	EQUAL(pipe(own), 0);
	EQUAL(sigaction(SIGALRM, &action, &old), 0);
	EQUAL(setitimer(ITIMER_REAL, &soon, NULL), 0);
	handlers_child = -1;
	reading = true;
	FAILS(read(ends[0], &byte, 1), EINTR);
	reading = false;
	EQUAL(setitimer(ITIMER_REAL, &never, NULL), 0);
	if (handlers_child == 0) {
		FAILS(open("/no/such/file", O_RDONLY), ENOENT);
		EQUAL(write(own[1], "x", 1), 1);
		EQUAL(read(own[0], &byte, 1), 1);
		_exit(checks_failed != 0);
	}
	EQUAL(waitpid(handlers_child, &status, 0), handlers_child);
	EQUAL(status, 0);
	EQUAL(sigaction(SIGALRM, &old, NULL), 0);
	for (int i = 0; i < 2; i++) {
		close(ends[i]);
		close(own[i]);
	}
}

/* --- many --- */

static void
many(int rounds)
{
	for (int i = 0; i < rounds; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			execl(SELF, "x", "exit7", (char *)NULL);
			_exit(1);
		}
		if (pid < 0 || WEXITSTATUS(end_of(pid)) != 7) {
			CHECK(!"fork, exec and wait");
			break;
		}
	}
}

static int
image(int argc, char **argv, char **environment)
{
	if (strcmp(argv[1], "echo") == 0)
		return image_echo(argc, argv, environment);
	if (strcmp(argv[1], "state") == 0)
		return image_state();
	if (strcmp(argv[1], "pid") == 0)
		return atoi(argv[2]) != getpid();
	if (strcmp(argv[1], "many") == 0)
		return many(atoi(argv[2])), checks_failed != 0;
	if (strcmp(argv[1], "count") == 0)
		return argc != atoi(argv[2]);
	return 7;
}

static void
many_of_them(void)
{
	many(50);
}

static const struct part parts[] = {
	{ "forks", forks }, { "fork_handlers", fork_handlers }, { "threads_and_forks", threads_and_forks }, { "waits", waits },
	{ "stops", stops }, { "orphans", orphans }, { "deaths", deaths }, { "execs", execs },
	{ "forks_in_handlers", forks_in_handlers }, { "many", many_of_them },
};

int
main(int argc, char **argv, char **environment)
{
	if (argc > 1 && strcmp(argv[1], "repeat") != 0)
		return image(argc, argv, environment);
	shared_make();
	parts_run(parts, sizeof(parts) / sizeof(parts[0]), argc, argv);
	return check_report("process");
}
