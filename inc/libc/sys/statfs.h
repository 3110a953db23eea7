/* File systems as a whole, as Linux's programs ask; <sys/statvfs.h> is POSIX's way. What kind a file system is, the system does not tell. */
#ifndef _SYS_STATFS_H
#define _SYS_STATFS_H

#include <sys/types.h>

typedef struct {
	int __val[2];
} __fsid_t;

struct statfs {
	long f_type;			/* 0: unknown */
	long f_bsize, f_frsize;		/* bytes of a block */
	fsblkcnt_t f_blocks, f_bfree, f_bavail;
	fsfilcnt_t f_files, f_ffree;
	__fsid_t f_fsid;
	long f_namelen;			/* bytes */
	long f_flags;			/* ST_RDONLY, ST_NOSUID of <sys/statvfs.h> */
};

int statfs(const char *path, struct statfs *status);
int fstatfs(int fd, struct statfs *status);

/* The names of large files; all files are. */
#ifdef _MACHR_LARGE
#define statfs64	statfs
#define fstatfs64	fstatfs
#endif

#endif
