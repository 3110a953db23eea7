/* See <ulimit.h>. */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <sys/resource.h>
#include <ulimit.h>

#define BLOCK 512

static long
blocks_of(rlim_t limit)
{
	return limit / BLOCK > LONG_MAX ? LONG_MAX : (long)(limit / BLOCK);
}

/* Both limits change: only root makes one larger again. */
static long
set(long blocks)
{
	rlim_t bytes = blocks > LONG_MAX / BLOCK ? RLIM_INFINITY : (rlim_t)blocks * BLOCK;
	struct rlimit limit = { bytes, bytes };

	if (blocks < 0) {
		errno = EINVAL;
		return -1;
	}
	return setrlimit(RLIMIT_FSIZE, &limit) < 0 ? -1 : blocks_of(bytes);
}

long
ulimit(int command, ...)
{
	struct rlimit limit;
	va_list arguments;
	long blocks = 0;

	if (command == UL_GETFSIZE)
		return getrlimit(RLIMIT_FSIZE, &limit) < 0 ? -1 : blocks_of(limit.rlim_cur);
	if (command != UL_SETFSIZE) {
		errno = EINVAL;
		return -1;
	}
	va_start(arguments, command);
	blocks = va_arg(arguments, long);
	va_end(arguments);
	return set(blocks);
}
