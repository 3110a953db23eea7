/*
 * Streams from and to commands. Those that are open are on a list: pclose finds the process there, and a command does not get the pipes of
 * those before it (POSIX.1-2017 popen).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libc/stdio/stream.h"
#include "posix/lock.h"
#include "posix/posix.h"
#include "shell.h"

struct command {
	struct command *next;
	FILE *stream;
	int fd;				/* our end of the pipe */
	pid_t pid;
};

static struct libc_lock lock;
static struct command *commands;

/* Conditions: the lock. `end`: the command's end of the pipe, which becomes its descriptor `as`. */
static int
start(pid_t *pid, const char *line, int end, int as)
{
	posix_spawn_file_actions_t actions;
	int error;

	posix_spawn_file_actions_init(&actions);
	error = posix_spawn_file_actions_adddup2(&actions, end, as);
	for (const struct command *c = commands; c != NULL && error == 0; c = c->next)
		if (c->fd != as)
			error = posix_spawn_file_actions_addclose(&actions, c->fd);
	if (error == 0)
		error = shell_spawn(pid, line, &actions, NULL);
	posix_spawn_file_actions_destroy(&actions);
	return error;
}

static struct command *
take(FILE *stream)
{
	struct command **at, *found;

	__lock_take(&lock);
	for (at = &commands; *at != NULL && (*at)->stream != stream; at = &(*at)->next)
		continue;
	found = *at;
	if (found != NULL)
		*at = found->next;
	__lock_release(&lock);
	return found;
}

/* fclose ends a stream as well; the program waits for the command itself. */
static void
forget(FILE *stream)
{
	free(take(stream));
}

/* A stream on our end, ends[own], and the command on the other one. Returns an errno value; both ends are closed or used. */
static int
connect(struct command *c, const char *line, const char *mode, int ends[2], int own)
{
	int error;

	c->fd = ends[own];
	c->stream = fdopen(c->fd, mode);
	if (c->stream == NULL) {
		error = errno;
		close(c->fd);
		close(ends[!own]);
		return error;
	}
	__lock_take(&lock);
	error = start(&c->pid, line, ends[!own], !own);
	if (error == 0) {
		c->stream->closing = forget;
		c->next = commands;
		commands = c;
	}
	__lock_release(&lock);
	close(ends[!own]);
	if (error != 0)
		fclose(c->stream);
	else if (strchr(mode, 'e') == NULL)
		fd_set_flags(c->fd, 0);
	return error;
}

FILE *
popen(const char *line, const char *mode)
{
	struct command *c;
	int ends[2], error;

	if ((mode[0] != 'r' && mode[0] != 'w') || (mode[1] != 0 && (mode[1] != 'e' || mode[2] != 0))) {
		errno = EINVAL;
		return NULL;
	}
	c = malloc(sizeof(*c));
	if (c == NULL)
		return NULL;
	if (pipe2(ends, O_CLOEXEC) < 0) {
		free(c);
		return NULL;
	}
	error = connect(c, line, mode, ends, mode[0] == 'w');
	if (error == 0)
		return c->stream;
	free(c);
	errno = error;
	return NULL;
}

int
pclose(FILE *stream)
{
	struct command *c = take(stream);
	int status;
	pid_t pid;

	if (c == NULL)
		return posix_error(ECHILD);
	pid = c->pid;
	free(c);
	fclose(stream);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return status;
}
