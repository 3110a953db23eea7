/*
 * Local sockets against POSIX.1-2017: pairs, names, connections, flags, options, ends, errors. Those that wait: posix_socket_wait.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "check.h"
#include "sockets.h"

#define NAME	"/tmp/posix_socket"

static volatile sig_atomic_t pipes_broken;

static void
note_broken(int signal)
{
	(void)signal;
	pipes_broken++;
}

/* --- errors --- */

/* What every call says to a descriptor that is not a socket's. */
static void
all_fail(int fd, int error)
{
	struct sockaddr_un address = address_of(NAME);
	struct sockaddr *any = (struct sockaddr *)&address;
	socklen_t size = sizeof(address);
	char text[4] = "";
	struct iovec piece = {text, sizeof(text)};
	struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
	int value = 0;
	socklen_t length = sizeof(value);

	FAILS(bind(fd, any, size), error);
	FAILS(connect(fd, any, size), error);
	FAILS(listen(fd, 1), error);
	FAILS(accept(fd, NULL, NULL), error);
	FAILS(accept4(fd, NULL, NULL, SOCK_CLOEXEC), error);
	FAILS(shutdown(fd, SHUT_WR), error);
	FAILS(getsockname(fd, any, &size), error);
	FAILS(getpeername(fd, any, &size), error);
	FAILS(getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, &length), error);
	FAILS(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &value, length), error);
	FAILS(send(fd, text, 1, MSG_NOSIGNAL), error);
	FAILS(sendto(fd, text, 1, 0, any, sizeof(address)), error);
	FAILS(sendmsg(fd, &message, 0), error);
	FAILS(recv(fd, text, 1, MSG_DONTWAIT), error);
	FAILS(recvfrom(fd, text, 1, 0, any, &size), error);
	FAILS(recvmsg(fd, &message, 0), error);
	FAILS(sockatmark(fd), error == ENOTSOCK ? ENOTTY : error);
}

static void
not_sockets(void)
{
	int ends[2], file = open("/dev/null", O_RDWR), master = posix_openpt(O_RDWR | O_NOCTTY);

	all_fail(-1, EBADF);
	all_fail(999, EBADF);
	EQUAL(pipe(ends), 0);
	all_fail(ends[0], ENOTSOCK);
	all_fail(ends[1], ENOTSOCK);
	all_fail(file, ENOTSOCK);
	all_fail(master, ENOTSOCK);
	close_both(ends);
	EQUAL(close(file), 0);
	EQUAL(close(master), 0);
	FAILS(access(NAME, F_OK), ENOENT);
}

static void
no_such_kinds(void)
{
	int fds[2] = {-7, -7};

	FAILS(socket(AF_INET, SOCK_STREAM, 0), EAFNOSUPPORT);
	FAILS(socket(AF_INET6, SOCK_DGRAM, 0), EAFNOSUPPORT);
	FAILS(socket(AF_UNSPEC, SOCK_STREAM, 0), EAFNOSUPPORT);
	FAILS(socket(12345, SOCK_STREAM, 0), EAFNOSUPPORT);
	FAILS(socket(AF_UNIX, SOCK_DGRAM, 0), EPROTOTYPE);
	FAILS(socket(AF_UNIX, SOCK_SEQPACKET, 0), EPROTOTYPE);
	FAILS(socket(AF_UNIX, 77, 0), EPROTOTYPE);
	FAILS(socket(AF_UNIX, SOCK_STREAM, IPPROTO_TCP), EPROTONOSUPPORT);
	FAILS(socketpair(AF_INET, SOCK_STREAM, 0, fds), EAFNOSUPPORT);
	FAILS(socketpair(AF_UNIX, SOCK_DGRAM, 0, fds), EPROTOTYPE);
	FAILS(socketpair(AF_UNIX, SOCK_STREAM, 1, fds), EPROTONOSUPPORT);
	CHECK(fds[0] == -7 && fds[1] == -7);
}

/* --- pairs --- */

