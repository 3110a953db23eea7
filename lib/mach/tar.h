/*
 * Reads a ustar archive in memory (POSIX.1-1988 "ustar interchange format"). Pure; the archive is
 * not trusted.
 */
#ifndef LIB_MACH_TAR_H
#define LIB_MACH_TAR_H

#include <mach/types.h>

#define TAR_NAME_MAX	257		/* bytes with the 0: prefix, '/', name */

struct tar_file {
	char name[TAR_NAME_MAX];	/* without leading "/" and "./", without trailing "/" */
	const void *data;
	uint64_t size;			/* bytes */
	bool folder;
};

/*
 * Purpose: the entry at *offset (0 for the first); *offset moves on. Entries other than files and
 * folders are passed over.
 * Returns: false at the end and where the archive is damaged.
 */
bool
tar_next(const void *archive, uint64_t size, uint64_t *offset, struct tar_file *file);

/* The file of that name; a leading "/" does not matter. */
bool
tar_find(const void *archive, uint64_t size, const char *name, struct tar_file *file);

#endif
