/*
 * Streams of programs with threads: what a forked child finds of them, and who waits for whom at exit. Streams over descriptors of all kinds.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "children.h"

static FILE *held;
static sem_t holding, give_up;
static volatile int open_and_close;

static void *
hold_stream(void *unused)
{
	flockfile(held);
	EQUAL(sem_post(&holding), 0);
	EQUAL(sem_wait(&give_up), 0);
	funlockfile(held);
	return unused;
}

static void *
change_list_of_streams(void *unused)
{
	while (open_and_close) {
		FILE *stream = fopen("/dev/null", "w");

		CHECK(stream != NULL && fclose(stream) == 0);
	}
	return unused;
}

/* Ends by a signal if it waits for a lock that nobody will give back. */
static int
child_uses_streams(void)
{
	FILE *stream;

	checks_failed = 0;
	alarm(20);
	CHECK(fputs("child", held) >= 0);
	stream = fopen("/dev/null", "w");
	CHECK(stream != NULL && fclose(stream) == 0);
	EQUAL(fflush(NULL), 0);
	EQUAL(ftrylockfile(held), 0);
	return checks_failed != 0;
}

static volatile int forked;

static void
fork_in_handler(int signal)
{
	pid_t pid = fork();

	(void)signal;
	if (pid == 0)
		_exit(0);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	forked++;
}

/* Whatever other threads are doing with streams, and where in stdio a handler comes. */
static void
streams_in_the_child(void)
{
	struct itimerval often = { { 0, 2000 }, { 0, 2000 } }, never = { { 0, 0 }, { 0, 0 } };
	pthread_t holder, changers[2];

	held = fopen("/tmp/held", "w");
	CHECK(held != NULL);
	EQUAL(sem_init(&holding, 0, 0), 0);
	EQUAL(sem_init(&give_up, 0, 0), 0);
	EQUAL(pthread_create(&holder, NULL, hold_stream, NULL), 0);
	EQUAL(sem_wait(&holding), 0);
	EQUAL(in_child(child_uses_streams), 0);
	open_and_close = 1;
	for (int i = 0; i < 2; i++)
		EQUAL(pthread_create(&changers[i], NULL, change_list_of_streams, NULL), 0);
	for (int i = 0; i < 30; i++)
		EQUAL(in_child(child_uses_streams), 0);
	open_and_close = 0;
	for (int i = 0; i < 2; i++)
		EQUAL(pthread_join(changers[i], NULL), 0);
	EQUAL(sem_post(&give_up), 0);
	EQUAL(pthread_join(holder, NULL), 0);
	CHECK(signal(SIGALRM, fork_in_handler) != SIG_ERR);
	EQUAL(setitimer(ITIMER_REAL, &often, NULL), 0);
	while (forked < 100) {
		FILE *stream = fopen("/dev/null", "w");

		CHECK(stream != NULL && fclose(stream) == 0);
	}
	EQUAL(setitimer(ITIMER_REAL, &never, NULL), 0);
	CHECK(signal(SIGALRM, SIG_DFL) != SIG_ERR);
	EQUAL(fclose(held), 0);
	unlink("/tmp/held");
}

static void *
read_for_ever(void *unused)
{
	getchar();
	return unused;
}

/* A thread waits for input that never comes, and has the stream meanwhile; the others may flush all streams, and leave. */
static void
reader_keeps_nobody_from_exit(void)
{
	int in[2], out[2];
	char text[8] = "";
	pthread_t thread;
	FILE *file;
	pid_t pid;

	EQUAL(pipe(in), 0);
	EQUAL(pipe(out), 0);
	pid = fork();
	if (pid == 0) {
		alarm(10);
		dup2(in[0], 0);
		file = fdopen(out[1], "w");
		pthread_create(&thread, NULL, read_for_ever, NULL);
		while (ftrylockfile(stdin) == 0) {
			funlockfile(stdin);
			sched_yield();
		}
		fputs("one", file);
		if (fflush(NULL) != 0)
			_exit(1);
		fputs("two", file);
		exit(7);
	}
	EQUAL(end_of(pid), 7 << 8);
	EQUAL(read(out[0], text, sizeof(text) - 1), 6);
	CHECK(strcmp(text, "onetwo") == 0);
	for (int i = 0; i < 2; i++) {
		close(in[i]);
		close(out[i]);
	}
}

static void
no_stream(int fd, const char *mode)
{
	errno = 0;
	CHECK(fdopen(fd, mode) == NULL);
	EQUAL(errno, EINVAL);
}

/* Every server says what a descriptor was opened for. */
static void
streams_do_what_descriptors_permit(void)
{
	int pipe_ends[2], pair[2], fd;
	FILE *file;

	EQUAL(pipe(pipe_ends), 0);
	no_stream(pipe_ends[0], "w");
	no_stream(pipe_ends[1], "r");
	no_stream(pipe_ends[1], "a+");
	no_stream(pipe_ends[1], "q");
	EQUAL(fcntl(pipe_ends[1], F_GETFL) & O_APPEND, 0);
	file = fdopen(pipe_ends[0], "re");
	EQUAL(fcntl(pipe_ends[0], F_GETFD), FD_CLOEXEC);
	CHECK(file != NULL && fclose(file) == 0);
	file = fdopen(pipe_ends[1], "a");
	CHECK(file != NULL && fclose(file) == 0);
	EQUAL(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	for (int i = 0; i < 2; i++) {
		file = fdopen(pair[i], "r+");
		CHECK(file != NULL && fclose(file) == 0);
	}
	fd = open("/dev/tty", O_RDONLY);
	no_stream(fd, "w");
	file = fdopen(fd, "r");
	CHECK(file != NULL && fclose(file) == 0);
	fd = open("/tmp/text", O_CREAT | O_TRUNC | O_WRONLY, 0600);
	EQUAL(write(fd, "text", 4), 4);
	EQUAL(lseek(fd, 0, SEEK_SET), 0);
	no_stream(fd, "r+");
	file = fdopen(fd, "a");
	EQUAL(ftell(file), 4);
	CHECK(freopen(NULL, "w", file) == file && fclose(file) == 0);
	unlink("/tmp/text");
}

int
main(void)
{
	streams_do_what_descriptors_permit();
	streams_in_the_child();
	reader_keeps_nobody_from_exit();
	return check_report("streams");
}
