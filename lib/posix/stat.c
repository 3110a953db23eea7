/*
 * File status and names.
 */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fs.h"
#include "io.h"
#include "posix.h"

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
stat_path(const char *path, uint32_t flags, struct stat *status)
{
	struct io_stat info;

	if (posix_result(fs_stat(path_base(path), path, flags, &info)) < 0)
		return -1;
	stat_from_info(status, &info);
	return 0;
}

int
stat(const char *restrict path, struct stat *restrict status)
{
	return stat_path(path, 0, status);
}

int
lstat(const char *restrict path, struct stat *restrict status)
{
	return stat_path(path, IO_NOFOLLOW, status);
}

static int
descriptor_info(int fd, struct io_stat *info)
{
	mach_port_t file = fd_use(fd);
	int result;

	if (file == MACH_PORT_NULL)
		return -1;
	result = posix_result(io_stat(file, info));
	fd_done(file);
	return result;
}

int
fstat(int fd, struct stat *status)
{
	struct io_stat info;

	if (descriptor_info(fd, &info) < 0)
		return -1;
	stat_from_info(status, &info);
	return 0;
}

int
isatty(int fd)
{
	struct io_stat info;

	if (descriptor_info(fd, &info) < 0)
		return 0;
	if ((info.flags & IO_STAT_TTY) != 0)
		return 1;
	errno = ENOTTY;
	return 0;
}

ssize_t
readlink(const char *restrict path, char *restrict buffer, size_t size)
{
	char target[1024];
	size_t length;

	if (posix_result(fs_readlink(path_base(path), path, target)) < 0)
		return -1;
	length = strlen(target);
	if (length > size)
		length = size;
	memcpy(buffer, target, length);
	return length;
}

char *
getcwd(char *buffer, size_t size)
{
	char path[1024];

	if (posix_result(fs_getcwd(working_directory(), path)) < 0)
		return NULL;
	if (strlen(path) >= size) {
		errno = size == 0 ? EINVAL : ERANGE;
		return NULL;
	}
	return memcpy(buffer, path, strlen(path) + 1);
}
