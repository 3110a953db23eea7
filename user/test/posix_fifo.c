/*
 * What goes through FIFOs, against POSIX.1-2017 (read, write, poll, select): end of file and the next writer, O_NONBLOCK, O_RDWR,
 * whole writes of several processes, SIGPIPE. How they are opened: posix_fifo_open.c. Works in a folder of its own in the working
 * directory, or in the one that is named.
 */
#define _GNU_SOURCE
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/select.h>

#include "children.h"
#include "fifo.h"

static char block[32 * PIPE_BUF];	/* more than a FIFO holds */

/* What select says at once: 1, a read would not wait; 2, a write would not. */
static int
select_says(int fd)
{
	struct timeval now = { 0, 0 };
	fd_set reads, writes;

	FD_ZERO(&reads);
	FD_ZERO(&writes);
	FD_SET(fd, &reads);
	FD_SET(fd, &writes);
	CHECK(select(fd + 1, &reads, &writes, NULL, &now) >= 0);
	return (FD_ISSET(fd, &reads) ? 1 : 0) | (FD_ISSET(fd, &writes) ? 2 : 0);
}

static void
end_of_file_and_the_next_writer(void)
{
	int reader, writer, copy;
	char text[8];

	fifo_make();
	reader = fifo_open(O_RDONLY);
	EQUAL(fcntl(reader, F_GETFL), O_RDONLY | O_NONBLOCK);
	EQUAL(read(reader, text, 1), 0);	/* no writer */
	FAILS(write(reader, text, 1), EBADF);
	for (int round = 0; round < 3; round++) {
		writer = fifo_open(O_WRONLY);
		FAILS(read(writer, text, 1), EBADF);
		FAILS(read(reader, text, 1), EAGAIN);
		EQUAL(poll_says(reader, POLLIN), 0);		/* the hang-up is over */
		EQUAL(select_says(reader), 0);
		EQUAL(write(writer, "last", 4), 4);
		copy = dup(writer);
		EQUAL(close(writer), 0);
		EQUAL(poll_says(reader, POLLIN), POLLIN);
		EQUAL(close(copy), 0);
		EQUAL(poll_says(reader, POLLIN), POLLIN | POLLHUP);
		EQUAL(read(reader, text, sizeof(text)), 4);
		EQUAL(poll_says(reader, POLLIN), POLLHUP);
		EQUAL(poll_says(reader, 0), POLLHUP);
		EQUAL(select_says(reader), 1);
		EQUAL(read(reader, text, 1), 0);
		EQUAL(read(reader, text, 1), 0);
	}
	EQUAL(close(reader), 0);
}

static void
full_without_waiting(void)
{
	int reader, writer;
	ssize_t size = 0, n;

	fifo_make();
	FAILS(open("fifo", O_WRONLY | O_NONBLOCK), ENXIO);
	reader = fifo_open(O_RDONLY);
	writer = fifo_open(O_WRONLY);
	EQUAL(poll_says(writer, POLLOUT), POLLOUT);
	EQUAL(select_says(writer), 2);
	while ((n = write(writer, block, PIPE_BUF)) == PIPE_BUF)
		size += n;
	FAILS(n, EAGAIN);
	CHECK(size >= PIPE_BUF);
	EQUAL(poll_says(writer, POLLOUT), 0);
	EQUAL(select_says(writer), 0);
	EQUAL(read(reader, block, 100), 100);
	FAILS(write(writer, block, PIPE_BUF), EAGAIN);		/* whole or not at all */
	EQUAL(write(writer, block, PIPE_BUF + 1), 100);		/* more may go in part */
	FAILS(write(writer, block, PIPE_BUF + 1), EAGAIN);
	while (size > 0 && (n = read(reader, block, sizeof(block))) > 0)
		size -= n;
	EQUAL(size, 0);
	n = write(writer, block, sizeof(block));		/* into an empty one: PIPE_BUF at least */
	CHECK(n >= PIPE_BUF && n < (ssize_t)sizeof(block));
	EQUAL(close(reader), 0);
	CHECK(poll_says(writer, POLLOUT) & POLLERR);
	CHECK(select_says(writer) & 2);				/* the write would fail at once */
	EQUAL(close(writer), 0);
}

