/*
 * Names of the process's own descriptors: /dev/stdin, /dev/stdout, /dev/stderr and /dev/fd/NUMBER. No server knows them: opening one is to
 * duplicate the descriptor, which must be open for what is asked, and its status is the file's.
 */
#ifndef LIB_POSIX_FILE_FD_NAME_H
#define LIB_POSIX_FILE_FD_NAME_H

/* Which descriptor a path names, open or not; -1: none. */
int fd_name(const char *path);

/* open() of one. ENOENT: it is not open; EACCES: not for this; EEXIST. Does not truncate. */
int fd_name_open(int fd, int flags);

/* access() of one: ENOENT, or EACCES for what it is not open for. */
int fd_name_access(int fd, int mode);

#endif
