/* The auxiliary vector: what is in it, and what a program may as well be told now. */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "mach/startup.h"

/* Whether it has, or may take back, rights that its user does not have. */
static bool
secure(void)
{
	uid_t uid, euid, suid;
	gid_t gid, egid, sgid;

	getresuid(&uid, &euid, &suid);
	getresgid(&gid, &egid, &sgid);
	return uid != euid || uid != suid || gid != egid || gid != sgid;
}

unsigned long
getauxval(unsigned long type)
{
	unsigned long value;

	switch (type) {
	case AT_UID: return getuid();
	case AT_EUID: return geteuid();
	case AT_GID: return getgid();
	case AT_EGID: return getegid();
	case AT_SECURE: return secure();
	case AT_CLKTCK: return (unsigned long)sysconf(_SC_CLK_TCK);
	}
	value = startup_auxv(type);
	if (value == 0)
		errno = ENOENT;
	return value;
}
