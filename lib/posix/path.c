/*
 * Where paths begin: the root, the working directory, and directories that are open. See posix.h.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fs.h"
#include "mach/mach.h"
#include "mach/startup.h"
#include "posix.h"

static mach_port_t root, cwd;
static uint32_t mask;

void
fd_start(void)
{
	root = startup_info->root;
	cwd = startup_info->cwd;
	mask = startup_info->umask & 0777;
	fd_table_start();
	lock_start();
}

mach_port_t
root_directory(void)
{
	return __atomic_load_n(&root, __ATOMIC_ACQUIRE);
}

mach_port_t
working_directory(void)
{
	return __atomic_load_n(&cwd, __ATOMIC_ACQUIRE);
}

mach_port_t
path_base(int at, const char *path)
{
	if (path[0] == '/')
		return root_directory();
	return at == AT_FDCWD ? working_directory() : fd_port(at);
}

/* A server that knows no paths serves no directory. */
int
path_result(kern_return_t kr)
{
	return posix_result_or(kr, ENOTDIR);
}

uint32_t
umask_bits(void)
{
	return __atomic_load_n(&mask, __ATOMIC_RELAXED);
}

mode_t
umask(mode_t bits)
{
	return __atomic_exchange_n(&mask, bits & 0777, __ATOMIC_RELAXED);
}

/* Owns the right. */
static void
set_working_directory(mach_port_t dir)
{
	mach_port_t old = __atomic_exchange_n(&cwd, dir, __ATOMIC_ACQ_REL);

	if (old != root_directory())
		port_drop(old);
}

/* Permission to search is enough. */
static int
change_directory(int at, const char *path)
{
	mach_port_t dir;
	struct io_stat info;

	if (PATH_CALL(at, path, base, fs_open(base, path, O_SEARCH | O_DIRECTORY, 0, &dir, &info)) < 0)
		return -1;
	set_working_directory(dir);
	return 0;
}

int
chdir(const char *path)
{
	return change_directory(AT_FDCWD, path);
}

int
fchdir(int fd)
{
	return change_directory(fd, ".");
}

/*
 * A convenience, no jail: whoever speaks to the name server has the system's root. The working directory and open directories keep the root they
 * were opened under, for ".." and symbolic links, too. A set-user-id program has the system's root.
 */
int
chroot(const char *path)
{
	mach_port_t dir, old;

	if (PATH_CALL(AT_FDCWD, path, base, fs_chroot(base, path, &dir)) < 0)
		return -1;
	old = __atomic_exchange_n(&root, dir, __ATOMIC_ACQ_REL);
	if (old != working_directory())
		port_drop(old);
	return 0;
}

/* The working directory's path; -1 with errno. */
static int
current_path(char path[PATH_MAX])
{
	return PATH_CALL(AT_FDCWD, ".", base, fs_getcwd(base, path));
}

/* Without a buffer, memory of its own (as other systems do): of `size` bytes, or with size 0 as large as needed. */
char *
getcwd(char *buffer, size_t size)
{
	char path[PATH_MAX];
	size_t length;

	if (buffer != NULL && size == 0) {
		errno = EINVAL;
		return NULL;
	}
	if (current_path(path) < 0)
		return NULL;
	length = strlen(path) + 1;
	if (size != 0 && length > size) {
		errno = ERANGE;
		return NULL;
	}
	if (buffer == NULL)
		buffer = malloc(size != 0 ? size : length);
	return buffer == NULL ? NULL : memcpy(buffer, path, length);
}

char *
get_current_dir_name(void)
{
	return getcwd(NULL, 0);
}
