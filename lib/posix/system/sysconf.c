/*
 * Limits and facts of the system that programs ask for at run time.
 */
#include <errno.h>
#include <limits.h>
#include <mach/host_info.h>
#include <mach/vm.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mach/mach.h"
#include "posix/posix.h"

#define LINKS_MOST	32000		/* of ext2 */
#define NOT_THERE	-1

static long
host(int name)
{
	struct host_info info;
	struct vm_statistics vm;

	if (name == _SC_AVPHYS_PAGES)
		return vm_statistics(&vm) == KERN_SUCCESS ? (long)vm.free : -1;
	if (host_info(&info) != KERN_SUCCESS)
		return -1;
	return name == _SC_PHYS_PAGES ? (long)(info.memory / info.page_size) : (long)info.cpus;
}

/* Limits that are numbers, and options. */
static const struct {
	int name;
	long value;
} known[] = {
	{ _SC_CHILD_MAX, NOT_THERE }, { _SC_CLK_TCK, 100 }, { _SC_STREAM_MAX, FD_MAX }, { _SC_PAGESIZE, 4096 },
	{ _SC_GETPW_R_SIZE_MAX, 1024 }, { _SC_GETGR_R_SIZE_MAX, 2048 }, { _SC_SEM_NSEMS_MAX, NOT_THERE },
	{ _SC_TIMER_MAX, NOT_THERE }, { _SC_DELAYTIMER_MAX, INT_MAX }, { _SC_ARG_MAX, ARG_MAX },
	{ _SC_NGROUPS_MAX, NGROUPS_MAX }, { _SC_TZNAME_MAX, TZNAME_MAX }, { _SC_ATEXIT_MAX, ATEXIT_MAX },
	{ _SC_IOV_MAX, IOV_MAX }, { _SC_HOST_NAME_MAX, HOST_NAME_MAX }, { _SC_LOGIN_NAME_MAX, LOGIN_NAME_MAX },
	{ _SC_TTY_NAME_MAX, TTY_NAME_MAX }, { _SC_LINE_MAX, LINE_MAX }, { _SC_RE_DUP_MAX, RE_DUP_MAX },
	{ _SC_SYMLOOP_MAX, SYMLOOP_MAX }, { _SC_RTSIG_MAX, RTSIG_MAX }, { _SC_SEM_VALUE_MAX, SEM_VALUE_MAX },
	{ _SC_SIGQUEUE_MAX, SIGQUEUE_MAX }, { _SC_BC_BASE_MAX, BC_BASE_MAX }, { _SC_BC_DIM_MAX, BC_DIM_MAX },
	{ _SC_BC_SCALE_MAX, BC_SCALE_MAX }, { _SC_BC_STRING_MAX, BC_STRING_MAX }, { _SC_COLL_WEIGHTS_MAX, COLL_WEIGHTS_MAX },
	{ _SC_EXPR_NEST_MAX, EXPR_NEST_MAX }, { _SC_THREAD_DESTRUCTOR_ITERATIONS, PTHREAD_DESTRUCTOR_ITERATIONS },
	{ _SC_THREAD_KEYS_MAX, PTHREAD_KEYS_MAX }, { _SC_THREAD_STACK_MIN, PTHREAD_STACK_MIN },
	{ _SC_THREAD_THREADS_MAX, NOT_THERE }, { _SC_VERSION, _POSIX_VERSION }, { _SC_ADVISORY_INFO, _POSIX_ADVISORY_INFO },
	{ _SC_BARRIERS, _POSIX_BARRIERS }, { _SC_CLOCK_SELECTION, _POSIX_CLOCK_SELECTION }, { _SC_FSYNC, _POSIX_FSYNC },
	{ _SC_MAPPED_FILES, _POSIX_MAPPED_FILES }, { _SC_MEMORY_PROTECTION, _POSIX_MEMORY_PROTECTION },
	{ _SC_MONOTONIC_CLOCK, _POSIX_MONOTONIC_CLOCK }, { _SC_READER_WRITER_LOCKS, _POSIX_READER_WRITER_LOCKS },
	{ _SC_REALTIME_SIGNALS, _POSIX_REALTIME_SIGNALS }, { _SC_SEMAPHORES, _POSIX_SEMAPHORES },
	{ _SC_SHARED_MEMORY_OBJECTS, _POSIX_SHARED_MEMORY_OBJECTS }, { _SC_SPAWN, _POSIX_SPAWN },
	{ _SC_SPIN_LOCKS, _POSIX_SPIN_LOCKS }, { _SC_THREADS, _POSIX_THREADS },
	{ _SC_THREAD_ATTR_STACKSIZE, _POSIX_THREAD_ATTR_STACKSIZE },
	{ _SC_THREAD_PROCESS_SHARED, _POSIX_THREAD_PROCESS_SHARED },
	{ _SC_THREAD_SAFE_FUNCTIONS, _POSIX_THREAD_SAFE_FUNCTIONS }, { _SC_TIMEOUTS, _POSIX_TIMEOUTS },
	{ _SC_TIMERS, _POSIX_TIMERS }, { _SC_JOB_CONTROL, _POSIX_JOB_CONTROL }, { _SC_REGEXP, _POSIX_REGEXP },
	{ _SC_SAVED_IDS, _POSIX_SAVED_IDS }, { _SC_SHELL, _POSIX_SHELL }, { _SC_V7_LP64_OFF64, _POSIX_V7_LP64_OFF64 },
	{ _SC_V7_LPBIG_OFFBIG, _POSIX_V7_LPBIG_OFFBIG }, { _SC_ASYNCHRONOUS_IO, _POSIX_ASYNCHRONOUS_IO },
	{ _SC_CPUTIME, _POSIX_CPUTIME }, { _SC_IPV6, _POSIX_IPV6 }, { _SC_MEMLOCK, _POSIX_MEMLOCK },
	{ _SC_MEMLOCK_RANGE, _POSIX_MEMLOCK_RANGE }, { _SC_MESSAGE_PASSING, _POSIX_MESSAGE_PASSING },
	{ _SC_PRIORITIZED_IO, _POSIX_PRIORITIZED_IO }, { _SC_PRIORITY_SCHEDULING, _POSIX_PRIORITY_SCHEDULING },
	{ _SC_RAW_SOCKETS, _POSIX_RAW_SOCKETS }, { _SC_SPORADIC_SERVER, _POSIX_SPORADIC_SERVER },
	{ _SC_SYNCHRONIZED_IO, _POSIX_SYNCHRONIZED_IO }, { _SC_THREAD_ATTR_STACKADDR, _POSIX_THREAD_ATTR_STACKADDR },
	{ _SC_THREAD_CPUTIME, _POSIX_THREAD_CPUTIME }, { _SC_THREAD_PRIO_INHERIT, _POSIX_THREAD_PRIO_INHERIT },
	{ _SC_THREAD_PRIO_PROTECT, _POSIX_THREAD_PRIO_PROTECT },
	{ _SC_THREAD_PRIORITY_SCHEDULING, _POSIX_THREAD_PRIORITY_SCHEDULING },
	{ _SC_THREAD_ROBUST_PRIO_INHERIT, _POSIX_THREAD_ROBUST_PRIO_INHERIT },
	{ _SC_THREAD_ROBUST_PRIO_PROTECT, _POSIX_THREAD_ROBUST_PRIO_PROTECT },
	{ _SC_THREAD_SPORADIC_SERVER, _POSIX_THREAD_SPORADIC_SERVER }, { _SC_TRACE, _POSIX_TRACE },
	{ _SC_TRACE_EVENT_FILTER, _POSIX_TRACE_EVENT_FILTER }, { _SC_TRACE_INHERIT, _POSIX_TRACE_INHERIT },
	{ _SC_TRACE_LOG, _POSIX_TRACE_LOG }, { _SC_TYPED_MEMORY_OBJECTS, _POSIX_TYPED_MEMORY_OBJECTS },
	{ _SC_V7_ILP32_OFF32, _POSIX_V7_ILP32_OFF32 }, { _SC_V7_ILP32_OFFBIG, _POSIX_V7_ILP32_OFFBIG },
	{ _SC_2_VERSION, _POSIX2_VERSION }, { _SC_2_C_BIND, _POSIX2_C_BIND }, { _SC_2_C_DEV, _POSIX2_C_DEV },
	{ _SC_2_CHAR_TERM, _POSIX2_CHAR_TERM }, { _SC_2_FORT_DEV, _POSIX2_FORT_DEV }, { _SC_2_FORT_RUN, _POSIX2_FORT_RUN },
	{ _SC_2_LOCALEDEF, _POSIX2_LOCALEDEF }, { _SC_2_PBS, _POSIX2_PBS },
	{ _SC_2_PBS_ACCOUNTING, _POSIX2_PBS_ACCOUNTING }, { _SC_2_PBS_CHECKPOINT, _POSIX2_PBS_CHECKPOINT },
	{ _SC_2_PBS_LOCATE, _POSIX2_PBS_LOCATE }, { _SC_2_PBS_MESSAGE, _POSIX2_PBS_MESSAGE },
	{ _SC_2_PBS_TRACK, _POSIX2_PBS_TRACK }, { _SC_2_SW_DEV, _POSIX2_SW_DEV }, { _SC_2_UPE, _POSIX2_UPE },
	{ _SC_XOPEN_VERSION, _XOPEN_VERSION }, { _SC_AIO_LISTIO_MAX, NOT_THERE }, { _SC_AIO_MAX, NOT_THERE },
	{ _SC_AIO_PRIO_DELTA_MAX, NOT_THERE }, { _SC_MQ_OPEN_MAX, NOT_THERE }, { _SC_MQ_PRIO_MAX, NOT_THERE },
	{ _SC_SS_REPL_MAX, NOT_THERE }, { _SC_XOPEN_UNIX, _XOPEN_UNIX }, { _SC_XOPEN_CRYPT, NOT_THERE },
	{ _SC_XOPEN_ENH_I18N, NOT_THERE }, { _SC_XOPEN_REALTIME, NOT_THERE }, { _SC_XOPEN_REALTIME_THREADS, NOT_THERE },
	{ _SC_XOPEN_SHM, NOT_THERE }, { _SC_XOPEN_STREAMS, NOT_THERE }, { _SC_XOPEN_UUCP, NOT_THERE },
};

