/*
 * fcntl. Flags of the descriptor stand in the table, those of the open file (shared by all who hold its port) at its server.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdarg.h>

#include "io.h"
#include "posix.h"

static int
get_status_flags(int fd)
{
	mach_port_t file = fd_port(fd);
	uint32_t flags;

	if (file == MACH_PORT_NULL || posix_result(io_get_flags(file, &flags)) < 0)
		return -1;
	return (int)flags;
}

static int
set_status_flags(int fd, int flags)
{
	mach_port_t file = fd_port(fd);

	return file == MACH_PORT_NULL ? -1 : posix_result(io_set_flags(file, (uint32_t)flags & (O_APPEND | O_NONBLOCK | O_SYNC)));
}

int
fcntl(int fd, int command, ...)
{
	va_list arguments;
	long argument;

	va_start(arguments, command);
	argument = va_arg(arguments, long);
	va_end(arguments);
	switch (command) {
	case F_DUPFD: return fd_dup_from(fd, (int)argument, 0);
	case F_DUPFD_CLOEXEC: return fd_dup_from(fd, (int)argument, FD_CLOEXEC);
	case F_GETFD: return fd_flags(fd);
	case F_SETFD: return fd_set_flags(fd, (int)argument);
	case F_GETFL: return get_status_flags(fd);
	case F_SETFL: return set_status_flags(fd, (int)argument);
	case F_GETLK: case F_SETLK: case F_SETLKW: return lock_control(fd, command, (struct flock *)argument);
	default: return fd_port(fd) == MACH_PORT_NULL ? -1 : posix_error(EINVAL);
	}
}
