/*
 * Local sockets whose ends wait for each other: threads, signals, cancellation, processes and their ends. With a number: so many
 * connections, to see that they leave nothing behind.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#include "check.h"
#include "sockets.h"

#define NAME	"/tmp/posix_socket_wait"

static volatile sig_atomic_t alarms;

static void
note_alarm(int signal)
{
	(void)signal;
	alarms++;
}

/* --- waiting --- */

#define TOTAL	(1024 * 1024)

static unsigned char
byte_at(size_t i)
{
	return (unsigned char)(i * 37 >> 4);
}

static void *
send_sequence(void *fd)
{
	static unsigned char bytes[TOTAL];

	for (size_t i = 0; i < TOTAL; i++)
		bytes[i] = byte_at(i);
	EQUAL(send(*(int *)fd, bytes, TOTAL, 0), TOTAL);
	EQUAL(shutdown(*(int *)fd, SHUT_WR), 0);
	return NULL;
}

static void
much_at_once(void)
{
	static unsigned char bytes[TOTAL];
	pthread_t sender;
	int fds[2], wrong = 0;

	socket_pair(fds);
	EQUAL(pthread_create(&sender, NULL, send_sequence, &fds[0]), 0);
	EQUAL(recv(fds[1], bytes, 1, MSG_PEEK), 1);
	EQUAL(recv(fds[1], bytes, TOTAL / 2 + 1, MSG_WAITALL), TOTAL / 2 + 1);
	EQUAL(recv(fds[1], bytes + TOTAL / 2 + 1, TOTAL, MSG_WAITALL), TOTAL / 2 - 1);	/* the end comes before */
	for (size_t i = 0; i < TOTAL; i++)
		wrong += bytes[i] != byte_at(i);
	EQUAL(wrong, 0);
	EQUAL(pthread_join(sender, NULL), 0);
	close_both(fds);
}

static void *
answer_one(void *listener)
{
	int fd = accept(*(int *)listener, NULL, NULL);
	char text[4];

	CHECK(fd >= 0);
	EQUAL(recv(fd, text, 4, MSG_WAITALL), 4);
	EQUAL(write(fd, text, 4), 4);
	EQUAL(close(fd), 0);
	return NULL;
}

/* Threads that wait in accept, recv and poll; whoever comes first, the other comes. */
static void
meeting(void)
{
	int listener = listen_at(NAME, 4);
	struct pollfd one = {.events = POLLIN};
	pthread_t servers[3];
	char text[4];
	fd_set set;

	for (int i = 0; i < 3; i++)
		EQUAL(pthread_create(&servers[i], NULL, answer_one, &listener), 0);
	for (int i = 0; i < 3; i++) {
		one.fd = socket(AF_UNIX, SOCK_STREAM, 0);
		EQUAL(connect_to(one.fd, NAME), 0);
		EQUAL(send(one.fd, "wait", 4, 0), 4);
		EQUAL(poll(&one, 1, -1), 1);
		EQUAL(recv(one.fd, text, 4, 0), 4);
		FD_ZERO(&set);
		FD_SET(one.fd, &set);
		EQUAL(select(one.fd + 1, &set, NULL, NULL, NULL), 1);	/* for the end */
		EQUAL(recv(one.fd, text, 4, 0), 0);
		EQUAL(close(one.fd), 0);
	}
	for (int i = 0; i < 3; i++)
		EQUAL(pthread_join(servers[i], NULL), 0);
	EQUAL(close(listener), 0);
	EQUAL(unlink(NAME), 0);
}

static void *
close_in_the_end(void *fds)
{
	int *pair_of = fds;
	char text;

	EQUAL(recv(pair_of[1], &text, 1, 0), 1);
	EQUAL(shutdown(pair_of[0], SHUT_RD), 0);
	return NULL;
}