long
sysconf(int name)
{
	switch (name) {
	case _SC_OPEN_MAX: return fd_limit();
	case _SC_NPROCESSORS_CONF:
	case _SC_NPROCESSORS_ONLN:
	case _SC_PHYS_PAGES:
	case _SC_AVPHYS_PAGES: return host(name);
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
	case _PC_MAX_CANON: return MAX_CANON;
	case _PC_MAX_INPUT: return MAX_INPUT;
	case _PC_NAME_MAX: return NAME_MAX;
	case _PC_PATH_MAX: return PATH_MAX;
	case _PC_PIPE_BUF: return 4096;
	case _PC_CHOWN_RESTRICTED:
	case _PC_NO_TRUNC:
	case _PC_2_SYMLINKS: return 1;
	case _PC_VDISABLE: return 0;
	case _PC_FILESIZEBITS: return 43;
	case _PC_SYMLINK_MAX: return PATH_MAX - 1;
	case _PC_ALLOC_SIZE_MIN: return 4096;
	case _PC_ASYNC_IO:
	case _PC_PRIO_IO:
	case _PC_SYNC_IO:
	case _PC_TIMESTAMP_RESOLUTION:
	case _PC_REC_INCR_XFER_SIZE:
	case _PC_REC_MAX_XFER_SIZE:
	case _PC_REC_MIN_XFER_SIZE:
	case _PC_REC_XFER_ALIGN: return NOT_THERE;
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

/* There is one environment of compiling, LP64 with large files, and machr-cc needs no options for it. NULL: there is no such text. */
static const char *
text_of(int name)
{
	switch (name) {
	case _CS_PATH: return "/bin";
	case _CS_POSIX_V7_WIDTH_RESTRICTED_ENVS: return "POSIX_V7_LP64_OFF64\nPOSIX_V7_LPBIG_OFFBIG";
	default: return name >= _CS_V7_ENV && name <= _CS_POSIX_V7_ILP32_OFFBIG_LIBS ? "" : NULL;
	}
}

size_t
confstr(int name, char *text, size_t size)
{
	const char *whole = text_of(name);

	if (whole == NULL) {
		errno = EINVAL;
		return 0;
	}
	if (size > 0)
		snprintf(text, size, "%s", whole);
	return strlen(whole) + 1;
}

int
getpagesize(void)
{
	return (int)sysconf(_SC_PAGESIZE);
}
