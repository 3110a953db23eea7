/* File status (POSIX.1-2017 <sys/stat.h>). Types and bits have their traditional octal values, as on disk. */
#ifndef _SYS_STAT_H
#define _SYS_STAT_H

#include <bits/features.h>
#include <sys/types.h>
#include <bits/timespec.h>

struct stat {
	dev_t st_dev;
	ino_t st_ino;
	mode_t st_mode;
	nlink_t st_nlink;
	uid_t st_uid;
	gid_t st_gid;
	dev_t st_rdev;
	off_t st_size;			/* bytes */
	blksize_t st_blksize;		/* bytes, preferred transfer size */
	blkcnt_t st_blocks;		/* of 512 bytes */
	struct timespec st_atim, st_mtim, st_ctim;
};

#define st_atime st_atim.tv_sec
#define st_mtime st_mtim.tv_sec
#define st_ctime st_ctim.tv_sec

#define S_IFMT		0170000
#define S_IFSOCK	0140000
#define S_IFLNK		0120000
#define S_IFREG		0100000
#define S_IFBLK		0060000
#define S_IFDIR		0040000
#define S_IFCHR		0020000
#define S_IFIFO		0010000

#define S_ISUID		04000
#define S_ISGID		02000
#define S_ISVTX		01000
#define S_IRWXU		00700
#define S_IRUSR		00400
#define S_IWUSR		00200
#define S_IXUSR		00100
#define S_IRWXG		00070
#define S_IRGRP		00040
#define S_IWGRP		00020
#define S_IXGRP		00010
#define S_IRWXO		00007
#define S_IROTH		00004
#define S_IWOTH		00002
#define S_IXOTH		00001

#ifdef _MACHR_MISC
#define DEFFILEMODE	0666
#define S_BLKSIZE	512		/* of st_blocks */
#endif
#define S_IREAD		S_IRUSR
#define S_IWRITE	S_IWUSR
#define S_IEXEC		S_IXUSR
#define ALLPERMS	07777
#define ACCESSPERMS	0777

#define S_ISREG(m)	(((m) & S_IFMT) == S_IFREG)
#define S_ISDIR(m)	(((m) & S_IFMT) == S_IFDIR)
#define S_ISCHR(m)	(((m) & S_IFMT) == S_IFCHR)
#define S_ISBLK(m)	(((m) & S_IFMT) == S_IFBLK)
#define S_ISFIFO(m)	(((m) & S_IFMT) == S_IFIFO)
#define S_ISLNK(m)	(((m) & S_IFMT) == S_IFLNK)
#define S_ISSOCK(m)	(((m) & S_IFMT) == S_IFSOCK)

/* Of a struct stat: queues, semaphores and shared memory have no type of file of their own. */
#define S_TYPEISMQ(s)	((void)(s)->st_mode, 0)
#define S_TYPEISSEM(s)	((void)(s)->st_mode, 0)
#define S_TYPEISSHM(s)	((void)(s)->st_mode, 0)

/* tv_nsec of utimensat, futimens */
#define UTIME_NOW	0x3fffffff
#define UTIME_OMIT	0x3ffffffe

int stat(const char *__restrict path, struct stat *__restrict status);
int lstat(const char *__restrict path, struct stat *__restrict status);
int fstat(int fd, struct stat *status);
int fstatat(int dir, const char *__restrict path, struct stat *__restrict status, int flags);
int chmod(const char *path, mode_t mode);
int fchmod(int fd, mode_t mode);
int fchmodat(int dir, const char *path, mode_t mode, int flags);
mode_t umask(mode_t bits);
#ifdef _MACHR_MISC
int lchmod(const char *path, mode_t mode);	/* EOPNOTSUPP: a symbolic link has no mode of its own */
#endif
int mkdir(const char *path, mode_t mode);
int mkdirat(int dir, const char *path, mode_t mode);
int mkfifo(const char *path, mode_t mode);
int mkfifoat(int dir, const char *path, mode_t mode);
#ifdef _MACHR_XSI
int mknod(const char *path, mode_t mode, dev_t device);
int mknodat(int dir, const char *path, mode_t mode, dev_t device);
#endif
int utimensat(int dir, const char *path, const struct timespec times[2], int flags);
int futimens(int fd, const struct timespec times[2]);

/* The names of large files; all files are. */
#ifdef _MACHR_LARGE
#define stat64		stat
#define lstat64		lstat
#define fstat64		fstat
#define fstatat64	fstatat
#endif

#endif
