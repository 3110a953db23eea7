/* The limit on the size of files, for what writes. */
#ifndef LIB_POSIX_FILE_SIZE_LIMIT_H
#define LIB_POSIX_FILE_SIZE_LIMIT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "mach/mach.h"

/* Whether a file may have that size; -1: EFBIG, and SIGXFSZ was sent. */
int size_limit_check(off_t size);

/* How many of `size` bytes may be written at an offset, or where the file is (IO_CURRENT); -1: none, as above. */
ssize_t size_limit_write(mach_port_t file, int64_t offset, size_t size);

#endif
