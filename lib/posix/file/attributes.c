/* Permissions, owners, and what may be done with a file. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fd_name.h"
#include "fs.h"
#include "io.h"
#include "posix/posix.h"

static uint32_t
follow_flag(int flags)
{
	return (flags & AT_SYMLINK_NOFOLLOW) != 0 ? IO_NOFOLLOW : 0;
}

int
fchmodat(int at, const char *path, mode_t mode, int flags)
{
	if ((flags & ~AT_SYMLINK_NOFOLLOW) != 0)
		return posix_error(EINVAL);
	return PATH_CALL(at, path, base, fs_chmod(base, path, mode & 07777, follow_flag(flags)));
}

int
chmod(const char *path, mode_t mode)
{
	return fchmodat(AT_FDCWD, path, mode, 0);
}

int
lchmod(const char *path, mode_t mode)
{
	return fchmodat(AT_FDCWD, path, mode, AT_SYMLINK_NOFOLLOW);
}

int
fchmod(int fd, mode_t mode)
{
	mach_port_t file = fd_port(fd);

	return file == MACH_PORT_NULL ? -1 : posix_result(io_chmod(file, mode & 07777));
}

int
fchownat(int at, const char *path, uid_t uid, gid_t gid, int flags)
{
	if ((flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) != 0)
		return posix_error(EINVAL);
	if (*path == '\0' && (flags & AT_EMPTY_PATH) != 0)
		return at == AT_FDCWD ? chown(".", uid, gid) : fchown(at, uid, gid);
	return PATH_CALL(at, path, base, fs_chown(base, path, uid, gid, follow_flag(flags)));
}

int
chown(const char *path, uid_t uid, gid_t gid)
{
	return fchownat(AT_FDCWD, path, uid, gid, 0);
}

int
lchown(const char *path, uid_t uid, gid_t gid)
{
	return fchownat(AT_FDCWD, path, uid, gid, AT_SYMLINK_NOFOLLOW);
}

int
fchown(int fd, uid_t uid, gid_t gid)
{
	mach_port_t file = fd_port(fd);

	return file == MACH_PORT_NULL ? -1 : posix_result(io_chown(file, uid, gid));
}

/*
 * The token of a message carries the effective identity. Root may ask for the real one, as a set-user-id program of root's does; others are told
 * about the effective one with or without AT_EACCESS.
 */
int
faccessat(int at, const char *path, int mode, int flags)
{
	uid_t uid;
	gid_t gid;
	int own = fd_name(path);

	if ((flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW)) != 0 || (mode & ~(R_OK | W_OK | X_OK)) != 0)
		return posix_error(EINVAL);
	if (own >= 0)
		return fd_name_access(own, mode);
	uid = flags & AT_EACCESS ? geteuid() : getuid();
	gid = flags & AT_EACCESS ? getegid() : getgid();
	return PATH_CALL(at, path, base, fs_access(base, path, (uint32_t)mode, follow_flag(flags), uid, gid));
}

int
access(const char *path, int mode)
{
	return faccessat(AT_FDCWD, path, mode, 0);
}
