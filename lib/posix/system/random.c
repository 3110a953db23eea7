/* Random bytes: /dev/urandom's. */
#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include "posix/posix.h"

#define ENTROPY_MAX	256

ssize_t
getrandom(void *buffer, size_t size, unsigned flags)
{
	ssize_t n;
	int fd, error;

	if ((flags & ~(unsigned)(GRND_NONBLOCK | GRND_RANDOM)) != 0)
		return posix_error(EINVAL);
	fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	n = read(fd, buffer, size);
	error = errno;
	close(fd);
	errno = error;
	return n;
}

int
getentropy(void *buffer, size_t size)
{
	char *to = buffer;
	ssize_t n;

	if (size > ENTROPY_MAX)
		return posix_error(EIO);
	while (size > 0) {
		n = getrandom(to, size, 0);
		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0) {
			to += n;
			size -= (size_t)n;
		}
	}
	return 0;
}
