/* Files without a name, and names without a file (C11 7.21.4.3, 7.21.4.4). */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stream.h"

FILE *
tmpfile(void)
{
	char path[] = "/tmp/tmpXXXXXX";
	int fd = mkstemp(path);
	FILE *stream;

	if (fd < 0)
		return NULL;
	unlink(path);
	stream = fdopen(fd, "w+");
	if (stream == NULL)
		close(fd);
	return stream;
}

/* A file of the name is made and removed again, so that the name is known to be free. */
char *
tmpnam(char *name)
{
	static char own[L_tmpnam];
	char path[L_tmpnam] = "/tmp/tmpXXXXXX";
	int fd = mkstemp(path);

	if (fd < 0)
		return NULL;
	close(fd);
	unlink(path);
	return strcpy(name != NULL ? name : own, path);
}
