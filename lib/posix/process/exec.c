/* The exec family. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdarg.h>
#include <unistd.h>

#include "mach/mach.h"
#include "posix/posix.h"
#include "posix/signal/signals.h"
#include "process.h"
#include "proc.h"

/* Comes back only if it fails. */
static int
exec_start(void *context, mach_port_t file, const char *name, const struct program_strings *s)
{
	struct program_kept keep;

	(void)context;
	program_keep(&keep);
	if (lock_taken()) {
		keep.kept.flags |= STARTUP_LOCKS;
		fd_locks_leave();
	}
	return posix_result(proc_exec(proc_port(), file, name, s->text, s->arguments, s->text + s->arguments, s->environment, &keep.kept,
		       keep.fds, keep.fd_count)) < 0
		       ? errno
		       : 0;
}

int
execve(const char *path, char *const *argv, char *const *environment)
{
	return posix_error(program_run(AT_FDCWD, path, argv, environment, exec_start, NULL));
}

int
execv(const char *path, char *const *argv)
{
	return execve(path, argv, environ);
}

int
execvpe(const char *file, char *const *argv, char *const *environment)
{
	return posix_error(program_search(file, argv, environment, exec_start, NULL));
}

int
execvp(const char *file, char *const *argv)
{
	return execvpe(file, argv, environ);
}

int
fexecve(int fd, char *const *argv, char *const *environment)
{
	return posix_error(program_run_open(fd, argv, environment, exec_start, NULL));
}

/* Counts the arguments of a list up to its NULL. */
static int
count_list(va_list list)
{
	int n = 1;

	while (va_arg(list, char *) != NULL)
		n++;
	return n;
}

#define MAKE_ARGV(argument, argv, rest)                              \
	va_list rest;                                                \
	int count_;                                                  \
	va_start(rest, argument);                                    \
	count_ = argument != NULL ? count_list(rest) : 0;            \
	va_end(rest);                                                \
	char *argv[count_ + 1];                                      \
	va_start(rest, argument);                                    \
	argv[0] = (char *)(uintptr_t)argument;                       \
	for (int i_ = 1; i_ <= count_; i_++)                         \
		argv[i_] = va_arg(rest, char *)

int
execl(const char *path, const char *argument, ...)
{
	MAKE_ARGV(argument, argv, rest);
	va_end(rest);
	return execv(path, argv);
}

int
execlp(const char *file, const char *argument, ...)
{
	MAKE_ARGV(argument, argv, rest);
	va_end(rest);
	return execvp(file, argv);
}

int
execle(const char *path, const char *argument, ...)
{
	char *const *environment;

	MAKE_ARGV(argument, argv, rest);
	environment = va_arg(rest, char *const *);
	va_end(rest);
	return execve(path, argv, environment);
}
