/* Making, linking and removing names. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fs.h"
#include "posix/posix.h"

int
mkdirat(int at, const char *path, mode_t mode)
{
	return PATH_CALL(at, path, base, fs_mkdir(base, path, mode & 01777 & ~umask_bits()));
}

int
mkdir(const char *path, mode_t mode)
{
	return mkdirat(AT_FDCWD, path, mode);
}

int
mknodat(int at, const char *path, mode_t mode, dev_t device)
{
	return PATH_CALL(at, path, base, fs_mknod(base, path, mode & ~umask_bits(), device));
}

int
mknod(const char *path, mode_t mode, dev_t device)
{
	return mknodat(AT_FDCWD, path, mode, device);
}

int
mkfifoat(int at, const char *path, mode_t mode)
{
	return mknodat(at, path, S_IFIFO | (mode & 07777), 0);
}

int
mkfifo(const char *path, mode_t mode)
{
	return mkfifoat(AT_FDCWD, path, mode);
}

int
symlinkat(const char *target, int at, const char *path)
{
	return PATH_CALL(at, path, base, fs_symlink(base, path, target));
}

int
symlink(const char *target, const char *path)
{
	return symlinkat(target, AT_FDCWD, path);
}

ssize_t
readlinkat(int at, const char *restrict path, char *restrict buffer, size_t size)
{
	char target[PATH_MAX];
	size_t length;

	if (size == 0)
		return posix_error(EINVAL);
	if (PATH_CALL(at, path, base, fs_readlink(base, path, target)) < 0)
		return -1;
	length = strlen(target);
	if (length > size)
		length = size;
	memcpy(buffer, target, length);
	return (ssize_t)length;
}

ssize_t
readlink(const char *restrict path, char *restrict buffer, size_t size)
{
	return readlinkat(AT_FDCWD, path, buffer, size);
}

/* The other directory of a call with two paths: its own base, with the same care as PATH_CALL's. */
static kern_return_t
to_directory(int at, const char *path, mach_port_t *dir)
{
	*dir = path_base(at, path);
	return *dir == MACH_PORT_NULL ? EBADF : 0;
}

static kern_return_t
link_between(mach_port_t base, const char *path, int to_at, const char *to_path, uint32_t flags)
{
	mach_port_t to;
	kern_return_t kr = to_directory(to_at, to_path, &to);

	return kr != 0 ? kr : fs_link(base, path, to, to_path, flags);
}

int
linkat(int at, const char *path, int to_at, const char *to_path, int flags)
{
	if ((flags & ~AT_SYMLINK_FOLLOW) != 0)
		return posix_error(EINVAL);
	return PATH_CALL(at, path, base, link_between(base, path, to_at, to_path, flags != 0 ? IO_FOLLOW : 0));
}

int
link(const char *path, const char *to_path)
{
	return linkat(AT_FDCWD, path, AT_FDCWD, to_path, 0);
}

static kern_return_t
rename_between(mach_port_t base, const char *path, int to_at, const char *to_path)
{
	mach_port_t to;
	kern_return_t kr = to_directory(to_at, to_path, &to);

	return kr != 0 ? kr : fs_rename(base, path, to, to_path, 0);
}

int
renameat(int at, const char *path, int to_at, const char *to_path)
{
	return PATH_CALL(at, path, base, rename_between(base, path, to_at, to_path));
}

int
rename(const char *path, const char *to_path)
{
	return renameat(AT_FDCWD, path, AT_FDCWD, to_path);
}

int
unlinkat(int at, const char *path, int flags)
{
	if ((flags & ~AT_REMOVEDIR) != 0)
		return posix_error(EINVAL);
	return PATH_CALL(at, path, base, fs_unlink(base, path, flags != 0 ? IO_REMOVEDIR : 0));
}

int
unlink(const char *path)
{
	return unlinkat(AT_FDCWD, path, 0);
}

int
rmdir(const char *path)
{
	return unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
}

/* A file or an empty directory (C11 7.21.4.1, POSIX). */
int
remove(const char *path)
{
	int saved = errno;

	if (unlink(path) == 0)
		return 0;
	if (errno != EISDIR)
		return -1;
	errno = saved;
	return rmdir(path);
}
