/*
 * The number of this system (POSIX.1-2017 gethostid): what the administrator has put into /etc/hostid, four bytes as they stand in memory, or
 * one that follows from the system's name.
 */
#define _XOPEN_SOURCE 700
#include <fcntl.h>
#include <stdint.h>
#include <unistd.h>

#define FNV_OFFSET	2166136261u	/* FNV-1a, 32 bits: draft-eastlake-fnv, 5 */
#define FNV_PRIME	16777619u

static uint32_t
number_of(const char *name)
{
	uint32_t hash = FNV_OFFSET;

	for (; *name != 0; name++)
		hash = (hash ^ (unsigned char)*name) * FNV_PRIME;
	return hash;
}

long
gethostid(void)
{
	int fd = open("/etc/hostid", O_RDONLY | O_CLOEXEC);
	char name[65] = "";
	int32_t id;
	ssize_t got = -1;

	if (fd >= 0) {
		got = read(fd, &id, sizeof(id));
		close(fd);
	}
	if (got == (ssize_t)sizeof(id))
		return id;
	gethostname(name, sizeof(name));
	return (int32_t)number_of(name);
}