static void
both_sides_in_one(void)
{
	int both, reader;
	char text[8];

	fifo_make();
	both = open("fifo", O_RDWR);		/* waits for nobody */
	EQUAL(fcntl(both, F_GETFL), O_RDWR);
	EQUAL(poll_says(both, POLLIN | POLLOUT), POLLOUT);
	EQUAL(write(both, "both", 4), 4);
	EQUAL(poll_says(both, POLLIN | POLLOUT), POLLIN | POLLOUT);
	reader = open("fifo", O_RDONLY);	/* nor does this one */
	EQUAL(read(reader, text, 2), 2);
	EQUAL(read(both, text + 2, sizeof(text) - 2), 2);
	EQUAL(memcmp(text, "both", 4), 0);
	EQUAL(fcntl(reader, F_SETFL, O_NONBLOCK), 0);
	FAILS(read(reader, text, 1), EAGAIN);	/* it may write */
	EQUAL(close(both), 0);
	EQUAL(read(reader, text, 1), 0);
	EQUAL(close(reader), 0);
}

/* --- poll waits --- */

static void *
come_and_go(void *unused)
{
	int fd;

	(void)unused;
	for (int i = 0; i < 100; i++)
		sched_yield();
	fd = open("fifo", O_WRONLY);
	CHECK(fd >= 0);
	EQUAL(close(fd), 0);
	return NULL;
}

static void *
take_some(void *reader)
{
	for (int i = 0; i < 100; i++)
		sched_yield();
	CHECK(read(*(int *)reader, block, PIPE_BUF) > 0);
	return NULL;
}

static void *
leave(void *reader)
{
	for (int i = 0; i < 100; i++)
		sched_yield();
	EQUAL(close(*(int *)reader), 0);
	return NULL;
}

static void
poll_waits(void)
{
	int reader, writer;
	struct pollfd one;
	pthread_t other;

	fifo_make();
	reader = fifo_open(O_RDONLY);
	one = (struct pollfd){ reader, POLLIN, 0 };
	EQUAL(pthread_create(&other, NULL, come_and_go, NULL), 0);
	EQUAL(poll(&one, 1, -1), 1);
	EQUAL(one.revents, POLLHUP);
	EQUAL(pthread_join(other, NULL), 0);
	writer = fifo_open(O_WRONLY);
	while (write(writer, block, PIPE_BUF) > 0)
		continue;
	one = (struct pollfd){ writer, POLLOUT, 0 };
	EQUAL(pthread_create(&other, NULL, take_some, &reader), 0);
	EQUAL(poll(&one, 1, -1), 1);
	EQUAL(one.revents, POLLOUT);
	EQUAL(pthread_join(other, NULL), 0);
	one.events = 0;
	EQUAL(pthread_create(&other, NULL, leave, &reader), 0);
	EQUAL(poll(&one, 1, -1), 1);
	EQUAL(one.revents, POLLERR);
	EQUAL(pthread_join(other, NULL), 0);
	EQUAL(close(writer), 0);
}

/* --- several processes --- */

#define WRITERS	4
#define RECORDS	100

static int number;			/* of a writer */

static int
write_records(void)
{
	int fd = open("fifo", O_WRONLY);

	memset(block, number, PIPE_BUF);
	for (int i = 0; i < RECORDS; i++)
		EQUAL(write(fd, block, PIPE_BUF), PIPE_BUF);
	return checks_failed != 0;
}

/* The next record, in small pieces: so there is room, but not enough. Returns its first byte, or -1 for one that is torn. */
static int
read_record(int fd)
{
	size_t done = 0;
	ssize_t n;

	while (done < PIPE_BUF && (n = read(fd, block + done, PIPE_BUF - done < 1000 ? PIPE_BUF - done : 1000)) > 0)
		done += (size_t)n;
	return done == PIPE_BUF && memcmp(block, block + 1, PIPE_BUF - 1) == 0 ? block[0] : -1;
}