/* shutdown ends a wait of another thread at the same socket. */
static void
shut_while_waiting(void)
{
	pthread_t other;
	char text;
	int fds[2];

	socket_pair(fds);
	EQUAL(pthread_create(&other, NULL, close_in_the_end, fds), 0);
	EQUAL(write(fds[0], "x", 1), 1);
	EQUAL(recv(fds[0], &text, 1, 0), 0);
	EQUAL(pthread_join(other, NULL), 0);
	close_both(fds);
}

static void *
accept_what_comes(void *listener)
{
	while (accept(*(int *)listener, NULL, NULL) < 0)
		continue;
	return NULL;
}

static void *
receive_what_comes(void *fd)
{
	char text;

	while (recv(*(int *)fd, &text, 1, 0) < 0)
		continue;
	return NULL;
}

/* Both are cancellation points; whose wait is cancelled takes nothing that comes later. */
static void
cancelled(void)
{
	int listener = listen_at(NAME, 1), client = socket(AF_UNIX, SOCK_STREAM, 0), fds[2];
	pthread_t threads[2];
	void *result;
	char text;

	socket_pair(fds);
	EQUAL(pthread_create(&threads[0], NULL, accept_what_comes, &listener), 0);
	EQUAL(pthread_create(&threads[1], NULL, receive_what_comes, &fds[0]), 0);
	for (int i = 0; i < 2; i++) {
		EQUAL(pthread_cancel(threads[i]), 0);
		EQUAL(pthread_join(threads[i], &result), 0);
		CHECK(result == PTHREAD_CANCELED);
	}
	EQUAL(connect_to(client, NAME), 0);
	EQUAL(close(accept(listener, NULL, NULL)), 0);
	EQUAL(send(fds[1], "x", 1, 0), 1);
	EQUAL(recv(fds[0], &text, 1, 0), 1);
	close_both(fds);
	EQUAL(close(client), 0);
	EQUAL(close(listener), 0);
	EQUAL(unlink(NAME), 0);
}

#define ROUNDS	300

static volatile int accepted;

static void *
accept_one(void *listener)
{
	accepted = accept(*(int *)listener, NULL, NULL);
	return NULL;
}

/* A connection comes and its thread is cancelled: it was accepted, or can be, or its other side hears that it is gone. */
static void
cancelled_by_chance(void)
{
	int listener = listen_at(NAME, 1), lost = 0;

	for (int i = 0; i < ROUNDS; i++) {
		int client = socket(AF_UNIX, SOCK_STREAM, 0);
		pthread_t thread;
		void *result;

		accepted = -1;
		EQUAL(pthread_create(&thread, NULL, accept_one, &listener), 0);
		for (int turns = i % 5; turns > 0; turns--)
			sched_yield();
		EQUAL(connect_to(client, NAME), 0);
		for (volatile int turns = i % 60 * 20; turns > 0; turns--)
			continue;
		(void)pthread_cancel(thread);		/* it may have ended */
		EQUAL(pthread_join(thread, &result), 0);
		CHECK(result == PTHREAD_CANCELED || accepted >= 0);
		if (accepted < 0 && events_of(listener, POLLIN) == POLLIN)
			accepted = accept(listener, NULL, NULL);
		if (accepted >= 0)
			EQUAL(close(accepted), 0);
		else
			lost += events_of(client, POLLIN) == 0;
		EQUAL(close(client), 0);
	}
	EQUAL(lost, 0);
	EQUAL(close(listener), 0);
	EQUAL(unlink(NAME), 0);
}