static void
both_ways(void)
{
	struct stat status, other;
	struct sockaddr_un address;
	socklen_t length = sizeof(address);
	char text[16];
	int fds[2], available = -1;

	socket_pair(fds);
	EQUAL(fcntl(fds[0], F_GETFD), 0);
	EQUAL(fcntl(fds[0], F_GETFL), O_RDWR);
	EQUAL(fstat(fds[0], &status), 0);
	EQUAL(fstat(fds[1], &other), 0);
	CHECK(S_ISSOCK(status.st_mode) && S_ISSOCK(other.st_mode) && status.st_dev == other.st_dev && status.st_ino != other.st_ino);
	EQUAL(write(fds[0], "hello", 5), 5);
	EQUAL(write(fds[1], "back", 4), 4);
	EQUAL(ioctl(fds[1], FIONREAD, &available), 0);
	EQUAL(available, 5);
	EQUAL(read(fds[1], text, 2), 2);
	EQUAL(recv(fds[1], text + 2, 10, 0), 3);
	EQUAL(memcmp(text, "hello", 5), 0);
	EQUAL(read(fds[0], text, sizeof(text)), 4);
	EQUAL(memcmp(text, "back", 4), 0);
	FAILS(lseek(fds[0], 0, SEEK_CUR), ESPIPE);
	FAILS(pread(fds[0], text, 1, 0), ESPIPE);
	FAILS(ftruncate(fds[0], 0), EINVAL);
	EQUAL(getpeername(fds[0], (struct sockaddr *)&address, &length), 0);
	CHECK(address.sun_family == AF_UNIX && length == offsetof(struct sockaddr_un, sun_path));
	FAILS(bind_to(fds[0], NAME), EINVAL);
	FAILS(listen(fds[0], 1), EINVAL);
	FAILS(accept(fds[0], NULL, NULL), EINVAL);
	EQUAL(sockatmark(fds[0]), 0);
	close_both(fds);
	EQUAL(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds), 0);
	EQUAL(fcntl(fds[1], F_GETFD), FD_CLOEXEC);
	EQUAL(fcntl(fds[1], F_GETFL), O_RDWR | O_NONBLOCK);
	close_both(fds);
}

static void
ends(void)
{
	char text[8];
	int fds[2], copy;

	socket_pair(fds);
	copy = dup(fds[0]);
	EQUAL(send(fds[0], "last", 4, 0), 4);
	EQUAL(close(fds[0]), 0);
	EQUAL(write(copy, "er", 2), 2);			/* the other descriptor is as good */
	EQUAL(close(copy), 0);
	EQUAL(recv(fds[1], text, sizeof(text), 0), 6);
	EQUAL(recv(fds[1], text, sizeof(text), 0), 0);
	EQUAL(read(fds[1], text, sizeof(text)), 0);
	pipes_broken = 0;
	FAILS(send(fds[1], "x", 1, MSG_NOSIGNAL), EPIPE);
	EQUAL(pipes_broken, 0);
	FAILS(send(fds[1], "x", 1, 0), EPIPE);
	EQUAL(pipes_broken, 1);
	FAILS(write(fds[1], "x", 1), EPIPE);
	EQUAL(pipes_broken, 2);
	EQUAL(events_of(fds[1], POLLIN | POLLOUT), POLLIN | POLLOUT | POLLHUP);
	EQUAL(close(fds[1]), 0);
}

static void
shutting_down(void)
{
	char text[8];
	int fds[2];

	socket_pair(fds);
	FAILS(shutdown(fds[0], 3), EINVAL);
	FAILS(shutdown(fds[0], -1), EINVAL);
	EQUAL(send(fds[0], "abc", 3, 0), 3);
	EQUAL(shutdown(fds[0], SHUT_WR), 0);
	FAILS(send(fds[0], "x", 1, MSG_NOSIGNAL), EPIPE);
	EQUAL(recv(fds[1], text, sizeof(text), 0), 3);
	EQUAL(recv(fds[1], text, sizeof(text), 0), 0);
	EQUAL(events_of(fds[1], POLLIN | POLLOUT), POLLIN | POLLOUT);
	EQUAL(send(fds[1], "still", 5, 0), 5);		/* the other direction lives */
	EQUAL(recv(fds[0], text, sizeof(text), 0), 5);
	EQUAL(events_of(fds[0], POLLIN), 0);
	EQUAL(shutdown(fds[0], SHUT_RD), 0);
	EQUAL(recv(fds[0], text, sizeof(text), 0), 0);
	FAILS(send(fds[1], "x", 1, MSG_NOSIGNAL), EPIPE);
	EQUAL(shutdown(fds[0], SHUT_RDWR), 0);
	close_both(fds);
	socket_pair(fds);
	EQUAL(send(fds[1], "unread", 6, 0), 6);
	EQUAL(shutdown(fds[0], SHUT_RDWR), 0);
	EQUAL(recv(fds[0], text, sizeof(text), 0), 0);
	EQUAL(recv(fds[1], text, sizeof(text), 0), 0);
	EQUAL(events_of(fds[0], 0), POLLHUP);
	EQUAL(events_of(fds[1], 0), POLLHUP);
	close_both(fds);
}

