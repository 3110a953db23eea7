/*
 * The boot archive: an ustar file (POSIX.1-2017 pax, "ustar Interchange Format") that QEMU loaded as initrd.
 */
#ifndef INIT_ARCHIVE_H
#define INIT_ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>

struct archive_file {
	const char *name;		/* in the archive, at most 100 bytes, maybe not terminated: use archive_name */
	const void *data;
	size_t size;			/* bytes */
};

/* Finds a regular file by its path (a leading "/" or "./" on either side does not matter). Pure: works on any memory. */
bool archive_find(const void *archive, size_t archive_size, const char *path, struct archive_file *file);

/* The file after the one at *offset (start with 0); false: no more, or the archive is damaged from there on. */
bool archive_next(const void *archive, size_t archive_size, size_t *offset, struct archive_file *file);

#endif
