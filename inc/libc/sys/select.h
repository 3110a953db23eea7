/* Waiting for several descriptors (POSIX.1-2017 <sys/select.h>). */
#ifndef _SYS_SELECT_H
#define _SYS_SELECT_H

#include <bits/features.h>
#include <bits/sigset.h>
#include <bits/timespec.h>
#include <bits/timeval.h>
#include <sys/types.h>

#define FD_SETSIZE	1024

typedef struct {
	unsigned long __bits[FD_SETSIZE / 64];
} fd_set;

#ifdef _MACHR_MISC
typedef long fd_mask;
#define NFDBITS		64		/* descriptors of an fd_mask */
#endif

#define FD_SET(fd, set)		((void)((set)->__bits[(fd) / 64] |= 1ul << (fd) % 64))
#define FD_CLR(fd, set)		((void)((set)->__bits[(fd) / 64] &= ~(1ul << (fd) % 64)))
#define FD_ISSET(fd, set)	((int)((set)->__bits[(fd) / 64] >> (fd) % 64 & 1))
#define FD_ZERO(set)                                                            \
	do {                                                                    \
		for (int i_ = 0; i_ < FD_SETSIZE / 64; i_++)                    \
			(set)->__bits[i_] = 0;                                  \
	} while (0)

int select(int count, fd_set *__restrict readable, fd_set *__restrict writable, fd_set *__restrict urgent,
	struct timeval *__restrict timeout);
int pselect(int count, fd_set *__restrict readable, fd_set *__restrict writable, fd_set *__restrict urgent,
	const struct timespec *__restrict timeout, const sigset_t *__restrict mask);

#endif
