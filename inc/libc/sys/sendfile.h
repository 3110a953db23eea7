/* From a file to a descriptor without a buffer of the program's (Linux). */
#ifndef _SYS_SENDFILE_H
#define _SYS_SENDFILE_H

#include <bits/features.h>
#include <sys/types.h>

/*
 * Up to `size` bytes of the file `in`, from *offset, which moves instead of the file's own, or from there if offset is NULL. Returns how many were
 * written, 0 at the end of the file; EINVAL: `in` is no file or disk, or `out` appends.
 */
ssize_t sendfile(int out, int in, off_t *offset, size_t size);

/* The names of large files; all files are. */
#ifdef _MACHR_LARGE
#define sendfile64	sendfile
#endif

#endif
