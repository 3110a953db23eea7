/* Terminals. */
#define _GNU_SOURCE
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "posix.h"

int
isatty(int fd)
{
	struct io_stat info;

	if (file_info(fd, &info) < 0)
		return 0;
	if ((info.flags & IO_STAT_TTY) != 0)
		return 1;
	errno = ENOTTY;
	return 0;
}

/* A terminal knows its device number; its name is the one that has the same in a folder of devices. */
static int
find_name_in(const char *folder, uint64_t device, char *name, size_t size)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	struct stat status;
	int error = ENODEV;

	if (dir == NULL)
		return errno;
	while (error == ENODEV && (entry = readdir(dir)) != NULL)
		if (fstatat(dirfd(dir), entry->d_name, &status, 0) == 0 && S_ISCHR(status.st_mode) && status.st_rdev == device)
			error = (size_t)snprintf(name, size, "%s/%s", folder, entry->d_name) < size ? 0 : ERANGE;
	closedir(dir);
	return error;
}

static int
find_name(uint64_t device, char *name, size_t size)
{
	int error = find_name_in("/dev", device, name, size);

	return error == ENODEV ? find_name_in("/dev/pts", device, name, size) : error;
}

int
ttyname_r(int fd, char *name, size_t size)
{
	struct io_stat info;
	int saved = errno, error;

	if (file_info(fd, &info) < 0)
		error = errno;
	else
		error = (info.flags & IO_STAT_TTY) == 0 ? ENOTTY : find_name(info.rdev, name, size);
	errno = saved;
	return error;
}

char *
ttyname(int fd)
{
	static char name[64];
	int error = ttyname_r(fd, name, sizeof(name));

	if (error == 0)
		return name;
	errno = error;
	return NULL;
}

char *
ctermid(char *name)
{
	static char own[L_ctermid];

	return strcpy(name != NULL ? name : own, "/dev/tty");
}