/* An alarm every 10 ms ends each wait. */
static void
interrupted(void)
{
	static char block[200000];
	struct sigaction action = {.sa_handler = note_alarm};
	struct itimerval often = {{0, 10000}, {0, 10000}}, never = {{0, 0}, {0, 0}};
	int listener = listen_at(NAME, 1), fds[2];
	ssize_t sent;

	socket_pair(fds);
	EQUAL(sigaction(SIGALRM, &action, NULL), 0);
	EQUAL(setitimer(ITIMER_REAL, &often, NULL), 0);
	FAILS(recv(fds[0], block, 1, 0), EINTR);
	FAILS(recv(fds[0], block, 1, MSG_PEEK), EINTR);
	FAILS(read(fds[0], block, 1), EINTR);
	FAILS(accept(listener, NULL, NULL), EINTR);
	EQUAL(write(fds[1], "ab", 2), 2);
	EQUAL(recv(fds[0], block, 4, MSG_WAITALL), 2);		/* what came until then */
	sent = send(fds[0], block, sizeof(block), 0);
	CHECK(sent > 0 && sent < (ssize_t)sizeof(block));
	FAILS(send(fds[0], block, 1, 0), EINTR);
	EQUAL(setitimer(ITIMER_REAL, &never, NULL), 0);
	CHECK(alarms > 0);
	for (ssize_t n; sent > 0; sent -= n) {			/* all of it, and nothing else */
		n = recv(fds[1], block, sizeof(block), MSG_DONTWAIT);
		if (n <= 0)
			break;
	}
	EQUAL(sent, 0);
	FAILS(recv(fds[1], block, 1, MSG_DONTWAIT), EAGAIN);
	close_both(fds);
	EQUAL(close(listener), 0);
	EQUAL(unlink(NAME), 0);
}

/* --- calls that fail lose nothing --- */

/* No descriptor is free, or there is no room for the address: the connection and the bytes are there for the next call. */
static void
refused_early(void)
{
	int listener = listen_at(NAME, 1), client = socket(AF_UNIX, SOCK_STREAM, 0), server;
	socklen_t wrong = (socklen_t)-1;
	struct sockaddr_un address;
	struct rlimit before, none;
	struct msghdr message = {.msg_name = &address, .msg_namelen = wrong, .msg_iov = &(struct iovec){&address, 1}, .msg_iovlen = 1};
	char text[2];

	EQUAL(fcntl(listener, F_SETFL, O_NONBLOCK), 0);
	EQUAL(connect_to(client, NAME), 0);
	EQUAL(send(client, "ab", 2, 0), 2);
	EQUAL(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = (rlim_t)client + 1;
	EQUAL(setrlimit(RLIMIT_NOFILE, &none), 0);
	FAILS(accept(listener, NULL, NULL), EMFILE);
	EQUAL(setrlimit(RLIMIT_NOFILE, &before), 0);
	FAILS(accept(listener, (struct sockaddr *)&address, &wrong), EINVAL);
	EQUAL(events_of(listener, POLLIN), POLLIN);
	server = accept(listener, NULL, NULL);
	CHECK(server >= 0);
	FAILS(recvfrom(server, text, 1, MSG_DONTWAIT, (struct sockaddr *)&address, &wrong), EINVAL);
	FAILS(recvmsg(server, &message, MSG_DONTWAIT), EINVAL);
	EQUAL(recv(server, text, 2, MSG_DONTWAIT), 2);
	FAILS(lseek(server, 0, SEEK_DATA), ESPIPE);
	FAILS(lseek(server, 0, SEEK_HOLE), ESPIPE);
	EQUAL(close(server), 0);
	EQUAL(close(client), 0);
	EQUAL(close(listener), 0);
	EQUAL(unlink(NAME), 0);
}

/* --- processes --- */

static void
inherited(void)
{
	char text[16];
	pid_t child;
	int fds[2], cut[2];

	socket_pair(fds);
	child = fork();
	if (child == 0) {
		close(fds[0]);
		send(fds[1], "child", 5, 0);
		_exit(recv(fds[1], text, 1, 0));
	}
	EQUAL(close(fds[1]), 0);
	EQUAL(recv(fds[0], text, 5, MSG_WAITALL), 5);
	EQUAL(send(fds[0], "x", 1, 0), 1);
	EQUAL(end_of(child), 1 << 8);
	EQUAL(recv(fds[0], text, 1, 0), 0);			/* it has ended */
	EQUAL(close(fds[0]), 0);
	EQUAL(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, cut), 0);
	socket_pair(fds);
	child = fork();
	if (child == 0) {
		dup2(fds[1], STDOUT_FILENO);
		close(fds[0]);
		close(fds[1]);
		close(cut[0]);
		execl("/bin/echo", "echo", "through a socket", NULL);
		_exit(127);
	}
	EQUAL(close(fds[1]), 0);
	EQUAL(close(cut[1]), 0);
	EQUAL(recv(fds[0], text, sizeof(text), MSG_WAITALL), sizeof(text));
	EQUAL(memcmp(text, "through a socket", sizeof(text)), 0);
	EQUAL(recv(cut[0], text, 1, 0), 0);			/* did not cross */
	EQUAL(end_of(child), 0);
	EQUAL(close(cut[0]), 0);
	EQUAL(close(fds[0]), 0);
}

