/*
 * What the system is called: from the kernel, and from /etc/hostname.
 */
#include <errno.h>
#include <fcntl.h>
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
