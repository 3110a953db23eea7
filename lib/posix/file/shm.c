/* Shared memory objects (POSIX.1-2017 shm_open): files in /tmp, which mappings share. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "named.h"
#include "posix/posix.h"

int
named_path(char path[PATH_MAX], const char *kind, const char *name)
{
	name += *name == '/';
	if (*name == 0 || strchr(name, '/') != NULL)
		return posix_error(EINVAL);
	if (strlen(name) > NAME_MAX - 8)
		return posix_error(ENAMETOOLONG);
	snprintf(path, PATH_MAX, "/tmp/%s.%s", kind, name);
	return 0;
}

int
shm_open(const char *name, int flags, mode_t mode)
{
	char path[PATH_MAX];

	if (named_path(path, "shm", name) < 0)
		return -1;
	return open(path, flags | O_NOFOLLOW | O_CLOEXEC, mode);
}

int
shm_unlink(const char *name)
{
	char path[PATH_MAX];

	return named_path(path, "shm", name) < 0 ? -1 : unlink(path);
}