/* Who is killed has closed all; who waits for it hears of it. */
static void
killed(void)
{
	int listener = listen_at(NAME, 2), client = socket(AF_UNIX, SOCK_STREAM, 0), fds[2];
	pid_t child;
	char text;

	socket_pair(fds);
	child = fork();
	if (child == 0) {
		close(fds[0]);
		send(fds[1], "r", 1, 0);
		for (;;)
			accept(listener, NULL, NULL);
	}
	EQUAL(close(fds[1]), 0);
	EQUAL(close(listener), 0);
	EQUAL(recv(fds[0], &text, 1, 0), 1);
	EQUAL(connect_to(client, NAME), 0);
	EQUAL(kill(child, SIGKILL), 0);
	EQUAL(recv(fds[0], &text, 1, 0), 0);
	EQUAL(recv(client, &text, 1, 0), 0);
	EQUAL(end_of(child), SIGKILL);
	EQUAL(close(client), 0);
	client = socket(AF_UNIX, SOCK_STREAM, 0);
	FAILS(connect_to(client, NAME), ECONNREFUSED);
	EQUAL(close(client), 0);
	EQUAL(close(fds[0]), 0);
	EQUAL(unlink(NAME), 0);
}

/* --- many --- */

/* So many connections, some of them never accepted, and pairs. */
static void
many(int count)
{
	int listener = listen_at(NAME, SOMAXCONN), client, server, fds[2];
	char text;

	for (int i = 0; i < count; i++) {
		client = socket(AF_UNIX, SOCK_STREAM, 0);
		EQUAL(connect_to(client, NAME), 0);
		server = accept(listener, NULL, NULL);
		EQUAL(send(client, "x", 1, 0), 1);
		EQUAL(recv(server, &text, 1, MSG_PEEK), 1);
		EQUAL(close(client), 0);
		EQUAL(close(server), 0);
		socket_pair(fds);
		EQUAL(send(fds[0], "x", 1, 0), 1);
		close_both(fds);
		if (i % 16 == 15) {
			client = socket(AF_UNIX, SOCK_STREAM, 0);
			EQUAL(connect_to(client, NAME), 0);
			EQUAL(close(listener), 0);
			EQUAL(close(client), 0);
			listener = listen_at(NAME, SOMAXCONN);
		}
	}
	EQUAL(close(listener), 0);
	EQUAL(unlink(NAME), 0);
}

int
main(int argc, char **argv)
{
	int first = dup(STDIN_FILENO);

	EQUAL(close(first), 0);
	if (argc > 1) {
		many(atoi(argv[1]));
		return check_report("socket_wait");
	}
	EQUAL(signal(SIGPIPE, SIG_IGN) == SIG_ERR, 0);
	much_at_once();
	meeting();
	shut_while_waiting();
	cancelled();
	cancelled_by_chance();
	interrupted();
	refused_early();
	inherited();
	killed();
	many(16);
	EQUAL(dup(STDIN_FILENO), first);			/* no descriptor is left over */
	return check_report("socket_wait");
}
