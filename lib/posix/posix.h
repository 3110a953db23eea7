/*
 * Inside the POSIX layer: descriptors, and how results of messages become errno.
 *
 * A descriptor is a send right to an open-file port. The table belongs to the process; its lock is only held to look at or change the
 * table, never during a message. A call takes its own reference to the right (fd_use), so a close() by another thread cannot pull it away.
 */
#ifndef LIB_POSIX_POSIX_H
#define LIB_POSIX_POSIX_H

#include <errno.h>
#include <mach/types.h>
#include <proto/types.h>
#include <sys/types.h>

#define FD_MAX 256

struct stat;

/* From main's start: takes over the descriptors and directories of the start-up page. */
void fd_start(void);

/* The port of a descriptor with a reference of its own, given back by fd_done; MACH_PORT_NULL and errno EBADF. */
mach_port_t fd_use(int fd);
void fd_done(mach_port_t port);

/* Puts a right on the lowest free descriptor from `from` on, which then owns it; -1 and EMFILE: it is released. */
int fd_install(mach_port_t port, int from);

/* Copies of the rights of descriptors 0 .. count-1 for a child; the caller gives them back. Returns the number up to the last open one. */
unsigned fd_copies(mach_port_t *ports, unsigned count);

/* The directory a path is looked up from: root or working directory. Owned by the process. */
mach_port_t path_base(const char *path);
mach_port_t root_directory(void);
mach_port_t working_directory(void);

/* Turns a result of generated code into 0, or -1 with errno: protocol results are errno values, the others mean the server is gone. */
int posix_result(kern_return_t kr);

void stat_from_info(struct stat *status, const struct io_stat *info);

#endif
