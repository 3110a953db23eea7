/* File systems as a whole (POSIX.1-2017 <sys/statvfs.h>). */
#ifndef _SYS_STATVFS_H
#define _SYS_STATVFS_H

#include <sys/types.h>

struct statvfs {
	unsigned long f_bsize, f_frsize;	/* bytes of a block */
	fsblkcnt_t f_blocks, f_bfree, f_bavail;	/* of f_frsize bytes */
	fsfilcnt_t f_files, f_ffree, f_favail;
	unsigned long f_fsid;
	unsigned long f_flag;			/* ST_RDONLY, ST_NOSUID */
	unsigned long f_namemax;		/* bytes */
};

#define ST_RDONLY	1
#define ST_NOSUID	2

int statvfs(const char *__restrict path, struct statvfs *__restrict status);
int fstatvfs(int fd, struct statvfs *status);

/* The names of large files; all files are. */
#ifdef _MACHR_LARGE
#define statvfs64	statvfs
#define fstatvfs64	fstatvfs
#endif

#endif
