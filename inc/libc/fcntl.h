/*
 * Opening files and controlling descriptors (POSIX.1-2017 <fcntl.h>). The flags of open are those of the io protocol, inc/proto/types.h;
 * the other numbers are Linux's.
 */
#ifndef _FCNTL_H
#define _FCNTL_H

#include <bits/features.h>
#include <sys/types.h>
#include <sys/stat.h>

#define O_RDONLY	0x0000
#define O_WRONLY	0x0001
#define O_RDWR		0x0002
#define O_SEARCH	0x0003
#define O_EXEC		0x0003
#define O_ACCMODE	0x0003
#define O_CREAT		0x0040
#define O_EXCL		0x0080
#define O_NOCTTY	0x0100
#define O_TRUNC		0x0200
#define O_APPEND	0x0400
#define O_NONBLOCK	0x0800
#define O_NDELAY	O_NONBLOCK
#define O_DSYNC		0x1000
#define O_SYNC		0x101000
#define O_RSYNC		O_SYNC
#define O_DIRECTORY	0x10000
#define O_NOFOLLOW	0x20000
#define O_CLOEXEC	0x80000
#define O_TTY_INIT	0
#ifdef _MACHR_MISC
#define O_FSYNC		O_SYNC
#define FAPPEND		O_APPEND
#define FNONBLOCK	O_NONBLOCK
#define FNDELAY		O_NONBLOCK
#define FFSYNC		O_SYNC
#endif

#define F_DUPFD		0
#define F_GETFD		1
#define F_SETFD		2
#define F_GETFL		3
#define F_SETFL		4
#define F_GETLK		5
#define F_SETLK		6
#define F_SETLKW	7
#define F_SETOWN	8
#define F_GETOWN	9
#define F_DUPFD_CLOEXEC	1030

#define FD_CLOEXEC	1

#define F_RDLCK		0
#define F_WRLCK		1
#define F_UNLCK		2

#ifndef SEEK_SET
#define SEEK_SET	0
#define SEEK_CUR	1
#define SEEK_END	2
#endif

struct flock {
	short l_type;			/* F_RDLCK, F_WRLCK, F_UNLCK */
	short l_whence;
	off_t l_start;			/* bytes */
	off_t l_len;			/* 0: to the end, however far it grows */
	pid_t l_pid;			/* F_GETLK: who holds it */
};

#define AT_FDCWD		(-100)
#define AT_SYMLINK_NOFOLLOW	0x100
#define AT_REMOVEDIR		0x200
#define AT_EACCESS		0x200
#define AT_SYMLINK_FOLLOW	0x400
#ifdef _MACHR_GNU
#define AT_EMPTY_PATH		0x1000	/* fstatat, fchownat: an empty path is the file of the descriptor */
#endif

#define POSIX_FADV_NORMAL	0
#define POSIX_FADV_RANDOM	1
#define POSIX_FADV_SEQUENTIAL	2
#define POSIX_FADV_WILLNEED	3
#define POSIX_FADV_DONTNEED	4
#define POSIX_FADV_NOREUSE	5

int open(const char *path, int flags, ...);
int openat(int dir, const char *path, int flags, ...);
int creat(const char *path, mode_t mode);
int fcntl(int fd, int command, ...);
int posix_fadvise(int fd, off_t offset, off_t length, int advice);
int posix_fallocate(int fd, off_t offset, off_t length);
#ifdef _MACHR_GNU
int fallocate(int fd, int mode, off_t offset, off_t length);	/* EOPNOTSUPP: modes other than 0 */
#endif

/* The names of large files; all files are. */
#ifdef _MACHR_LARGE
#define O_LARGEFILE		0
#define F_GETLK64		F_GETLK
#define F_SETLK64		F_SETLK
#define F_SETLKW64		F_SETLKW
#define flock64			flock
#define open64			open
#define openat64		openat
#define creat64			creat
#define fcntl64			fcntl
#define posix_fadvise64		posix_fadvise
#define posix_fallocate64	posix_fallocate
#define fallocate64		fallocate
#endif

#endif
