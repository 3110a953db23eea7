/*
 * FIFOs of test programs: one called "fifo", in a folder of its own.
 */
#ifndef USER_TEST_FIFO_H
#define USER_TEST_FIFO_H

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

/* Works in a new folder in the working directory, or in the folder that the program's argument names. */
static inline void
fifo_begin(int argc, char **argv)
{
	char folder[] = "fifo-XXXXXX";

	if (argc > 1)
		EQUAL(chdir(argv[1]), 0);
	CHECK(mkdtemp(folder) != NULL);
	EQUAL(chmod(folder, 0755), 0);
	EQUAL(chdir(folder), 0);
	umask(022);
}

/* A new FIFO. */
static inline void
fifo_make(void)
{
	unlink("fifo");
	EQUAL(mkfifo("fifo", 0600), 0);
}

/* Opens it without waiting. */
static inline int
fifo_open(int access)
{
	int fd = open("fifo", access | O_NONBLOCK);

	CHECK(fd >= 0);
	return fd;
}

/* What poll says of a descriptor at once. */
static inline int
poll_says(int fd, short events)
{
	struct pollfd one = { fd, events, 0 };
	int n = poll(&one, 1, 0);

	CHECK(n == (one.revents != 0));
	return one.revents;
}

#endif
