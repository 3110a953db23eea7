/* Opening files. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdarg.h>

#include "fd_name.h"
#include "fs.h"
#include "posix/interrupt.h"
#include "posix/posix.h"

static int
open_path(int at, const char *path, int flags, mode_t mode)
{
	mach_port_t file;
	struct io_stat info;
	int own = fd_name(path), result;

	if (own >= 0)
		return fd_name_open(own, flags);
	result = PATH_CALL(at, path, base, INTERRUPTIBLE_TAKING(
	    fs_open(base, path, (uint32_t)flags & ~(uint32_t)O_CLOEXEC, mode & 07777 & ~umask_bits(), &file, &info)));

	return result < 0 ? -1 : fd_install(file, 0, (flags & O_CLOEXEC) != 0 ? FD_CLOEXEC : 0);
}

int
open(const char *path, int flags, ...)
{
	mode_t mode = 0;

	if ((flags & O_CREAT) != 0) {
		va_list arguments;

		va_start(arguments, flags);
		mode = va_arg(arguments, mode_t);
		va_end(arguments);
	}
	return open_path(AT_FDCWD, path, flags, mode);
}

int
openat(int dir, const char *path, int flags, ...)
{
	mode_t mode = 0;

	if ((flags & O_CREAT) != 0) {
		va_list arguments;

		va_start(arguments, flags);
		mode = va_arg(arguments, mode_t);
		va_end(arguments);
	}
	return open_path(dir, path, flags, mode);
}

int
creat(const char *path, mode_t mode)
{
	return open_path(AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, mode);
}