static void
flags(void)
{
	char text[8] = "";
	int fds[2];

	socket_pair(fds);
	FAILS(recv(fds[0], text, 1, MSG_DONTWAIT), EAGAIN);
	FAILS(recv(fds[0], text, 1, MSG_DONTWAIT | MSG_PEEK), EAGAIN);
	FAILS(recv(fds[0], text, 1, MSG_OOB), EOPNOTSUPP);
	FAILS(send(fds[0], text, 1, MSG_OOB), EOPNOTSUPP);
	EQUAL(send(fds[1], "abcd", 4, MSG_DONTWAIT), 4);
	EQUAL(recv(fds[0], text, 2, MSG_PEEK), 2);
	EQUAL(recv(fds[0], text, 8, MSG_PEEK), 4);
	EQUAL(memcmp(text, "abcd", 4), 0);
	EQUAL(recv(fds[0], text, 3, 0), 3);
	EQUAL(recv(fds[0], text, 8, MSG_DONTWAIT), 1);
	EQUAL(text[0], 'd');
	EQUAL(send(fds[1], text, 0, 0), 0);
	EQUAL(recv(fds[0], text, 0, 0), 0);
	EQUAL(sendto(fds[1], "to", 2, 0, (struct sockaddr *)text, 2), 2);	/* the address is of no account */
	EQUAL(recvfrom(fds[0], text, 8, 0, NULL, NULL), 2);
	close_both(fds);
}

