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

/* Makes room by writing a zero where the file ends. Files may have holes, so this only sets the size; ENOSPC may come later. */
static int
allocate(int fd, off_t offset, off_t length)
{
	struct io_stat info;
	off_t end;

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
	return end <= info.size || ftruncate(fd, end) == 0 ? 0 : errno;
}

int
posix_fallocate(int fd, off_t offset, off_t length)
{
	int saved = errno, error = allocate(fd, offset, length);

	errno = saved;
	return error;
}