/* The FIFO is full when the writers begin, and no record lies at a multiple of its size. */
static void
writes_stay_whole(void)
{
	int seen[WRITERS + 1] = { 0 }, torn = 0, first, records = WRITERS * RECORDS, reader;
	pid_t pids[WRITERS];

	fifo_make();
	first = fifo_open(O_RDWR);
	EQUAL(write(first, "first", 5), 5);
	memset(block, 0, PIPE_BUF);
	while (write(first, block, PIPE_BUF) == PIPE_BUF)
		records++;
	for (number = 1; number <= WRITERS; number++) {
		pids[number - 1] = fork();
		if (pids[number - 1] == 0)
			_exit(close(first) != 0 || write_records());
	}
	reader = open("fifo", O_RDONLY);
	EQUAL(read(reader, block, 5), 5);
	while (records-- > 0) {
		int whose = read_record(reader);

		if (whose >= 0 && whose <= WRITERS)
			seen[whose]++;
		else
			torn++;
	}
	EQUAL(torn, 0);
	for (int i = 0; i < WRITERS; i++) {
		EQUAL(end_of(pids[i]), 0);
		EQUAL(seen[i + 1], RECORDS);
	}
	EQUAL(close(first), 0);
	EQUAL(read(reader, block, 1), 0);
	EQUAL(close(reader), 0);
}

/* --- nobody reads --- */

static volatile int broken;

static void
on_broken(int signal)
{
	(void)signal;
	__atomic_add_fetch(&broken, 1, __ATOMIC_SEQ_CST);
}

static void *
write_in_vain(void *writer)
{
	FAILS(write(*(int *)writer, block, PIPE_BUF), EPIPE);
	return NULL;
}

/* The signal is the thread's that writes: another one, which would take it, has nothing to do with it. */
static void *
write_with_the_signal_blocked(void *writer)
{
	const struct timespec at_once = { 0, 0 };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	EQUAL(pthread_sigmask(SIG_BLOCK, &set, NULL), 0);
	FAILS(write(*(int *)writer, "x", 1), EPIPE);
	EQUAL(sigtimedwait(&set, NULL, &at_once), SIGPIPE);
	return NULL;
}

static int
die_of_it(void)
{
	int reader = fifo_open(O_RDONLY), writer = fifo_open(O_WRONLY);

	signal(SIGPIPE, SIG_DFL);
	close(reader);
	write(writer, "x", 1);
	return 1;
}

static void
nobody_reads(void)
{
	int reader, writer, status;
	pthread_t waits;
	pid_t pid;
	char byte;

	fifo_make();
	signal(SIGPIPE, on_broken);
	reader = open("fifo", O_RDWR);
	writer = fifo_open(O_WRONLY);
	while (write(writer, block, PIPE_BUF) > 0)
		continue;
	EQUAL(fcntl(writer, F_SETFL, 0), 0);
	EQUAL(pthread_create(&waits, NULL, write_in_vain, &writer), 0);
	for (int i = 0; i < 100; i++)
		sched_yield();
	EQUAL(close(reader), 0);
	EQUAL(pthread_join(waits, NULL), 0);
	EQUAL(broken, 1);
	FAILS(write(writer, "x", 1), EPIPE);
	EQUAL(broken, 2);
	EQUAL(pthread_create(&waits, NULL, write_with_the_signal_blocked, &writer), 0);
	EQUAL(pthread_join(waits, NULL), 0);
	EQUAL(broken, 2);
	signal(SIGPIPE, SIG_IGN);
	FAILS(write(writer, "x", 1), EPIPE);
	reader = fifo_open(O_RDONLY);	/* one that reads again */
	while (read(reader, block, sizeof(block)) > 0)
		continue;
	EQUAL(write(writer, "y", 1), 1);
	CHECK(read(reader, &byte, 1) == 1 && byte == 'y');
	EQUAL(close(reader), 0);
	EQUAL(close(writer), 0);
	pid = fork();
	if (pid == 0)
		_exit(die_of_it());
	status = end_of(pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE);
}

int
main(int argc, char **argv)
{
	fifo_begin(argc, argv);
	end_of_file_and_the_next_writer();
	full_without_waiting();
	both_sides_in_one();
	poll_waits();
	writes_stay_whole();
	nobody_reads();
	EQUAL(unlink("fifo"), 0);
	return check_report("fifo");
}
