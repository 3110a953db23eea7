/* The side of a connection that waits for others, and how it ends. */
#define _GNU_SOURCE
#include "posix/interrupt.h"
#include "sock.h"
#include "socket.h"

int
listen(int fd, int backlog)
{
	mach_port_t file = fd_port(fd);

	return file == MACH_PORT_NULL ? -1 : posix_result_or(sock_listen(file, backlog), ENOTSOCK);
}

int
accept4(int fd, struct sockaddr *restrict address, socklen_t *restrict length, int flags)
{
	mach_port_t file = fd_port(fd), accepted;
	uint8_t name[SOCK_ADDRESS_MAX];
	uint32_t size = sizeof(name);
	int new;

	if (file == MACH_PORT_NULL)
		return -1;
	if ((flags & ~SOCKET_FLAGS) != 0)
		return posix_error(EINVAL);
	if (socket_address_check(address, length) < 0 || fd_free(0) < 0)
		return -1;
	if (posix_result_or(INTERRUPTIBLE_TAKING(sock_accept(file, socket_file_flags(flags), &accepted, name, &size)), ENOTSOCK) < 0)
		return -1;
	new = fd_install(accepted, 0, socket_fd_flags(flags));
	if (new >= 0)
		socket_address_give(name, size, address, length);
	return new;
}

int
accept(int fd, struct sockaddr *restrict address, socklen_t *restrict length)
{
	return accept4(fd, address, length, 0);
}

int
shutdown(int fd, int how)
{
	mach_port_t file = fd_port(fd);

	return file == MACH_PORT_NULL ? -1 : posix_result_or(sock_shutdown(file, (uint32_t)how), ENOTSOCK);
}
