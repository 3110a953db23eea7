/* A name that no file has, in a directory of choice (X/Open tempnam; another may take it before it is used: mkstemp). */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stream.h"

#define PREFIX_MOST	5		/* bytes of the prefix that count */

static bool
usable(const char *directory)
{
	struct stat status;

	return directory != NULL && stat(directory, &status) == 0 && S_ISDIR(status.st_mode) && access(directory, W_OK | X_OK) == 0;
}

/* The first that can be written: TMPDIR, unless the program has more rights than its user; the caller's; the usual one. */
static const char *
choose(const char *directory)
{
	const char *wanted = secure_getenv("TMPDIR");

	return usable(wanted) ? wanted : usable(directory) ? directory : P_tmpdir;
}

/* A file of the name is made and removed again, so that the name is known to be free. The name is the caller's to free. */
char *
tempnam(const char *directory, const char *prefix)
{
	const char *chosen = choose(directory);
	char *name;
	int fd;

	if (asprintf(&name, "%s/%.*sXXXXXX", chosen, PREFIX_MOST, prefix != NULL ? prefix : "") < 0)
		return NULL;
	fd = mkstemp(name);
	if (fd < 0) {
		free(name);
		return NULL;
	}
	close(fd);
	unlink(name);
	return name;
}
