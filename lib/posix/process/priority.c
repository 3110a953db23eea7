/* Nice values (POSIX.1-2017 getpriority): there is one priority for processes, 0, which may be asked for and set to what is not better. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "posix/posix.h"

/* Whether there are such processes; -1 with errno. */
static int
check(int which, id_t who)
{
	switch (which) {
	case PRIO_PROCESS:
		return who == 0 || kill((pid_t)who, 0) == 0 || errno == EPERM ? 0 : -1;
	case PRIO_PGRP:
		return who == 0 || killpg((pid_t)who, 0) == 0 || errno == EPERM ? 0 : -1;
	case PRIO_USER:
		return who == 0 || who == getuid() ? 0 : posix_error(ESRCH);
	}
	return posix_error(EINVAL);
}

int
getpriority(int which, id_t who)
{
	return check(which, who);
}

int
setpriority(int which, id_t who, int value)
{
	if (check(which, who) < 0)
		return -1;
	return value < 0 && geteuid() != 0 ? posix_error(EACCES) : 0;
}

int
nice(int increment)
{
	return increment < 0 && geteuid() != 0 ? posix_error(EPERM) : 0;
}
