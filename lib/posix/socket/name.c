/* Addresses of sockets. One of AF_UNIX is a path: it goes to the socket's server with the directory that it begins at. */
#include <stddef.h>
#include <string.h>
#include <sys/un.h>

#include "posix/interrupt.h"
#include "sock.h"
#include "socket.h"

#define NAME_MODE	0777u		/* of a socket's file, without the umask's bits */

int
socket_address_check(const struct sockaddr *address, const socklen_t *length)
{
	return address != NULL && *length > INT32_MAX ? posix_error(EINVAL) : 0;
}

void
socket_address_give(const uint8_t *from, uint32_t size, struct sockaddr *address, socklen_t *length)
{
	if (address == NULL)
		return;
	memcpy(address, from, size < *length ? size : *length);
	*length = size;
}

static int
check_length(socklen_t length)
{
	return length < sizeof(sa_family_t) || length > SOCK_ADDRESS_MAX ? posix_error(EINVAL) : 0;
}

/* The directory that the path of an address begins at; other families get none. */
static mach_port_t
base_of(const struct sockaddr *address, socklen_t length)
{
	bool absolute = length > offsetof(struct sockaddr_un, sun_path) && address->sa_data[0] == '/';

	return address->sa_family != AF_UNIX ? MACH_PORT_NULL : absolute ? root_directory() : working_directory();
}

/* The result of `request`, which takes `base` along. */
#define NAME_CALL(address, length, base, request) \
	posix_result_or(BASE_CALL(base, base_of(address, length), MACH_SEND_INVALID_RIGHT, request), ENOTSOCK)

int
bind(int fd, const struct sockaddr *address, socklen_t length)
{
	mach_port_t file = fd_port(fd);

	if (file == MACH_PORT_NULL || check_length(length) < 0)
		return -1;
	return NAME_CALL(address, length, base, sock_bind(file, base, NAME_MODE & ~umask_bits(), (const void *)address, length));
}

int
connect(int fd, const struct sockaddr *address, socklen_t length)
{
	mach_port_t file = fd_port(fd);

	if (file == MACH_PORT_NULL || check_length(length) < 0)
		return -1;
	return NAME_CALL(address, length, base, INTERRUPTIBLE(sock_connect(file, base, (const void *)address, length)));
}

static int
get_name(int fd, uint32_t which, struct sockaddr *address, socklen_t *length)
{
	mach_port_t file = fd_port(fd);
	uint8_t name[SOCK_ADDRESS_MAX];
	uint32_t size = sizeof(name);

	if (file == MACH_PORT_NULL || socket_address_check(address, length) < 0)
		return -1;
	if (posix_result_or(sock_name(file, which, name, &size), ENOTSOCK) < 0)
		return -1;
	socket_address_give(name, size, address, length);
	return 0;
}

int
getsockname(int fd, struct sockaddr *restrict address, socklen_t *restrict length)
{
	return get_name(fd, SOCK_NAME_OWN, address, length);
}

int
getpeername(int fd, struct sockaddr *restrict address, socklen_t *restrict length)
{
	return get_name(fd, SOCK_NAME_PEER, address, length);
}
