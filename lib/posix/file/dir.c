/*
 * Directory streams over io_readdir: a buffer of records, refilled when it is used up. The position of a stream is that of the entry it
 * gives next, which each record names for its successor.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io.h"
#include "posix/lock.h"
#include "posix/posix.h"

struct directory {
	struct libc_lock lock;
	int fd;
	long position;			/* of the next entry */
	uint32_t filled, used;		/* bytes of the buffer */
	struct dirent entry;
	_Alignas(8) char buffer[IO_INLINE_MAX];
};

static DIR *
stream_on(int fd)
{
	DIR *dir = malloc(sizeof(*dir));

	if (dir == NULL)
		return NULL;
	*dir = (struct directory){ .fd = fd };
	return dir;
}

DIR *
opendir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir;

	if (fd < 0)
		return NULL;
	dir = stream_on(fd);
	if (dir == NULL)
		close(fd);
	return dir;
}

/* The stream begins where the descriptor stands. */
DIR *
fdopendir(int fd)
{
	struct io_stat info;
	off_t position;
	DIR *dir;

	if (file_info(fd, &info) < 0)
		return NULL;
	if ((info.mode & IO_S_IFMT) != IO_S_IFDIR) {
		errno = ENOTDIR;
		return NULL;
	}
	position = lseek(fd, 0, SEEK_CUR);
	dir = stream_on(fd);
	if (dir == NULL)
		return NULL;
	dir->position = position;
	fd_set_flags(fd, FD_CLOEXEC);
	return dir;
}

/* Returns false at the end (errno unchanged) and on errors. */
static bool
refill(DIR *dir)
{
	mach_port_t file = fd_port(dir->fd);
	int result;

	if (file == MACH_PORT_NULL)
		return false;
	dir->used = 0;
	dir->filled = sizeof(dir->buffer);
	result = posix_result_or(io_readdir(file, dir->buffer, &dir->filled), ENOTDIR);
	if (result < 0)
		dir->filled = 0;
	return dir->filled > 0;
}

static struct dirent *
next_entry(DIR *dir)
{
	const struct io_dirent *record;
	size_t length;

	if (dir->used >= dir->filled && !refill(dir))
		return NULL;
	record = (const struct io_dirent *)(dir->buffer + dir->used);
	if (dir->filled - dir->used < sizeof(*record) || record->record_length < sizeof(*record) ||
	    record->record_length > dir->filled - dir->used) {
		errno = EIO;
		return NULL;
	}
	length = strnlen(record->name, record->record_length - sizeof(*record));
	if (length >= sizeof(dir->entry.d_name))
		length = sizeof(dir->entry.d_name) - 1;
	dir->entry.d_ino = record->ino;
	dir->entry.d_off = (off_t)record->next;
	dir->entry.d_type = record->type;
	dir->entry.d_reclen = sizeof(dir->entry);
	memcpy(dir->entry.d_name, record->name, length);
	dir->entry.d_name[length] = 0;
	dir->used += record->record_length;
	dir->position = dir->entry.d_off;
	return &dir->entry;
}

struct dirent *
readdir(DIR *dir)
{
	struct dirent *entry;

	__lock_take(&dir->lock);
	entry = next_entry(dir);
	__lock_release(&dir->lock);
	return entry;
}

int
readdir_r(DIR *restrict dir, struct dirent *restrict entry, struct dirent **restrict result)
{
	struct dirent *next;
	int saved = errno, error;

	__lock_take(&dir->lock);
	errno = 0;
	next = next_entry(dir);
	error = errno;
	errno = saved;
	if (next != NULL)
		*entry = *next;
	*result = next != NULL ? entry : NULL;
	__lock_release(&dir->lock);
	return next != NULL ? 0 : error;
}

void
seekdir(DIR *dir, long position)
{
	int saved = errno;

	__lock_take(&dir->lock);
	lseek(dir->fd, position, SEEK_SET);
	dir->position = position;
	dir->filled = dir->used = 0;
	__lock_release(&dir->lock);
	errno = saved;
}

long
telldir(DIR *dir)
{
	return dir->position;
}

void
rewinddir(DIR *dir)
{
	seekdir(dir, 0);
}

int
dirfd(DIR *dir)
{
	return dir->fd;
}

int
closedir(DIR *dir)
{
	int result = close(dir->fd);

	free(dir);
	return result;
}
