/*
 * Inside the POSIX layer: file actions of posix_spawn. They are carried out on what the child shall find, a table of names of rights: no
 * process has to exist for that.
 */
#ifndef LIB_POSIX_PROCESS_SPAWN_H
#define LIB_POSIX_PROCESS_SPAWN_H

#include <spawn.h>

#include "process.h"

enum spawn_kind { SPAWN_OPEN, SPAWN_CLOSE, SPAWN_DUP };

struct __spawn_action {
	enum spawn_kind kind;
	int fd, from;			/* SPAWN_DUP: `fd` becomes what `from` is */
	int flags;			/* SPAWN_OPEN: */
	mode_t mode;
	char *path;			/* malloc */
};

/*
 * Purpose: carries out the actions on keep->fds.
 * Conditions: `opened` has room for a right for each; *opened_count of them are the caller's to give back, whatever the result.
 * Returns: 0 or an errno value: EBADF; of open.
 */
int spawn_actions_run(const posix_spawn_file_actions_t *actions, struct program_kept *keep, mach_port_t *opened, unsigned *opened_count);

#endif
