/* Options of sockets. */
#include <string.h>

#include "sock.h"
#include "socket.h"

int
getsockopt(int fd, int level, int option, void *restrict value, socklen_t *restrict length)
{
	mach_port_t file = fd_port(fd);
	uint8_t found[SOCK_VALUE_MAX];
	uint32_t size = sizeof(found);

	if (file == MACH_PORT_NULL || posix_result_or(sock_get_option(file, (uint32_t)level, (uint32_t)option, found, &size), ENOTSOCK) < 0)
		return -1;
	if (size < *length)
		*length = size;
	memcpy(value, found, *length);
	return 0;
}

int
setsockopt(int fd, int level, int option, const void *value, socklen_t length)
{
	mach_port_t file = fd_port(fd);

	if (file == MACH_PORT_NULL)
		return -1;
	if (length > SOCK_VALUE_MAX)
		return posix_error(EINVAL);
	return posix_result_or(sock_set_option(file, (uint32_t)level, (uint32_t)option, value, length), ENOTSOCK);
}

/* No family here has data out of band: its mark is never reached. */
int
sockatmark(int fd)
{
	socklen_t size = sizeof(int);
	int kind;

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &kind, &size) == 0)
		return 0;
	return posix_error(errno == ENOTSOCK ? ENOTTY : errno);
}
