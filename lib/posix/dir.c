/*
 * Directory streams over io_readdir: a buffer of records, refilled when it is used up.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io.h"
#include "posix.h"

struct directory {
	int fd;
	uint32_t filled, used;		/* bytes of the buffer */
	struct dirent entry;
	_Alignas(8) char buffer[8192];
};

DIR *
opendir(const char *path)
{
	DIR *dir = malloc(sizeof(*dir));

	if (dir == NULL)
		return NULL;
	dir->fd = open(path, O_RDONLY | O_DIRECTORY);
	if (dir->fd < 0) {
		int saved = errno;

		free(dir);
		errno = saved;
		return NULL;
	}
	dir->filled = dir->used = 0;
	return dir;
}

/* Returns false at the end (errno unchanged) and on errors. */
static bool
refill(DIR *dir)
{
	mach_port_t file = fd_use(dir->fd);
	int result;

	if (file == MACH_PORT_NULL)
		return false;
	dir->used = 0;
	dir->filled = sizeof(dir->buffer);
	result = posix_result(io_readdir(file, dir->buffer, &dir->filled));
	fd_done(file);
	if (result < 0)
		dir->filled = 0;
	return dir->filled > 0;
}

struct dirent *
readdir(DIR *dir)
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
	dir->entry.d_off = record->next;
	dir->entry.d_type = record->type;
	dir->entry.d_reclen = sizeof(dir->entry);
	memcpy(dir->entry.d_name, record->name, length);
	dir->entry.d_name[length] = 0;
	dir->used += record->record_length;
	return &dir->entry;
}

void
rewinddir(DIR *dir)
{
	lseek(dir->fd, 0, SEEK_SET);
	dir->filled = dir->used = 0;
}

int
closedir(DIR *dir)
{
	int result = close(dir->fd);

	free(dir);
	return result;
}