static void
not_waiting(void)
{
	static char block[70000];
	ssize_t n, sent = 0, got = 0;
	int fds[2];

	EQUAL(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	FAILS(recv(fds[0], block, 1, 0), EAGAIN);
	FAILS(read(fds[0], block, 20000), EAGAIN);
	EQUAL(events_of(fds[0], POLLIN | POLLOUT), POLLOUT);
	while ((n = send(fds[0], block, sizeof(block), 0)) > 0)
		sent += n;
	FAILS(n, EAGAIN);
	CHECK(sent > 0);
	EQUAL(events_of(fds[0], POLLIN | POLLOUT), 0);
	EQUAL(events_of(fds[1], POLLIN | POLLOUT), POLLIN | POLLOUT);
	EQUAL(fcntl(fds[0], F_SETFL, 0), 0);
	FAILS(send(fds[0], block, 1, MSG_DONTWAIT), EAGAIN);
	while ((n = recv(fds[1], block, sizeof(block), 0)) > 0)
		got += n;
	FAILS(n, EAGAIN);
	EQUAL(got, sent);
	close_both(fds);
}

static void
messages(void)
{
	char a[4] = "abc", b[8] = "defgh", text[4], rest[8] = "";
	union {
		struct cmsghdr first;
		char room[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(2)];
	} control = {.first = {CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS}};
	struct iovec out[2] = {{a, 3}, {b, 5}}, in[2] = {{text, sizeof(text)}, {rest, sizeof(rest)}};
	struct msghdr message = {.msg_iov = out, .msg_iovlen = 2};
	struct cmsghdr *second;
	int fds[2];

	socket_pair(fds);
	EQUAL(sendmsg(fds[0], &message, 0), 8);
	message = (struct msghdr){.msg_iov = in, .msg_iovlen = 2, .msg_control = &control, .msg_controllen = sizeof(control), .msg_flags = -1};
	EQUAL(recvmsg(fds[1], &message, 0), 8);
	CHECK(memcmp(text, "abcd", 4) == 0 && memcmp(rest, "efgh", 4) == 0);
	CHECK(message.msg_controllen == 0 && message.msg_flags == 0 && CMSG_FIRSTHDR(&message) == NULL);
	message.msg_iovlen = 0;
	FAILS(sendmsg(fds[0], &message, 0), EMSGSIZE);
	FAILS(recvmsg(fds[0], &message, 0), EMSGSIZE);
	message = (struct msghdr){.msg_iov = out, .msg_iovlen = 2, .msg_control = &control, .msg_controllen = sizeof(control)};
	FAILS(sendmsg(fds[0], &message, 0), EOPNOTSUPP);
	FAILS(recv(fds[1], text, 1, MSG_DONTWAIT), EAGAIN);
	CHECK(CMSG_FIRSTHDR(&message) == &control.first && (char *)CMSG_DATA(&control.first) == control.room + CMSG_LEN(0));
	second = CMSG_NXTHDR(&message, &control.first);
	CHECK((char *)second == control.room + CMSG_SPACE(sizeof(int)));
	second->cmsg_len = CMSG_LEN(2);
	CHECK(CMSG_NXTHDR(&message, second) == NULL);
	close_both(fds);
}

/* --- options --- */

static int
option(int fd, int which)
{
	int value = -1;
	socklen_t length = sizeof(value);

	EQUAL(getsockopt(fd, SOL_SOCKET, which, &value, &length), 0);
	EQUAL(length, sizeof(value));
	return value;
}

static void
options(void)
{
	static const int switches[] = {SO_DEBUG, SO_REUSEADDR, SO_DONTROUTE, SO_BROADCAST, SO_KEEPALIVE, SO_OOBINLINE};
	struct linger linger = {1, 5}, found = {0, 0};
	socklen_t length = sizeof(found);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), on = 1, off = 0, bad = -1;
	char one = 9;

	for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]); i++) {
		EQUAL(option(fd, switches[i]), 0);
		EQUAL(setsockopt(fd, SOL_SOCKET, switches[i], &on, sizeof(on)), 0);
		CHECK(option(fd, switches[i]) != 0);
		EQUAL(setsockopt(fd, SOL_SOCKET, switches[i], &off, sizeof(off)), 0);
		EQUAL(option(fd, switches[i]), 0);
	}
	EQUAL(setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)), 0);
	EQUAL(getsockopt(fd, SOL_SOCKET, SO_LINGER, &found, &length), 0);
	CHECK(found.l_onoff != 0 && found.l_linger == 5 && length == sizeof(found));
	EQUAL(option(fd, SO_TYPE), SOCK_STREAM);
	EQUAL(option(fd, SO_DOMAIN), AF_UNIX);
	EQUAL(option(fd, SO_ERROR), 0);
	EQUAL(option(fd, SO_ACCEPTCONN), 0);
	CHECK(option(fd, SO_SNDBUF) >= 4096 && option(fd, SO_RCVBUF) >= 4096);
	CHECK(option(fd, SO_RCVLOWAT) == 1 && option(fd, SO_SNDLOWAT) > 0);
	EQUAL(setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &on, sizeof(on)), 0);
	FAILS(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bad, sizeof(bad)), EINVAL);
	FAILS(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, 1), EINVAL);
	FAILS(setsockopt(fd, SOL_SOCKET, SO_TYPE, &on, sizeof(on)), ENOPROTOOPT);
	FAILS(setsockopt(fd, SOL_SOCKET, 9999, &on, sizeof(on)), ENOPROTOOPT);
	FAILS(setsockopt(fd, IPPROTO_TCP, SO_REUSEADDR, &on, sizeof(on)), ENOPROTOOPT);
	length = sizeof(on);
	FAILS(getsockopt(fd, SOL_SOCKET, 9999, &on, &length), ENOPROTOOPT);
	length = 1;						/* what has no room is left out */
	EQUAL(getsockopt(fd, SOL_SOCKET, SO_ERROR, &one, &length), 0);
	CHECK(one == 0 && length == 1);
	EQUAL(close(fd), 0);
}

/* --- names and connections --- */

static void
is_named(int (*get)(int, struct sockaddr *, socklen_t *), int fd, const char *path)
{
	struct sockaddr_un address;
	socklen_t length = sizeof(address);

	memset(&address, '?', sizeof(address));
	EQUAL(get(fd, (struct sockaddr *)&address, &length), 0);
	EQUAL(address.sun_family, AF_UNIX);
	EQUAL(length, offsetof(struct sockaddr_un, sun_path) + (path ? strlen(path) + 1 : 0));
	CHECK(!path || strcmp(address.sun_path, path) == 0);
}

