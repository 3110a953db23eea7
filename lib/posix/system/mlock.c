/* Locking memory: only who has the host's privileged port wires pages, and no program does. What was never locked can be unlocked. */
#include <sys/mman.h>

#include "posix/posix.h"

/* posix_madvise looks whether all of it is mapped. */
static int
check(const void *address, size_t size)
{
	const size_t within = (size_t)address % 4096;
	int saved = errno, error = posix_madvise((char *)(size_t)address - within, size + within, POSIX_MADV_NORMAL);

	errno = saved;
	return error;
}

int
mlock(const void *address, size_t size)
{
	int error = check(address, size);

	return posix_error(error != 0 ? error : EPERM);
}

int
munlock(const void *address, size_t size)
{
	int error = check(address, size);

	return error != 0 ? posix_error(error) : 0;
}

int
mlockall(int flags)
{
	return posix_error(flags == 0 || (flags & ~(MCL_CURRENT | MCL_FUTURE)) != 0 ? EINVAL : EPERM);
}

int
munlockall(void)
{
	return 0;
}
