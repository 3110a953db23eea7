/* The files behind names of shared memory and semaphores. */
#ifndef LIB_POSIX_FILE_NAMED_H
#define LIB_POSIX_FILE_NAMED_H

#include <limits.h>

/*
 * The path for a name: one slash, which may be missing, then bytes that are none. Returns 0, or -1 with errno: EINVAL, ENAMETOOLONG.
 */
int named_path(char path[PATH_MAX], const char *kind, const char *name);

#endif
