/*
 * Inside the POSIX layer: descriptors, paths, and how results of messages become errno.
 *
 * A descriptor is a send right to an open-file port and its FD_CLOEXEC flag, both in one word of the table: every operation on the table is
 * one atomic step, takes no lock and may be used in a signal handler or the child of a fork. A call uses the port's name without a reference
 * of its own: if another thread closes the descriptor meanwhile, the name is stale (its generation has passed) and the call fails with EBADF,
 * and nothing is left behind by a call that never returns, because a signal handler jumped out of it.
 */
#ifndef LIB_POSIX_POSIX_H
#define LIB_POSIX_POSIX_H

#include <errno.h>
#include <mach/message.h>
#include <mach/types.h>
#include <proto/startup.h>
#include <proto/types.h>
#include <stdbool.h>
#include <sys/types.h>

#define FD_MAX STARTUP_FDS_MAX

struct stat;

/* From main's start: takes over the descriptors, directories and the umask of the start-up page. */
void fd_start(void);
void fd_table_start(void);

/* The port of a descriptor; MACH_PORT_NULL and errno EBADF. */
mach_port_t fd_port(int fd);

/*
 * Puts a right on the lowest free descriptor from `from` on, which then owns it. flags: FD_CLOEXEC or 0. -1: the right is released and errno
 * EMFILE (no descriptor below the process's limit is free).
 */
int fd_install(mach_port_t port, int from, int flags);

/*
 * Whether a descriptor from `from` on is free: asked before a message whose answer cannot be given back. -1: EMFILE. Another thread may
 * take it meanwhile.
 */
int fd_free(int from);

/* The flags of a descriptor (FD_CLOEXEC); -1 and EBADF. */
int fd_flags(int fd);
int fd_set_flags(int fd, int flags);

/*
 * For exec and spawn: the descriptors as the new image shall find them, those with FD_CLOEXEC left out. Returns the number up to the last
 * open one, at most `count`. The rights stay the table's.
 */
unsigned fd_kept(struct startup_fd *fds, unsigned count);

/* All of them, `flags` being the table's (FD_CLOEXEC). */
void fd_all(struct startup_fd *fds, unsigned count);

/* Copies of the rights of descriptors 0 .. count-1 for a child; the caller gives them back. Returns the number up to the last open one. */
unsigned fd_copies(mach_port_t *ports, unsigned count);

/* fcntl F_DUPFD: the lowest free descriptor from `from` on. EBADF, EINVAL, EMFILE. */
int fd_dup_from(int fd, int from, int flags);

/* For exec: record locks of the files whose descriptors it closes are given up now, as nobody could say it afterwards. */
void fd_locks_leave(void);

/*
 * Record locks (file/lock.c). lock_taken: the process has had some: who closes a descriptor calls lock_closing first. lock_control: fcntl's
 * F_GETLK, F_SETLK, F_SETLKW.
 */
struct flock;
void lock_start(void);
bool lock_taken(void);
void lock_closing(mach_port_t file);
int lock_control(int fd, int command, struct flock *lock);

/* RLIMIT_NOFILE's soft limit: descriptors from it on are not given out. At most FD_MAX. */
unsigned fd_limit(void);

/* The port that a path is looked up from, and what goes with it; owned by the process. */
mach_port_t root_directory(void);
mach_port_t working_directory(void);

/* The bits that a new file does not get. */
uint32_t umask_bits(void);

/*
 * The directory port for a path relative to descriptor `at` (AT_FDCWD: the working directory); the root for an absolute one. MACH_PORT_NULL:
 * `at` is not open.
 */
mach_port_t path_base(int at, const char *path);

/*
 * The result of `request`, which uses the directory `base`, found by `find`. The working directory may be changed by another thread before
 * the message is sent: the name is stale then (`stale` is what that gives), or the server had heard by then that nobody has the directory.
 * The call is made again if there is another one.
 */
#define BASE_CALL(base, find, stale, request)                                           \
	__extension__({                                                                 \
		mach_port_t base;                                                       \
		kern_return_t kr_;                                                      \
		do {                                                                    \
			base = (find);                                                  \
			kr_ = (request);                                                \
		} while ((kr_ == (stale) || kr_ == EBADF) && (find) != base);           \
		kr_;                                                                    \
	})

/* The result of `request`, a call with a path that is sent to `base`, as 0 or -1 with errno. */
#define PATH_CALL(at, path, base, request)                                              \
	path_result(BASE_CALL(base, path_base(at, path), MACH_SEND_INVALID_DEST,        \
	    base == MACH_PORT_NULL ? EBADF : (request)))
int path_result(kern_return_t kr);

/*
 * Turns a result of generated code into 0, or -1 with errno: protocol results are errno values; a stale name is EBADF, memory that
 * cannot be sent EFAULT, a request the file's server does not know `unknown`; anything else means that the server is gone: EIO.
 */
int posix_result_or(kern_return_t kr, int unknown);
int posix_result(kern_return_t kr);		/* unknown: EINVAL */

/* -1 and errno. */
int posix_error(int error);

/* The status of an open file. */
int file_info(int fd, struct io_stat *info);
void stat_from_info(struct stat *status, const struct io_stat *info);

#endif
