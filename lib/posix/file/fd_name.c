#define _GNU_SOURCE
#include "fd_name.h"

#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "posix/posix.h"

/* A decimal number without zeros before it. */
static int
number(const char *text)
{
	int value = 0;

	if (*text == '\0' || (text[0] == '0' && text[1] != '\0'))
		return -1;
	for (; *text >= '0' && *text <= '9' && value < INT_MAX / 10; text++)
		value = 10 * value + (*text - '0');
	return *text == '\0' ? value : -1;
}

int
fd_name(const char *path)
{
	static const char *const standard[] = {"stdin", "stdout", "stderr"};

	if (path == NULL || strncmp(path, "/dev/", 5) != 0)
		return -1;
	for (int fd = 0; fd < 3; fd++)
		if (strcmp(path + 5, standard[fd]) == 0)
			return fd;
	return strncmp(path + 5, "fd/", 3) == 0 ? number(path + 8) : -1;
}

int
fd_name_open(int fd, int flags)
{
	int has = fcntl(fd, F_GETFL);

	if (has < 0)
		return posix_error(ENOENT);
	if ((flags & O_CREAT) != 0 && (flags & O_EXCL) != 0)
		return posix_error(EEXIST);
	if ((has & O_ACCMODE) != O_RDWR && (has & O_ACCMODE) != (flags & O_ACCMODE))
		return posix_error(EACCES);
	return fd_dup_from(fd, 0, (flags & O_CLOEXEC) != 0 ? FD_CLOEXEC : 0);
}

int
fd_name_access(int fd, int mode)
{
	int has = fcntl(fd, F_GETFL);

	if (has < 0)
		return posix_error(ENOENT);
	if (((mode & R_OK) != 0 && (has & O_ACCMODE) == O_WRONLY) || ((mode & W_OK) != 0 && (has & O_ACCMODE) == O_RDONLY) || (mode & X_OK) != 0)
		return posix_error(EACCES);
	return 0;
}
