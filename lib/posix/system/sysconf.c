/*
 * Limits and facts of the system that programs ask for at run time.
 */
#include <errno.h>
#include <limits.h>
#include <mach/host_info.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mach/mach.h"
#include "posix/posix.h"

#define EDITION		200809l		/* POSIX.1-2017 is the 2008 edition with corrections */
#define LINKS_MOST	32000		/* of ext2 */
#define NOT_THERE	-1

static long
host(int name)
{
	struct host_info info;

	if (host_info(&info) != KERN_SUCCESS)
		return -1;
	return name == _SC_PHYS_PAGES ? (long)(info.memory / info.page_size) : (long)info.cpus;
}

/* Limits that are numbers, and options that are there as a whole. */
static const struct {
	int name;
	long value;
} known[] = {
	{ _SC_ARG_MAX, 65536 }, { _SC_CHILD_MAX, NOT_THERE }, { _SC_CLK_TCK, 100 }, { _SC_NGROUPS_MAX, 32 },
	{ _SC_STREAM_MAX, FD_MAX }, { _SC_TZNAME_MAX, 16 }, { _SC_JOB_CONTROL, EDITION },
	{ _SC_SAVED_IDS, EDITION }, { _SC_VERSION, EDITION }, { _SC_2_VERSION, EDITION }, { _SC_XOPEN_VERSION, 700 },
	{ _SC_PAGESIZE, 4096 }, { _SC_HOST_NAME_MAX, 64 }, { _SC_LOGIN_NAME_MAX, 32 }, { _SC_TTY_NAME_MAX, 32 },
	{ _SC_LINE_MAX, LINE_MAX }, { _SC_RE_DUP_MAX, RE_DUP_MAX }, { _SC_SYMLOOP_MAX, 40 }, { _SC_IOV_MAX, 1024 },
	{ _SC_MONOTONIC_CLOCK, EDITION }, { _SC_THREADS, EDITION }, { _SC_THREAD_KEYS_MAX, 128 },
	{ _SC_THREAD_STACK_MIN, 16384 }, { _SC_THREAD_DESTRUCTOR_ITERATIONS, 4 }, { _SC_THREAD_SAFE_FUNCTIONS, EDITION },
	{ _SC_SEMAPHORES, EDITION }, { _SC_SEM_VALUE_MAX, SEM_VALUE_MAX }, { _SC_BARRIERS, EDITION },
	{ _SC_READER_WRITER_LOCKS, EDITION }, { _SC_SPIN_LOCKS, EDITION }, { _SC_TIMEOUTS, EDITION }, { _SC_TIMERS, NOT_THERE },
	{ _SC_MAPPED_FILES, EDITION }, { _SC_MEMORY_PROTECTION, EDITION }, { _SC_FSYNC, EDITION }, { _SC_SPAWN, EDITION },
	{ _SC_REGEXP, EDITION }, { _SC_SHELL, EDITION }, { _SC_RTSIG_MAX, 32 }, { _SC_SIGQUEUE_MAX, 32 },
	{ _SC_GETPW_R_SIZE_MAX, 1024 }, { _SC_GETGR_R_SIZE_MAX, 2048 }, { _SC_ATEXIT_MAX, NOT_THERE },
	{ _SC_REALTIME_SIGNALS, EDITION },
};

long
sysconf(int name)
{
	switch (name) {
	case _SC_OPEN_MAX: return fd_limit();
	case _SC_NPROCESSORS_CONF:
	case _SC_NPROCESSORS_ONLN:
	case _SC_PHYS_PAGES: return host(name);
	}
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].name == name)
			return known[i].value;
	errno = EINVAL;
	return -1;
}

static long
path_limit(int name)
{
	switch (name) {
	case _PC_LINK_MAX: return LINKS_MOST;
	case _PC_MAX_CANON:
	case _PC_MAX_INPUT: return 4096;
	case _PC_NAME_MAX: return NAME_MAX;
	case _PC_PATH_MAX: return PATH_MAX;
	case _PC_PIPE_BUF: return 4096;
	case _PC_CHOWN_RESTRICTED:
	case _PC_NO_TRUNC:
	case _PC_2_SYMLINKS: return 1;
	case _PC_VDISABLE: return 0;
	case _PC_FILESIZEBITS: return 43;
	case _PC_SYMLINK_MAX: return PATH_MAX - 1;
	case _PC_SYNC_IO: return NOT_THERE;
	}
	errno = EINVAL;
	return -1;
}

long
pathconf(const char *path, int name)
{
	struct stat status;

	return stat(path, &status) < 0 ? -1 : path_limit(name);
}

long
fpathconf(int fd, int name)
{
	return fd_port(fd) == MACH_PORT_NULL ? -1 : path_limit(name);
}

size_t
confstr(int name, char *text, size_t size)
{
	static const char path[] = "/bin";

	if (name != _CS_PATH) {
		errno = EINVAL;
		return 0;
	}
	if (size > 0)
		snprintf(text, size, "%s", path);
	return sizeof(path);
}

int
getpagesize(void)
{
	return (int)sysconf(_SC_PAGESIZE);
}
