/* Sizes of files, and getting them to stable storage. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fs.h"
#include "io.h"
#include "posix/posix.h"
#include "size_limit.h"

int
truncate(const char *path, off_t size)
{
	if (size < 0)
		return posix_error(EINVAL);
	if (size_limit_check(size) < 0)
		return -1;
	return PATH_CALL(AT_FDCWD, path, base, fs_truncate(base, path, size));
}

int
ftruncate(int fd, off_t size)
{
	mach_port_t file = fd_port(fd);

	if (file == MACH_PORT_NULL)
		return -1;
	if (size < 0)
		return posix_error(EINVAL);
	return size_limit_check(size) < 0 ? -1 : posix_result(io_truncate(file, size));
}

int
fsync(int fd)
{
	mach_port_t file = fd_port(fd);

	return file == MACH_PORT_NULL ? -1 : posix_result(io_sync(file, 0));
}

int
fdatasync(int fd)
{
	mach_port_t file = fd_port(fd);

	return file == MACH_PORT_NULL ? -1 : posix_result(io_sync(file, 1));
}

void
sync(void)
{
	int saved = errno;

	PATH_CALL(AT_FDCWD, "/", base, fs_sync(base));
	errno = saved;
}

/* The file server knows one request, for all file systems: more than is asked. */
int
syncfs(int fd)
{
	if (fd_port(fd) == MACH_PORT_NULL)
		return -1;
	return PATH_CALL(AT_FDCWD, "/", base, fs_sync(base));
}

int
posix_fadvise(int fd, off_t offset, off_t length, int advice)
{
	struct io_stat info;
	int saved = errno, error = 0;

	if (file_info(fd, &info) < 0)
		error = errno;
	else if ((info.mode & IO_S_IFMT) == IO_S_IFIFO)
		error = ESPIPE;
	else if (offset < 0 || length < 0 || advice < POSIX_FADV_NORMAL || advice > POSIX_FADV_NOREUSE)
		error = EINVAL;
	errno = saved;
	return error;
}

/*
 * Blocks for [at, end): a block that begins with a zero may be a hole and gets that zero written, which changes nothing else. (Another
 * process that writes the very byte meanwhile may lose it.) Behind the old end there can be nothing but zeroes.
 */
static int
fill(int fd, off_t at, off_t end, off_t size, off_t block)
{
	char byte;

	for (; at < end; at += block - at % block) {
		byte = 0;
		if (at < size && pread(fd, &byte, 1, at) < 0)
			return errno;
		if (byte == 0 && pwrite(fd, &byte, 1, at) != 1)
			return errno;
	}
	return 0;
}

/* Room for the range: what is written there later does not fail for want of space. An error leaves the size as it was. */
static int
allocate(int fd, off_t offset, off_t length)
{
	struct io_stat info;
	off_t end;
	int error;

	if (file_info(fd, &info) < 0)
		return errno;
	if (offset < 0 || length <= 0)
		return EINVAL;
	if ((info.mode & IO_S_IFMT) == IO_S_IFIFO)
		return ESPIPE;
	if ((info.mode & IO_S_IFMT) != IO_S_IFREG)
		return ENODEV;
	if (__builtin_add_overflow(offset, length, &end))
		return EFBIG;
	if (end > (off_t)info.size && ftruncate(fd, end) < 0)
		return errno;
	error = fill(fd, offset, end, (off_t)info.size, (off_t)info.block_size);
	if (error != 0 && end > (off_t)info.size)
		ftruncate(fd, (off_t)info.size);
	return error;
}

int
posix_fallocate(int fd, off_t offset, off_t length)
{
	int saved = errno, error = allocate(fd, offset, length);

	errno = saved;
	return error;
}
