/*
 * poll and select against POSIX.1-2017: pipes, files, descriptors that are none, time limits, several threads.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/select.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

static int
ask(int fd, short events)
{
	struct pollfd one = { fd, events, 0x7fff };
	int n = poll(&one, 1, 0);

	CHECK(n == (one.revents != 0));
	return n < 0 ? -1 : one.revents;
}

static long
milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
pipes_at_once(void)
{
	static char block[PIPE_BUF];
	int ends[2];

	EQUAL(pipe(ends), 0);
	EQUAL(ask(ends[0], POLLIN | POLLOUT), 0);
	EQUAL(ask(ends[1], POLLIN | POLLOUT), POLLOUT);
	EQUAL(ask(ends[1], POLLWRNORM), POLLWRNORM);
	EQUAL(write(ends[1], "x", 1), 1);
	EQUAL(ask(ends[0], POLLIN), POLLIN);
	EQUAL(ask(ends[0], POLLRDNORM | POLLIN), POLLRDNORM | POLLIN);
	EQUAL(ask(ends[0], 0), 0);
	EQUAL(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
	while (write(ends[1], block, sizeof(block)) > 0)
		continue;
	EQUAL(ask(ends[1], POLLOUT), 0);
	EQUAL(read(ends[0], block, sizeof(block)), sizeof(block));
	EQUAL(ask(ends[1], POLLOUT), POLLOUT);
	EQUAL(close(ends[1]), 0);
	EQUAL(ask(ends[0], POLLIN), POLLIN | POLLHUP);
	while (read(ends[0], block, sizeof(block)) > 0)
		continue;
	EQUAL(ask(ends[0], POLLIN), POLLHUP);
	EQUAL(ask(ends[0], 0), POLLHUP);
	EQUAL(close(ends[0]), 0);
	EQUAL(ask(ends[0], POLLIN), POLLNVAL);
	EQUAL(pipe(ends), 0);
	EQUAL(close(ends[0]), 0);
	CHECK(ask(ends[1], 0) & POLLERR);
	EQUAL(close(ends[1]), 0);
}

static void
files_and_others(void)
{
	int file = open("/etc/passwd", O_RDONLY), null = open("/dev/null", O_RDWR);
	struct pollfd three[3] = { { file, POLLIN, 0 }, { -1, POLLIN, 77 }, { null, POLLOUT | POLLIN, 0 } };

	EQUAL(poll(three, 3, -1), 2);
	EQUAL(three[0].revents, POLLIN);
	EQUAL(three[1].revents, 0);
	EQUAL(three[2].revents, POLLIN | POLLOUT);
	three[1].fd = 200;
	EQUAL(poll(three, 3, -1), 3);
	EQUAL(three[1].revents, POLLNVAL);
	FAILS(poll(three, ULONG_MAX, 0), EINVAL);
	EQUAL(close(file), 0);
	EQUAL(close(null), 0);
}

static void
time_passes(void)
{
	long before = milliseconds(), after;
	int ends[2];
	struct pollfd one = { -1, POLLIN, 0 };
	struct timeval limit = { 0, 30000 };

	EQUAL(pipe(ends), 0);
	one.fd = ends[0];
	EQUAL(poll(&one, 1, 50), 0);
	EQUAL(one.revents, 0);
	after = milliseconds();
	CHECK(after - before >= 50);
	EQUAL(poll(NULL, 0, 20), 0);
	CHECK(milliseconds() - after >= 20);
	after = milliseconds();
	EQUAL(select(0, NULL, NULL, NULL, &limit), 0);
	CHECK(milliseconds() - after >= 30);
	EQUAL(close(ends[0]), 0);
	EQUAL(close(ends[1]), 0);
}

/* --- somebody else writes --- */

static int ends[4][2];

static void *
write_later(void *number)
{
	for (int i = 0; i < 200; i++)
		sched_yield();
	EQUAL(write(ends[(long)number][1], "y", 1), 1);
	return NULL;
}

