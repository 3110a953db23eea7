/* Command lines for the shell, for system and popen. */
#ifndef LIB_POSIX_PROCESS_SHELL_H
#define LIB_POSIX_PROCESS_SHELL_H

#include <spawn.h>
#include <unistd.h>

#define SHELL_PATH	"/bin/sh"

/* Starts `sh -c command`. Returns what posix_spawn does. */
static inline int
shell_spawn(pid_t *pid, const char *command, const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attr)
{
	extern char **environ;
	char *argv[] = { "sh", "-c", (char *)(uintptr_t)command, NULL };

	return posix_spawn(pid, SHELL_PATH, actions, attr, argv, environ);
}

#endif
