/* Several buffers in one operation (POSIX.1-2017 <sys/uio.h>). */
#ifndef _SYS_UIO_H
#define _SYS_UIO_H

#include <bits/features.h>
#include <sys/types.h>

struct iovec {
	void *iov_base;
	size_t iov_len;			/* bytes */
};

/* At most IOV_MAX (<limits.h>) pieces. */
ssize_t readv(int fd, const struct iovec *pieces, int count);
ssize_t writev(int fd, const struct iovec *pieces, int count);
#ifdef _MACHR_MISC
ssize_t preadv(int fd, const struct iovec *pieces, int count, off_t offset);
ssize_t pwritev(int fd, const struct iovec *pieces, int count, off_t offset);
#endif

/* The names of large files; all files are. */
#ifdef _MACHR_LARGE
#define preadv64	preadv
#define pwritev64	pwritev
#endif

#endif