static void
names(void)
{
	struct sockaddr_un address = address_of(NAME);
	struct sockaddr_in other = {.sin_family = AF_INET};
	socklen_t short_length = 4;
	struct stat status;
	mode_t mask = umask(027);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), second = socket(AF_UNIX, SOCK_STREAM, 0);

	unlink(NAME);
	is_named(getsockname, fd, NULL);
	FAILS(getpeername(fd, (struct sockaddr *)&address, &(socklen_t){sizeof(address)}), ENOTCONN);
	FAILS(listen(fd, 5), EDESTADDRREQ);
	FAILS(bind(fd, (struct sockaddr *)&other, sizeof(other)), EAFNOSUPPORT);
	FAILS(bind(fd, (struct sockaddr *)&address, 1), EINVAL);
	FAILS(bind(fd, (struct sockaddr *)&address, 2), ENOENT);
	FAILS(bind_to(fd, "/nowhere/at/all"), ENOENT);
	FAILS(bind_to(fd, "/dev/null/x"), ENOTDIR);
	FAILS(bind_to(fd, "/tmp"), EADDRINUSE);
	EQUAL(bind(fd, (struct sockaddr *)&address, offsetof(struct sockaddr_un, sun_path) + strlen(NAME)), 0);	/* without a 0 */
	EQUAL(stat(NAME, &status), 0);
	CHECK(S_ISSOCK(status.st_mode) && (status.st_mode & 0777) == 0750);
	is_named(getsockname, fd, NAME);
	EQUAL(getsockname(fd, (struct sockaddr *)&address, &short_length), 0);	/* the true length, of what is cut short */
	EQUAL(short_length, offsetof(struct sockaddr_un, sun_path) + sizeof(NAME));
	FAILS(bind_to(fd, NAME "2"), EINVAL);
	FAILS(bind_to(second, NAME), EADDRINUSE);
	FAILS(open(NAME, O_RDWR), EOPNOTSUPP);
	FAILS(connect_to(second, NAME), ECONNREFUSED);		/* nobody listens */
	FAILS(connect_to(second, "/tmp/nobody"), ENOENT);
	FAILS(connect_to(second, "/etc/hosts"), ECONNREFUSED);
	EQUAL(close(fd), 0);
	FAILS(connect_to(second, NAME), ECONNREFUSED);		/* the name stays */
	EQUAL(close(second), 0);
	EQUAL(unlink(NAME), 0);
	umask(mask);
}

