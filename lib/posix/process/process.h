/*
 * Inside the POSIX layer: programs on their way into proc_exec and proc_spawn.
 */
#ifndef LIB_POSIX_PROCESS_PROCESS_H
#define LIB_POSIX_PROCESS_PROCESS_H

#include <proto/startup.h>
#include <sys/types.h>

#include "posix/posix.h"

/* Arguments and environment in one piece of memory: strings one after the other. */
struct program_strings {
	char *text;
	uint32_t arguments, environment;	/* bytes */
	size_t size;				/* of the memory */
};

/* What the new image keeps of the caller, before file actions change it. */
struct program_kept {
	struct startup_kept kept;
	struct startup_fd fds[STARTUP_FDS_MAX];
	unsigned fd_count;
};

/* Asks proc for the program in `file`. An errno value; 0 or, for exec, no return. */
typedef int (*program_start)(void *context, mach_port_t file, const char *name, const struct program_strings *strings);

/*
 * Purpose: opens the program at `path` (from directory `at`), follows "#!" lines, and starts it.
 * Returns: what `start` returned, or an errno value: ENOENT ... of the path, EACCES, ENOEXEC, E2BIG, ENOMEM, ELOOP.
 */
int program_run(int at, const char *path, char *const *argv, char *const *environment, program_start start, void *context);

/* The same for a program that is open; a script is none: its interpreter could not find it. */
int program_run_open(int fd, char *const *argv, char *const *environment, program_start start, void *context);

/* The same, for a name without a slash along PATH; what is no program but can be executed is given to /bin/sh, as execvp says. */
int program_search(const char *file, char *const *argv, char *const *environment, program_start start, void *context);

void program_keep(struct program_kept *keep);

#endif
