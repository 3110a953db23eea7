/* Temporary files with new names (POSIX.1-2017 mkstemp and relations). */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

/* Makes one attempt at a path. Returns a result >= 0, or -1 with errno. */
typedef int attempt_t(const char *path, int flags);

static int
attempt_file(const char *path, int flags)
{
	return open(path, O_RDWR | O_CREAT | O_EXCL | flags, 0600);
}

static int
attempt_directory(const char *path, int flags)
{
	(void)flags;
	return mkdir(path, 0700);
}

static int
make(char *template, int suffix, int flags, attempt_t *attempt)
{
	size_t length = strlen(template);
	char *letters = template + length - suffix - 6;

	if (suffix < 0 || length < (size_t)suffix + 6 || memcmp(letters, "XXXXXX", 6) != 0) {
		errno = EINVAL;
		return -1;
	}
	for (int i = 0; i < TRIES; i++) {
		int result;

		fill(letters);
		result = attempt(template, flags);
		if (result >= 0 || errno != EEXIST)
			return result;
	}
	return -1;
}

/* Succeeds for a name that nothing has. */
static int
attempt_name(const char *path, int flags)
{
	struct stat status;

	(void)flags;
	if (lstat(path, &status) == 0)
		errno = EEXIST;
	return errno == ENOENT ? 0 : -1;
}

/* An empty name: none was found. */
char *
mktemp(char *template)
{
	if (make(template, 0, 0, attempt_name) < 0)
		*template = 0;
	return template;
}

int
mkstemp(char *template)
{
	return make(template, 0, 0, attempt_file);
}

int
mkstemps(char *template, int suffix)
{
	return make(template, suffix, 0, attempt_file);
}

int
mkostemps(char *template, int suffix, int flags)
{
	return make(template, suffix, flags & ~O_ACCMODE, attempt_file);
}

int
mkostemp(char *template, int flags)
{
	return mkostemps(template, 0, flags);
}

char *
mkdtemp(char *template)
{
	return make(template, 0, 0, attempt_directory) < 0 ? NULL : template;
}
