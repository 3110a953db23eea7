/* Making sockets. */
#include <fcntl.h>
#include <unistd.h>

#include "mach/mach.h"
#include "sock.h"
#include "socket.h"

uint32_t
socket_file_flags(int flags)
{
	return (flags & SOCK_NONBLOCK) != 0 ? IO_O_NONBLOCK : 0;
}

int
socket_fd_flags(int flags)
{
	return (flags & SOCK_CLOEXEC) != 0 ? FD_CLOEXEC : 0;
}

/*
 * Who serves a family: its port, the process's for good. This is the only place that knows; a server of another family is asked for
 * its sockets here, and from then on through their own ports. MACH_PORT_NULL and EAFNOSUPPORT: nobody does.
 */
static mach_port_t
server_of(int family)
{
	if (family == AF_UNIX)
		return root_directory();
	errno = EAFNOSUPPORT;
	return MACH_PORT_NULL;
}

int
socket(int family, int kind, int protocol)
{
	mach_port_t server = server_of(family), port;
	int flags = kind & SOCKET_FLAGS;

	if (server == MACH_PORT_NULL)
		return -1;
	if (posix_result(sock_create(server, (uint32_t)family, (uint32_t)(kind & ~SOCKET_FLAGS), (uint32_t)protocol,
	    socket_file_flags(flags), &port)) < 0)
		return -1;
	return fd_install(port, 0, socket_fd_flags(flags));
}

int
socketpair(int family, int kind, int protocol, int fds[2])
{
	mach_port_t server = server_of(family), ports[2];
	int flags = kind & SOCKET_FLAGS, first, second;

	if (server == MACH_PORT_NULL)
		return -1;
	if (posix_result(sock_pair(server, (uint32_t)family, (uint32_t)(kind & ~SOCKET_FLAGS), (uint32_t)protocol,
	    socket_file_flags(flags), &ports[0], &ports[1])) < 0)
		return -1;
	first = fd_install(ports[0], 0, socket_fd_flags(flags));
	if (first < 0) {
		port_drop(ports[1]);
		return -1;
	}
	second = fd_install(ports[1], 0, socket_fd_flags(flags));
	if (second < 0) {
		close(first);
		return posix_error(EMFILE);
	}
	fds[0] = first;
	fds[1] = second;
	return 0;
}
