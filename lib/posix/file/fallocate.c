/* Linux's name for posix_fallocate, with errno. */
#define _GNU_SOURCE
#include <fcntl.h>

#include "posix/posix.h"

int
fallocate(int fd, int mode, off_t offset, off_t length)
{
	int error = mode != 0 ? EOPNOTSUPP : posix_fallocate(fd, offset, length);

	return error == 0 ? 0 : posix_error(error);
}
