/*
 * Copies of a test program that belong to user 1000 and group 100 and may set these ids.
 */
#ifndef USER_TEST_COPIES_H
#define USER_TEST_COPIES_H

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

static inline void
copy_program(const char *path, const char *copy)
{
	static char block[65536];
	int from = open(path, O_RDONLY), to = open(copy, O_WRONLY | O_CREAT | O_TRUNC, 0755);
	ssize_t n;

	CHECK(from >= 0 && to >= 0);
	while ((n = read(from, block, sizeof(block))) > 0)
		if (write(to, block, (size_t)n) != n) {
			CHECK(!"the copy is written");
			break;
		}
	close(from);
	close(to);
}

static inline void
set_owner(const char *copy, mode_t mode)
{
	EQUAL(chown(copy, 1000, 100), 0);
	EQUAL(chmod(copy, mode), 0);
}

#endif
