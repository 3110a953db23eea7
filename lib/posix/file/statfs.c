/* File systems as a whole, in Linux's form. */
#include <sys/statfs.h>
#include <sys/statvfs.h>

static int
from_statvfs(int result, const struct statvfs *from, struct statfs *status)
{
	if (result == 0)
		*status = (struct statfs){
			.f_bsize = (long)from->f_bsize, .f_frsize = (long)from->f_frsize, .f_blocks = from->f_blocks,
			.f_bfree = from->f_bfree, .f_bavail = from->f_bavail, .f_files = from->f_files, .f_ffree = from->f_ffree,
			.f_fsid = { { (int)from->f_fsid, (int)(from->f_fsid >> 32) } }, .f_namelen = (long)from->f_namemax,
			.f_flags = (long)from->f_flag,
		};
	return result;
}

int
statfs(const char *path, struct statfs *status)
{
	struct statvfs from;

	return from_statvfs(statvfs(path, &from), &from, status);
}

int
fstatfs(int fd, struct statfs *status)
{
	struct statvfs from;

	return from_statvfs(fstatvfs(fd, &from), &from, status);
}
