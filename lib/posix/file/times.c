/* Times of files. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <utime.h>

#include "fs.h"
#include "io.h"
#include "posix/posix.h"

#define SECOND 1000000000l		/* ns */

static bool
nanoseconds_are_good(long ns)
{
	return (ns >= 0 && ns < SECOND) || ns == UTIME_NOW || ns == UTIME_OMIT;
}

/* Without times, both are set to the present. */
static int
times_of(const struct timespec times[2], struct io_times *result)
{
	*result = (struct io_times){ 0, 0, IO_TIME_NOW, IO_TIME_NOW };
	if (times == NULL)
		return 0;
	if (!nanoseconds_are_good(times[0].tv_nsec) || !nanoseconds_are_good(times[1].tv_nsec))
		return posix_error(EINVAL);
	*result = (struct io_times){ times[0].tv_sec, times[1].tv_sec, (uint32_t)times[0].tv_nsec, (uint32_t)times[1].tv_nsec };
	return 0;
}

int
utimensat(int at, const char *path, const struct timespec times[2], int flags)
{
	struct io_times new_times;

	if ((flags & ~AT_SYMLINK_NOFOLLOW) != 0)
		return posix_error(EINVAL);
	if (times_of(times, &new_times) < 0)
		return -1;
	return PATH_CALL(at, path, base, fs_utimens(base, path, &new_times, flags != 0 ? IO_NOFOLLOW : 0));
}

int
futimens(int fd, const struct timespec times[2])
{
	mach_port_t file = fd_port(fd);
	struct io_times new_times;

	if (file == MACH_PORT_NULL || times_of(times, &new_times) < 0)
		return -1;
	return posix_result(io_utimens(file, &new_times));
}

/* Microseconds as nanoseconds. EINVAL. */
static int
from_timevals(const struct timeval times[2], struct timespec result[2])
{
	for (int i = 0; i < 2; i++) {
		if (times[i].tv_usec < 0 || times[i].tv_usec >= 1000000)
			return posix_error(EINVAL);
		result[i] = (struct timespec){ times[i].tv_sec, times[i].tv_usec * 1000 };
	}
	return 0;
}

static int
set_timevals(const char *path, const struct timeval times[2], int flags)
{
	struct timespec exact[2];

	if (times == NULL)
		return utimensat(AT_FDCWD, path, NULL, flags);
	return from_timevals(times, exact) < 0 ? -1 : utimensat(AT_FDCWD, path, exact, flags);
}

int
utimes(const char *path, const struct timeval times[2])
{
	return set_timevals(path, times, 0);
}

int
lutimes(const char *path, const struct timeval times[2])
{
	return set_timevals(path, times, AT_SYMLINK_NOFOLLOW);
}

int
futimes(int fd, const struct timeval times[2])
{
	struct timespec exact[2];

	if (times == NULL)
		return futimens(fd, NULL);
	return from_timevals(times, exact) < 0 ? -1 : futimens(fd, exact);
}

int
utime(const char *path, const struct utimbuf *times)
{
	struct timespec exact[2];

	if (times == NULL)
		return utimensat(AT_FDCWD, path, NULL, 0);
	exact[0] = (struct timespec){ times->actime, 0 };
	exact[1] = (struct timespec){ times->modtime, 0 };
	return utimensat(AT_FDCWD, path, exact, 0);
}
