/* Files without names (Linux): a file of /tmp, as shm_open's, whose name is gone at once. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "posix/posix.h"

#define NAME_MOST	249

int
memfd_create(const char *name, unsigned flags)
{
	char path[] = "/tmp/memfd.XXXXXX";
	int fd;

	if ((flags & ~MFD_CLOEXEC) != 0 || strlen(name) > NAME_MOST)
		return posix_error(EINVAL);
	fd = mkostemp(path, (flags & MFD_CLOEXEC) != 0 ? O_CLOEXEC : 0);
	if (fd >= 0)
		unlink(path);
	return fd;
}