static void
waits_for_the_right_one(void)
{
	struct pollfd fds[5];
	pthread_t writer;
	char byte;
	int copy;

	for (int i = 0; i < 4; i++) {
		EQUAL(pipe(ends[i]), 0);
		fds[i] = (struct pollfd){ ends[i][0], POLLIN, 0 };
	}
	copy = dup(ends[2][0]);
	fds[4] = (struct pollfd){ copy, POLLIN, 0 };		/* the same file twice */
	for (long round = 0; round < 40; round++) {
		long who = round % 4;

		EQUAL(pthread_create(&writer, NULL, write_later, (void *)who), 0);
		CHECK(poll(fds, 5, -1) >= 1);		/* the byte may come between the looks at one file under two numbers */
		EQUAL(fds[who].revents | (who == 2 ? fds[4].revents : 0), POLLIN);
		EQUAL(poll(fds, 5, 0), who == 2 ? 2 : 1);
		EQUAL(fds[who].revents, POLLIN);
		EQUAL(read(ends[who][0], &byte, 1), 1);
		EQUAL(pthread_join(writer, NULL), 0);
		EQUAL(poll(fds, 5, 0), 0);
	}
	EQUAL(close(copy), 0);
	for (int i = 0; i < 4; i++) {
		EQUAL(close(ends[i][0]), 0);
		EQUAL(close(ends[i][1]), 0);
	}
}

static void *
close_later(void *fd)
{
	for (int i = 0; i < 200; i++)
		sched_yield();
	EQUAL(close(*(int *)fd), 0);
	return NULL;
}

static void
hang_up_wakes(void)
{
	struct pollfd one;
	pthread_t other;
	int both[2];

	EQUAL(pipe(both), 0);
	one = (struct pollfd){ both[0], POLLIN, 0 };
	EQUAL(pthread_create(&other, NULL, close_later, &both[1]), 0);
	EQUAL(poll(&one, 1, -1), 1);
	EQUAL(one.revents, POLLHUP);
	EQUAL(pthread_join(other, NULL), 0);
	EQUAL(close(both[0]), 0);
}

/* --- threads that poll the same pipe --- */

static int ping[2], pong[2];

static void *
player(void *unused)
{
	struct pollfd one = { ping[0], POLLIN, 0 };
	char byte;

	(void)unused;
	for (int i = 0; i < 300; i++) {
		EQUAL(poll(&one, 1, -1), 1);
		EQUAL(read(ping[0], &byte, 1), 1);
		EQUAL(write(pong[1], &byte, 1), 1);
	}
	return NULL;
}

static void
ping_pong(void)
{
	pthread_t other;
	fd_set set;
	char byte = 'z';

	EQUAL(pipe(ping), 0);
	EQUAL(pipe(pong), 0);
	EQUAL(pthread_create(&other, NULL, player, NULL), 0);
	for (int i = 0; i < 300; i++) {
		EQUAL(write(ping[1], &byte, 1), 1);
		FD_ZERO(&set);
		FD_SET(pong[0], &set);
		EQUAL(select(pong[0] + 1, &set, NULL, NULL, NULL), 1);
		CHECK(FD_ISSET(pong[0], &set));
		EQUAL(read(pong[0], &byte, 1), 1);
	}
	EQUAL(pthread_join(other, NULL), 0);
	for (int i = 0; i < 2; i++) {
		EQUAL(close(ping[i]), 0);
		EQUAL(close(pong[i]), 0);
	}
}

static void
sets(void)
{
	fd_set readable, writable, urgent;
	struct timeval none = { 0, 0 }, bad = { 0, 1000000 };
	int both[2];

	EQUAL(pipe(both), 0);
	FD_ZERO(&readable);
	FD_ZERO(&writable);
	FD_ZERO(&urgent);
	FD_SET(both[0], &readable);
	FD_SET(both[1], &writable);
	FD_SET(both[0], &urgent);
	EQUAL(select(both[1] + 1, &readable, &writable, &urgent, &none), 1);
	CHECK(!FD_ISSET(both[0], &readable) && FD_ISSET(both[1], &writable) && !FD_ISSET(both[0], &urgent));
	FD_SET(both[0], &readable);
	EQUAL(select(both[0], &readable, NULL, NULL, &none), 0);	/* above the limit: not looked at */
	CHECK(FD_ISSET(both[0], &readable));
	EQUAL(close(both[1]), 0);
	EQUAL(select(both[0] + 1, &readable, NULL, NULL, NULL), 1);	/* end of file can be read */
	CHECK(FD_ISSET(both[0], &readable));
	EQUAL(close(both[0]), 0);
	FAILS(select(both[0] + 1, &readable, NULL, NULL, &none), EBADF);
	FAILS(select(-1, NULL, NULL, NULL, &none), EINVAL);
	FAILS(select(FD_SETSIZE + 1, NULL, NULL, NULL, &none), EINVAL);
	FAILS(select(0, NULL, NULL, NULL, &bad), EINVAL);
}

int
main(void)
{
	pipes_at_once();
	files_and_others();
	time_passes();
	waits_for_the_right_one();
	hang_up_wakes();
	ping_pong();
	sets();
	return check_report("poll");
}
