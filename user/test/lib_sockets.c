#include "sockets.h"

#include <poll.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

struct sockaddr_un
address_of(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	return address;
}

int
bind_to(int fd, const char *path)
{
	struct sockaddr_un address = address_of(path);

	return bind(fd, (struct sockaddr *)&address, sizeof(address));
}

int
connect_to(int fd, const char *path)
{
	struct sockaddr_un address = address_of(path);

	return connect(fd, (struct sockaddr *)&address, sizeof(address));
}

void
socket_pair(int fds[2])
{
	EQUAL(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
}

void
close_both(int fds[2])
{
	EQUAL(close(fds[0]), 0);
	EQUAL(close(fds[1]), 0);
}

int
events_of(int fd, short events)
{
	struct pollfd one = {.fd = fd, .events = events};

	CHECK(poll(&one, 1, 0) >= 0);
	return one.revents;
}

int
listen_at(const char *path, int backlog)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	unlink(path);
	EQUAL(bind_to(fd, path), 0);
	EQUAL(listen(fd, backlog), 0);
	return fd;
}

int
end_of(pid_t child)
{
	int status = -1;

	EQUAL(waitpid(child, &status, 0), child);
	return status;
}
