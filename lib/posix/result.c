/* Results of messages as POSIX wants them. See posix.h. */
#include "mach/mig.h"
#include "posix.h"

int
posix_error(int error)
{
	errno = error;
	return -1;
}

int
posix_result_or(kern_return_t kr, int unknown)
{
	if (kr == KERN_SUCCESS)
		return 0;
	if (kr > 0 && kr < 4096)
		return posix_error(kr);
	switch (kr) {
	case MIG_BAD_ID:
		return posix_error(unknown);
	case MIG_ARRAY_TOO_LARGE:
		return posix_error(ENAMETOOLONG);
	case MACH_SEND_INVALID_MEMORY:
		return posix_error(EFAULT);
	case MACH_SEND_INVALID_DEST:
		return posix_error(EBADF);
	default:
		return posix_error(EIO);
	}
}

int
posix_result(kern_return_t kr)
{
	return posix_result_or(kr, EINVAL);
}
