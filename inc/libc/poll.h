/* Waiting for several descriptors (POSIX.1-2017 <poll.h>). The events are those of the io protocol, inc/proto/types.h. */
#ifndef _POLL_H
#define _POLL_H

#include <bits/features.h>
#ifdef _MACHR_GNU
#include <bits/timespec.h>
#include <signal.h>
#endif

#define POLLIN		0x001
#define POLLPRI		0x002
#define POLLOUT		0x004
#define POLLERR		0x008
#define POLLHUP		0x010
#define POLLNVAL	0x020
#define POLLRDNORM	0x040
#define POLLRDBAND	0x080
#define POLLWRNORM	0x100
#define POLLWRBAND	0x200

typedef unsigned long nfds_t;

struct pollfd {
	int fd;				/* negative: not looked at */
	short events, revents;
};

/* timeout: milliseconds; negative: for ever */
int poll(struct pollfd *fds, nfds_t count, int timeout);

#ifdef _MACHR_GNU
/* With another signal mask meanwhile; timeout NULL: for ever. */
int ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout, const sigset_t *mask);
#endif

#endif
