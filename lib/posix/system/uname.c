/*
 * What the system is called: from the kernel, and from /etc/hostname.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <mach/host_info.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "mach/mach.h"

#define DEFAULT_NAME "machr"

/* The first line of /etc/hostname. */
static void
read_name(char *name, size_t size)
{
	int fd = open("/etc/hostname", O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, name, size - 1);

	if (fd >= 0)
		close(fd);
	name[got > 0 ? got : 0] = '\0';
	name[strcspn(name, " \t\r\n")] = '\0';
	if (name[0] == '\0')
		snprintf(name, size, DEFAULT_NAME);
}

int
gethostname(char *name, size_t size)
{
	char whole[65];

	read_name(whole, sizeof(whole));
	if (strlen(whole) >= size) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(name, whole);
	return 0;
}

static int
write_all(int fd, const char *text, size_t length)
{
	ssize_t written = write(fd, text, length);

	if (written >= 0 && (size_t)written < length)
		errno = ENOSPC;
	return written == (ssize_t)length ? 0 : -1;
}

/* The old name stands until the new one is there. */
static int
change_name(const char *line, size_t length)
{
	static const char fresh[] = "/etc/.hostname.new";
	int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), result;

	if (fd < 0)
		return -1;
	result = write_all(fd, line, length);
	close(fd);
	if (result == 0)
		result = rename(fresh, "/etc/hostname");
	if (result < 0)
		unlink(fresh);
	return result;
}

int
sethostname(const char *name, size_t length)
{
	char line[HOST_NAME_MAX + 2];

	errno = geteuid() != 0 ? EPERM : EINVAL;
	if (geteuid() != 0 || length == 0 || length > HOST_NAME_MAX)
		return -1;
	memcpy(line, name, length);
	line[length] = '\0';
	if (strcspn(line, " \t\r\n") < length)
		return -1;
	line[length] = '\n';
	return change_name(line, length + 1);
}

int
getdomainname(char *name, size_t size)
{
	if (size == 0) {
		errno = EINVAL;
		return -1;
	}
	name[0] = '\0';
	return 0;
}

int
uname(struct utsname *name)
{
	struct host_info info;

	if (host_info(&info) != KERN_SUCCESS) {
		errno = EIO;
		return -1;
	}
	memset(name, 0, sizeof(*name));
	strcpy(name->sysname, "MACH_R");
	read_name(name->nodename, sizeof(name->nodename));
	snprintf(name->release, sizeof(name->release), "%.*s", (int)sizeof(info.version), info.version);
	snprintf(name->version, sizeof(name->version), "MACH_R %.*s", (int)sizeof(info.version), info.version);
	snprintf(name->machine, sizeof(name->machine), "%.*s", (int)sizeof(info.machine), info.machine);
	return 0;
}
