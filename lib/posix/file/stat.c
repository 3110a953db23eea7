/* File status. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>

#include "fd_name.h"
#include "fs.h"
#include "io.h"
#include "posix/posix.h"

void
stat_from_info(struct stat *status, const struct io_stat *info)
{
	*status = (struct stat){
		.st_dev = info->dev, .st_ino = info->ino, .st_mode = info->mode, .st_nlink = info->nlink,
		.st_uid = info->uid, .st_gid = info->gid, .st_rdev = info->rdev, .st_size = info->size,
		.st_blksize = info->block_size, .st_blocks = info->blocks,
		.st_atim = { info->atime, info->atime_nsec }, .st_mtim = { info->mtime, info->mtime_nsec },
		.st_ctim = { info->ctime, info->ctime_nsec },
	};
}

static int
stat_path(int at, const char *path, uint32_t flags, struct stat *status)
{
	struct io_stat info;
	int own = fd_name(path);

	if (own >= 0)
		return fstat(own, status) == 0 ? 0 : posix_error(ENOENT);
	if (PATH_CALL(at, path, base, fs_stat(base, path, flags, &info)) < 0)
		return -1;
	stat_from_info(status, &info);
	return 0;
}

int
stat(const char *restrict path, struct stat *restrict status)
{
	return stat_path(AT_FDCWD, path, 0, status);
}

int
lstat(const char *restrict path, struct stat *restrict status)
{
	return stat_path(AT_FDCWD, path, IO_NOFOLLOW, status);
}

int
fstatat(int at, const char *restrict path, struct stat *restrict status, int flags)
{
	if ((flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) != 0)
		return posix_error(EINVAL);
	if (*path == '\0' && (flags & AT_EMPTY_PATH) != 0)
		return at == AT_FDCWD ? stat_path(at, ".", 0, status) : fstat(at, status);
	return stat_path(at, path, (flags & AT_SYMLINK_NOFOLLOW) != 0 ? IO_NOFOLLOW : 0, status);
}

int
file_info(int fd, struct io_stat *info)
{
	mach_port_t file = fd_port(fd);

	return file == MACH_PORT_NULL ? -1 : posix_result(io_stat(file, info));
}

int
fstat(int fd, struct stat *status)
{
	struct io_stat info;

	if (file_info(fd, &info) < 0)
		return -1;
	stat_from_info(status, &info);
	return 0;
}
