/* Reads and writes at an offset, or at the file's own. */
#ifndef LIB_POSIX_TRANSFER_H
#define LIB_POSIX_TRANSFER_H

#include <stdint.h>
#include <sys/types.h>

#define IO_CURRENT	(-1)		/* where the file's offset stands, which moves */

/* Bytes moved, or -1 with errno. */
ssize_t transfer_read(int fd, int64_t offset, void *buffer, size_t size);
ssize_t transfer_write(int fd, int64_t offset, const void *data, size_t size);

/* A pipe or socket that nobody reads any more: this thread gets SIGPIPE. Unless that ends the process: -1 and EPIPE. */
ssize_t broken_pipe(void);

#endif