static void
connections(void)
{
	int listener = listen_at(NAME, 2), client = socket(AF_UNIX, SOCK_STREAM, 0), server, more[3];
	struct sockaddr_un address;
	socklen_t length = sizeof(address);
	char text[8];

	EQUAL(option(listener, SO_ACCEPTCONN), 1);
	EQUAL(events_of(listener, POLLIN | POLLOUT), 0);
	EQUAL(fcntl(listener, F_SETFL, O_NONBLOCK), 0);
	FAILS(accept(listener, NULL, NULL), EAGAIN);
	FAILS(recv(listener, text, 1, 0), ENOTCONN);
	FAILS(connect_to(listener, NAME), EOPNOTSUPP);
	FAILS(recv(client, text, 1, 0), ENOTCONN);
	FAILS(read(client, text, 1), ENOTCONN);
	FAILS(send(client, text, 1, MSG_NOSIGNAL), ENOTCONN);
	FAILS(shutdown(client, SHUT_WR), ENOTCONN);
	CHECK(events_of(client, POLLIN) & POLLHUP);
	EQUAL(bind_to(client, NAME ".client"), 0);
	EQUAL(connect_to(client, NAME), 0);
	FAILS(connect_to(client, NAME), EISCONN);
	is_named(getpeername, client, NAME);
	is_named(getsockname, client, NAME ".client");
	EQUAL(send(client, "early", 5, 0), 5);			/* before it is accepted */
	EQUAL(events_of(listener, POLLIN), POLLIN);
	server = accept(listener, (struct sockaddr *)&address, &length);
	CHECK(server >= 0 && strcmp(address.sun_path, NAME ".client") == 0);
	EQUAL(length, offsetof(struct sockaddr_un, sun_path) + sizeof(NAME ".client"));
	EQUAL(fcntl(server, F_GETFL), O_RDWR);
	EQUAL(fcntl(server, F_GETFD), 0);
	is_named(getsockname, server, NAME);
	is_named(getpeername, server, NAME ".client");
	EQUAL(recv(server, text, sizeof(text), 0), 5);
	EQUAL(send(server, "late", 4, 0), 4);
	EQUAL(recv(client, text, sizeof(text), 0), 4);
	EQUAL(events_of(listener, POLLIN), 0);
	for (int i = 0; i < 3; i++)
		more[i] = socket(AF_UNIX, SOCK_STREAM, 0);
	EQUAL(connect_to(more[0], NAME), 0);
	EQUAL(connect_to(more[1], NAME), 0);
	FAILS(connect_to(more[2], NAME), ECONNREFUSED);		/* the queue is full */
	EQUAL(close(server), 0);
	server = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	EQUAL(fcntl(server, F_GETFL), O_RDWR | O_NONBLOCK);
	EQUAL(fcntl(server, F_GETFD), FD_CLOEXEC);
	FAILS(accept4(listener, NULL, NULL, 1), EINVAL);
	is_named(getpeername, server, NULL);
	EQUAL(connect_to(more[2], NAME), 0);
	EQUAL(close(listener), 0);				/* takes those along who wait */
	EQUAL(recv(more[1], text, 1, 0), 0);
	EQUAL(recv(more[2], text, 1, 0), 0);
	FAILS(send(more[1], text, 1, MSG_NOSIGNAL), EPIPE);
	EQUAL(send(more[0], "x", 1, 0), 1);			/* not those who were accepted */
	EQUAL(recv(server, text, 1, 0), 1);
	for (int i = 0; i < 3; i++)
		EQUAL(close(more[i]), 0);
	EQUAL(close(server), 0);
	EQUAL(close(client), 0);
	EQUAL(unlink(NAME), 0);
	EQUAL(unlink(NAME ".client"), 0);
}

/* A name that is unlinked and made again leads to who has it now. */
static void
names_again(void)
{
	int old = listen_at(NAME, 1), new = listen_at(NAME, 1), client = socket(AF_UNIX, SOCK_STREAM, 0);

	EQUAL(connect_to(client, NAME), 0);
	EQUAL(events_of(old, POLLIN), 0);
	EQUAL(events_of(new, POLLIN), POLLIN);
	EQUAL(close(client), 0);
	EQUAL(rename(NAME, NAME ".new"), 0);
	EQUAL(chdir("/tmp"), 0);
	client = socket(AF_UNIX, SOCK_STREAM, 0);
	FAILS(connect_to(client, "posix_socket"), ENOENT);
	EQUAL(close(old), 0);
	EQUAL(close(accept(new, NULL, NULL)), 0);
	EQUAL(connect_to(client, "posix_socket.new"), 0);	/* from the working directory */
	EQUAL(chdir("/"), 0);
	EQUAL(close(client), 0);
	EQUAL(close(new), 0);
	EQUAL(unlink(NAME ".new"), 0);
}

/* To connect takes permission to write. */
static void
permission(void)
{
	int listener = listen_at(NAME, 2);
	pid_t child;

	for (int i = 0; i < 2; i++) {
		EQUAL(chmod(NAME, i == 0 ? 0755 : 0722), 0);
		child = fork();
		if (child == 0) {
			int fd = socket(AF_UNIX, SOCK_STREAM, 0);

			if (setuid(1000) < 0)
				_exit(3);
			_exit(connect_to(fd, NAME) == 0 ? 0 : errno == EACCES ? 1 : 2);
		}
		EQUAL(end_of(child), i == 0 ? 1 << 8 : 0);
	}
	EQUAL(close(listener), 0);
	EQUAL(unlink(NAME), 0);
}

int
main(void)
{
	struct sigaction action = {.sa_handler = note_broken};
	int first = dup(STDIN_FILENO);

	EQUAL(close(first), 0);
	EQUAL(sigaction(SIGPIPE, &action, NULL), 0);
	not_sockets();
	no_such_kinds();
	both_ways();
	ends();
	shutting_down();
	flags();
	not_waiting();
	messages();
	options();
	names();
	connections();
	names_again();
	permission();
	EQUAL(dup(STDIN_FILENO), first);			/* no descriptor is left over */
	return check_report("socket");
}
