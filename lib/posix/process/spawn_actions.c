/* File actions of posix_spawn. See spawn.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "fs.h"
#include "posix/interrupt.h"
#include "spawn.h"

/* --- making the list --- */

int
posix_spawn_file_actions_init(posix_spawn_file_actions_t *actions)
{
	*actions = (posix_spawn_file_actions_t){ 0 };
	return 0;
}

int
posix_spawn_file_actions_destroy(posix_spawn_file_actions_t *actions)
{
	for (unsigned i = 0; i < actions->__count; i++)
		free(actions->__actions[i].path);
	free(actions->__actions);
	return posix_spawn_file_actions_init(actions);
}

/* Consumes action.path. */
static int
add(posix_spawn_file_actions_t *actions, struct __spawn_action action)
{
	unsigned room = actions->__room != 0 ? actions->__room * 2 : 4;
	struct __spawn_action *more = actions->__actions;

	if (actions->__count == actions->__room) {
		more = realloc(more, room * sizeof(*more));
		if (more == NULL) {
			free(action.path);
			return ENOMEM;
		}
		actions->__actions = more;
		actions->__room = room;
	}
	more[actions->__count++] = action;
	return 0;
}

static bool
is_fd(int fd)
{
	return fd >= 0 && fd < FD_MAX;
}

int
posix_spawn_file_actions_addopen(posix_spawn_file_actions_t *restrict actions, int fd, const char *restrict path, int flags, mode_t mode)
{
	char *copy;

	if (!is_fd(fd))
		return EBADF;
	copy = strdup(path);
	if (copy == NULL)
		return ENOMEM;
	return add(actions, (struct __spawn_action){ .kind = SPAWN_OPEN, .fd = fd, .flags = flags, .mode = mode, .path = copy });
}

int
posix_spawn_file_actions_addclose(posix_spawn_file_actions_t *actions, int fd)
{
	return is_fd(fd) ? add(actions, (struct __spawn_action){ .kind = SPAWN_CLOSE, .fd = fd }) : EBADF;
}

int
posix_spawn_file_actions_adddup2(posix_spawn_file_actions_t *actions, int fd, int to)
{
	return is_fd(fd) && is_fd(to) ? add(actions, (struct __spawn_action){ .kind = SPAWN_DUP, .fd = to, .from = fd }) : EBADF;
}

/* --- carrying it out --- */

static int
run_open(const struct __spawn_action *action, struct startup_fd *fd, mach_port_t *file)
{
	struct io_stat info;
	int saved = errno, error = 0;

	if (PATH_CALL(AT_FDCWD, action->path, base, INTERRUPTIBLE(fs_open(base, action->path, (uint32_t)action->flags & ~(uint32_t)O_CLOEXEC,
		action->mode & 07777 & ~umask_bits(), file, &info))) < 0)
		error = errno;
	else
		*fd = (struct startup_fd){ *file, action->flags & O_CLOEXEC ? FD_CLOEXEC : 0 };
	errno = saved;
	return error;
}

/* A descriptor that is dup2'ed onto itself stays open in the child. */
int
spawn_actions_run(const posix_spawn_file_actions_t *actions, struct program_kept *keep, mach_port_t *opened, unsigned *opened_count)
{
	struct startup_fd *fds = keep->fds;
	int error = 0;

	*opened_count = 0;
	for (unsigned i = 0; i < actions->__count && error == 0; i++) {
		const struct __spawn_action *action = &actions->__actions[i];

		if ((unsigned)action->fd >= fd_limit() && action->kind != SPAWN_CLOSE)
			return EBADF;
		switch (action->kind) {
		case SPAWN_OPEN:
			error = run_open(action, &fds[action->fd], &opened[*opened_count]);
			*opened_count += error == 0;
			break;
		case SPAWN_CLOSE:
			fds[action->fd].port = MACH_PORT_NULL;
			break;
		case SPAWN_DUP:
			if (fds[action->from].port == MACH_PORT_NULL)
				return EBADF;
			fds[action->fd] = (struct startup_fd){ fds[action->from].port, 0 };
			break;
		}
	}
	return error;
}
