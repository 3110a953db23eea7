/*
 * Named semaphores: files in /tmp that hold one semaphore each, mapped by whoever opens them. A new one gets its name when it is complete. One
 * process has one address for a semaphore, however often it opens it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "posix/file/named.h"
#include "posix/posix.h"

struct opened {
	struct opened *next;
	sem_t *semaphore;
	dev_t device;
	ino_t inode;
	unsigned count;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct opened *all;

/* Maps the file's semaphore, or finds it mapped already. Conditions: the lock is held. */
static sem_t *
attach(int fd)
{
	struct opened *o;
	struct stat status;
	void *at;

	if (fstat(fd, &status) < 0)
		return SEM_FAILED;
	for (o = all; o != NULL; o = o->next)
		if (o->device == status.st_dev && o->inode == status.st_ino) {
			o->count++;
			return o->semaphore;
		}
	if (status.st_size < (off_t)sizeof(sem_t)) {
		errno = EINVAL;
		return SEM_FAILED;
	}
	o = malloc(sizeof(*o));
	if (o == NULL)
		return SEM_FAILED;
	at = mmap(NULL, sizeof(sem_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (at == MAP_FAILED) {
		free(o);
		return SEM_FAILED;
	}
	*o = (struct opened){ all, at, status.st_dev, status.st_ino, 1 };
	all = o;
	return at;
}

/* Makes the file under a name of its own first. Returns a descriptor, or -1 with errno: EEXIST. */
static int
create(const char *path, mode_t mode, unsigned value)
{
	char own[] = "/tmp/semXXXXXX";
	sem_t semaphore;
	int fd, error = 0;
	mode_t mask = umask(0);

	umask(mask);
	if (sem_init(&semaphore, 1, value) < 0 || (fd = mkostemp(own, O_CLOEXEC)) < 0)
		return -1;
	if (fchmod(fd, mode & ~mask & 0777) < 0 || write(fd, &semaphore, sizeof(semaphore)) != sizeof(semaphore) || link(own, path) < 0)
		error = errno;
	unlink(own);
	if (error == 0)
		return fd;
	close(fd);
	return posix_error(error);
}

/* Opens the semaphore that is there, or makes it: somebody may make or unlink it in between. */
static int
open_or_create(const char *path, int flags, mode_t mode, unsigned value)
{
	for (;;) {
		bool both = (flags & O_CREAT) != 0 && (flags & O_EXCL) == 0;
		int fd = -1;

		if ((flags & (O_CREAT | O_EXCL)) != (O_CREAT | O_EXCL))
			fd = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
		if (fd >= 0 || ((flags & O_EXCL) == 0 && errno != ENOENT) || (flags & O_CREAT) == 0)
			return fd;
		fd = create(path, mode, value);
		if (fd >= 0 || !both || errno != EEXIST)
			return fd;
	}
}

sem_t *
sem_open(const char *name, int flags, ...)
{
	char path[PATH_MAX];
	sem_t *semaphore = SEM_FAILED;
	mode_t mode = 0;
	unsigned value = 0;
	va_list more;
	int fd;

	if ((flags & O_CREAT) != 0) {
		va_start(more, flags);
		mode = va_arg(more, mode_t);
		value = va_arg(more, unsigned);
		va_end(more);
	}
	if (named_path(path, "sem", name) < 0)
		return SEM_FAILED;
	pthread_mutex_lock(&lock);
	fd = open_or_create(path, flags, mode, value);
	if (fd >= 0) {
		semaphore = attach(fd);
		close(fd);
	}
	pthread_mutex_unlock(&lock);
	return semaphore;
}

int
sem_close(sem_t *semaphore)
{
	struct opened **at, *o;
	int result = 0;

	pthread_mutex_lock(&lock);
	for (at = &all; *at != NULL && (*at)->semaphore != semaphore; at = &(*at)->next)
		continue;
	o = *at;
	if (o == NULL) {
		result = posix_error(EINVAL);
	} else if (--o->count == 0) {
		*at = o->next;
		munmap(semaphore, sizeof(*semaphore));
		free(o);
	}
	pthread_mutex_unlock(&lock);
	return result;
}

int
sem_unlink(const char *name)
{
	char path[PATH_MAX];

	return named_path(path, "sem", name) < 0 ? -1 : unlink(path);
}
