/*
 * Children of test programs.
 */
#ifndef USER_TEST_CHILDREN_H
#define USER_TEST_CHILDREN_H

#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

/* Waits for its end; signals do not end the wait. Returns the status of waitpid. */
static inline int
end_of(pid_t pid)
{
	int status = -1;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR) {
			CHECK(!"the child is this one's");
			break;
		}
	return status;
}

/* The exit status of a child that runs `function`. */
static inline int
in_child(int (*function)(void))
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(function());
	CHECK(pid > 0);
	status = end_of(pid);
	CHECK(WIFEXITED(status));
	return WEXITSTATUS(status);
}

#endif
