/*
 * posix_spawn: one request to proc. What goes wrong before the new image runs is the result here, not an exit status of the child.
 */
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "mach/mach.h"
#include "posix/signal/signals.h"
#include "proc.h"

struct spawn {
	struct program_kept keep;
	uint32_t flags;			/* PROC_SET_GROUP ... */
	int32_t group, pid;
};

static int
start(void *context, mach_port_t file, const char *name, const struct program_strings *s)
{
	struct spawn *spawn = context;
	int saved = errno, error = 0;

	if (posix_result(proc_spawn(proc_port(), file, name, s->text, s->arguments, s->text + s->arguments, s->environment,
		    &spawn->keep.kept, spawn->keep.fds, spawn->keep.fd_count, spawn->flags, spawn->group, &spawn->pid)) < 0)
		error = errno;
	errno = saved;
	return error;
}

static int
apply_attributes(struct spawn *spawn, const posix_spawnattr_t *attr)
{
	short flags = attr->__flags;

	if ((flags & POSIX_SPAWN_RESETIDS) != 0)
		spawn->flags |= PROC_RESET_IDS;
	if ((flags & POSIX_SPAWN_SETSID) != 0)
		spawn->flags |= PROC_NEW_SESSION;
	if ((flags & POSIX_SPAWN_SETPGROUP) != 0) {
		spawn->flags |= PROC_SET_GROUP;
		spawn->group = attr->__group;
	}
	if ((flags & POSIX_SPAWN_SETSIGDEF) != 0)
		spawn->keep.kept.signals_ignored &= ~attr->__default;
	if ((flags & POSIX_SPAWN_SETSIGMASK) != 0)
		spawn->keep.kept.signals_blocked = attr->__mask;
	if ((flags & POSIX_SPAWN_SETSCHEDULER) != 0 && attr->__policy != SCHED_OTHER)
		return EPERM;
	if ((flags & (POSIX_SPAWN_SETSCHEDULER | POSIX_SPAWN_SETSCHEDPARAM)) != 0 && attr->__param.sched_priority != 0)
		return EINVAL;
	return 0;
}

/* What is left once the actions have been carried out. */
static void
drop_closed(struct program_kept *keep)
{
	unsigned used = 0;

	for (unsigned i = 0; i < STARTUP_FDS_MAX; i++) {
		if ((keep->fds[i].flags & FD_CLOEXEC) != 0)
			keep->fds[i].port = MACH_PORT_NULL;
		keep->fds[i].flags = 0;
		if (keep->fds[i].port != MACH_PORT_NULL)
			used = i + 1;
	}
	keep->fd_count = used;
}

static int
prepare(struct spawn *spawn, const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attr, mach_port_t *opened,
    unsigned *opened_count)
{
	int error;

	program_keep(&spawn->keep);
	fd_all(spawn->keep.fds, STARTUP_FDS_MAX);
	error = attr != NULL ? apply_attributes(spawn, attr) : 0;
	if (error == 0 && actions != NULL)
		error = spawn_actions_run(actions, &spawn->keep, opened, opened_count);
	drop_closed(&spawn->keep);
	return error;
}

static int
run(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attr, char *const *argv,
    char *const *environment, bool search)
{
	struct spawn spawn = { .flags = 0 };
	unsigned opened_count = 0;
	mach_port_t *opened = NULL;
	int error;

	if (actions != NULL && actions->__count != 0) {
		opened = malloc(actions->__count * sizeof(*opened));
		if (opened == NULL)
			return ENOMEM;
	}
	error = prepare(&spawn, actions, attr, opened, &opened_count);
	if (error == 0)
		error = search ? program_search(path, argv, environment, start, &spawn)
			       : program_run(AT_FDCWD, path, argv, environment, start, &spawn);
	while (opened_count > 0)
		port_drop(opened[--opened_count]);
	free(opened);
	if (error == 0 && pid != NULL)
		*pid = spawn.pid;
	return error;
}

int
posix_spawn(pid_t *restrict pid, const char *restrict path, const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *restrict attr,
    char *const *restrict argv, char *const *restrict environment)
{
	return run(pid, path, actions, attr, argv, environment, false);
}

int
posix_spawnp(pid_t *restrict pid, const char *restrict file, const posix_spawn_file_actions_t *actions,
    const posix_spawnattr_t *restrict attr, char *const *restrict argv, char *const *restrict environment)
{
	return run(pid, file, actions, attr, argv, environment, true);
}
