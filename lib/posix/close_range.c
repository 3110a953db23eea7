/* Closing many descriptors (BSD, Linux). */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "posix/posix.h"

/* CLOSE_RANGE_UNSHARE asks for nothing more: no two processes share a table here. */
int
close_range(unsigned first, unsigned last, int flags)
{
	int saved = errno;

	if (first > last || (flags & ~(int)(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC)) != 0)
		return posix_error(EINVAL);
	for (unsigned fd = first; fd <= last && fd < FD_MAX; fd++) {
		if ((flags & CLOSE_RANGE_CLOEXEC) != 0)
			fcntl((int)fd, F_SETFD, FD_CLOEXEC);
		else
			close((int)fd);
	}
	errno = saved;
	return 0;
}

void
closefrom(int lowest)
{
	close_range(lowest < 0 ? 0 : (unsigned)lowest, FD_MAX, 0);
}
