/* Nice values (POSIX.1-2017 getpriority, nice); proc keeps them and gives them their effect (user/proc/nice.c). */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/resource.h>
#include <unistd.h>

#include "posix/posix.h"
#include "posix/signal/signals.h"
#include "proc.h"

_Static_assert(PRIO_PROCESS == PROC_NICE_PROCESS && PRIO_PGRP == PROC_NICE_GROUP && PRIO_USER == PROC_NICE_USER, "passed on as they are");

/* *nice: the lowest value afterwards. */
static int
call(int which, id_t who, uint32_t how, int value, int32_t *nice)
{
	return posix_result(proc_nice(proc_port(), (uint32_t)which, (int32_t)who, how, value, nice));
}

int
getpriority(int which, id_t who)
{
	int32_t lowest;

	return call(which, who, PROC_NICE_GET, 0, &lowest) < 0 ? -1 : lowest;
}

int
setpriority(int which, id_t who, int value)
{
	int32_t lowest;

	return call(which, who, PROC_NICE_SET, value, &lowest);
}

int
nice(int increment)
{
	int32_t now;

	if (call(PRIO_PROCESS, 0, PROC_NICE_ADD, increment, &now) == 0)
		return now;
	if (errno == EACCES)
		errno = EPERM;
	return -1;
}
