/* Temporary files with new names (POSIX.1-2017 mkstemp and relations). */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TRIES 100

/* Fills six letters from the time, the process and a counter. */
static void
fill(char *letters)
{
	static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	static uint64_t counter;
	struct timespec now = { 0, 0 };
	uint64_t bits;

	clock_gettime(CLOCK_REALTIME, &now);
	bits = (now.tv_sec * 1000000007ull ^ now.tv_nsec * 998244353ull ^ (uint64_t)getpid() << 40) +
	    __atomic_add_fetch(&counter, 1, __ATOMIC_RELAXED) * 0x9e3779b97f4a7c15u;
	bits ^= bits >> 29;
	bits *= 0xbf58476d1ce4e5b9u;
	bits ^= bits >> 32;
	for (int i = 0; i < 6; i++, bits /= 62)
		letters[i] = set[bits % 62];
}

static int
make(char *template, int suffix, int flags)
{
	size_t length = strlen(template);
	char *letters = template + length - suffix - 6;

	if (suffix < 0 || length < (size_t)suffix + 6 || memcmp(letters, "XXXXXX", 6) != 0) {
		errno = EINVAL;
		return -1;
	}
	for (int i = 0; i < TRIES; i++) {
		int fd;

		fill(letters);
		fd = open(template, O_RDWR | O_CREAT | O_EXCL | flags, 0600);
		if (fd >= 0 || errno != EEXIST)
			return fd;
	}
	return -1;
}

int
mkstemp(char *template)
{
	return make(template, 0, 0);
}

int
mkstemps(char *template, int suffix)
{
	return make(template, suffix, 0);
}

int
mkostemp(char *template, int flags)
{
	return make(template, 0, flags & ~O_ACCMODE);
}
