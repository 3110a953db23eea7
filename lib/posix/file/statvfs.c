/* File systems as a whole. */
#include <fcntl.h>
#include <limits.h>
#include <sys/statvfs.h>

#include "fs.h"
#include "io.h"
#include "posix/posix.h"

static void
from_info(struct statvfs *status, const struct io_statfs *info)
{
	*status = (struct statvfs){
		.f_bsize = info->block_size, .f_frsize = info->block_size, .f_blocks = info->blocks, .f_bfree = info->blocks_free,
		.f_bavail = info->blocks_available, .f_files = info->files, .f_ffree = info->files_free,
		.f_favail = info->files_free, .f_fsid = info->dev, .f_namemax = info->name_max,
		.f_flag = (info->flags & IO_STATFS_READ_ONLY) != 0 ? ST_RDONLY : 0,
	};
}

int
statvfs(const char *restrict path, struct statvfs *restrict status)
{
	struct io_statfs info;

	if (PATH_CALL(AT_FDCWD, path, base, fs_statfs(base, path, &info)) < 0)
		return -1;
	from_info(status, &info);
	return 0;
}

int
fstatvfs(int fd, struct statvfs *status)
{
	mach_port_t file = fd_port(fd);
	struct io_statfs info;

	if (file == MACH_PORT_NULL || posix_result(io_statfs(file, &info)) < 0)
		return -1;
	from_info(status, &info);
	return 0;
}
