/*
 * The descriptor table and the two directories of a process.
 */
#include <fcntl.h>
#include <stdarg.h>
#include <unistd.h>

#include "fs.h"
#include "mach/cthread.h"
#include "mach/startup.h"
#include "posix.h"

static struct mutex lock = MUTEX_INIT;
static mach_port_t table[FD_MAX];
static mach_port_t root, cwd;

void
fd_start(void)
{
	root = startup_info->root;
	cwd = startup_info->cwd;
	for (unsigned i = 0; i < startup_info->fd_count && i < FD_MAX; i++)
		table[i] = startup_info->fds[i].port;
}

mach_port_t
root_directory(void)
{
	return root;
}

mach_port_t
working_directory(void)
{
	return cwd;
}

mach_port_t
path_base(const char *path)
{
	return path[0] == '/' ? root : cwd;
}

int
posix_result(kern_return_t kr)
{
	if (kr == KERN_SUCCESS)
		return 0;
	if (kr > 0 && kr < 4096)
		errno = kr;
	else if (kr == MIG_ARRAY_TOO_LARGE)
		errno = ENAMETOOLONG;
	else
		errno = EIO;
	return -1;
}

mach_port_t
fd_use(int fd)
{
	mach_port_t port = MACH_PORT_NULL;

	mutex_lock(&lock);
	if (fd >= 0 && fd < FD_MAX && table[fd] != MACH_PORT_NULL && port_hold(table[fd]) == KERN_SUCCESS)
		port = table[fd];
	mutex_unlock(&lock);
	if (port == MACH_PORT_NULL)
		errno = EBADF;
	return port;
}

void
fd_done(mach_port_t port)
{
	int saved = errno;

	port_drop(port);
	errno = saved;
}

int
fd_install(mach_port_t port, int from)
{
	int fd;

	mutex_lock(&lock);
	for (fd = from; fd < FD_MAX && table[fd] != MACH_PORT_NULL; fd++)
		continue;
	if (fd < FD_MAX)
		table[fd] = port;
	mutex_unlock(&lock);
	if (fd < FD_MAX)
		return fd;
	port_drop(port);
	errno = EMFILE;
	return -1;
}

unsigned
fd_copies(mach_port_t *ports, unsigned count)
{
	unsigned used = 0;

	for (unsigned i = 0; i < count; i++) {
		int saved = errno;

		ports[i] = fd_use(i);
		errno = saved;
		if (ports[i] != MACH_PORT_NULL)
			used = i + 1;
	}
	return used;
}

int
close(int fd)
{
	mach_port_t port = MACH_PORT_NULL;

	mutex_lock(&lock);
	if (fd >= 0 && fd < FD_MAX) {
		port = table[fd];
		table[fd] = MACH_PORT_NULL;
	}
	mutex_unlock(&lock);
	if (port == MACH_PORT_NULL) {
		errno = EBADF;
		return -1;
	}
	port_drop(port);
	return 0;
}

int
dup(int fd)
{
	mach_port_t port = fd_use(fd);

	return port == MACH_PORT_NULL ? -1 : fd_install(port, 0);
}

int
dup2(int from, int to)
{
	mach_port_t port = fd_use(from), old;

	if (port == MACH_PORT_NULL)
		return -1;
	if (to < 0 || to >= FD_MAX || from == to) {
		port_drop(port);
		if (from == to)
			return to;
		errno = EBADF;
		return -1;
	}
	mutex_lock(&lock);
	old = table[to];
	table[to] = port;
	mutex_unlock(&lock);
	port_drop(old);
	return to;
}

int
open(const char *path, int flags, ...)
{
	mach_port_t file;
	struct io_stat info;
	mode_t mode = 0;

	if ((flags & O_CREAT) != 0) {
		va_list arguments;

		va_start(arguments, flags);
		mode = va_arg(arguments, mode_t);
		va_end(arguments);
	}
	if (posix_result(fs_open(path_base(path), path, flags, mode & ~startup_info->umask, &file, &info)) < 0)
		return -1;
	return fd_install(file, 0);
}

int
chdir(const char *path)
{
	mach_port_t dir, old;
	struct io_stat info;

	if (posix_result(fs_open(path_base(path), path, O_RDONLY | O_DIRECTORY, 0, &dir, &info)) < 0)
		return -1;
	mutex_lock(&lock);
	old = cwd;
	cwd = dir;
	mutex_unlock(&lock);
	if (old != root)
		port_drop(old);
	return 0;
}
