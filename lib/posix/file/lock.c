/*
 * File locks: fcntl's, lockf's and flock's. The file's server keeps them (io_lock, io_flock); what it cannot see is that a process closes a
 * descriptor, so close tells it, once the process has had a record lock.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "io.h"
#include "mach/startup.h"
#include "posix/interrupt.h"
#include "posix/posix.h"

static uint32_t taken;			/* this process has had record locks */

void
lock_start(void)
{
	taken = (startup_info->flags & STARTUP_LOCKS) != 0;
}

bool
lock_taken(void)
{
	return __atomic_load_n(&taken, __ATOMIC_RELAXED);
}

void
lock_closing(mach_port_t file)
{
	struct io_lock all = { .kind = IO_LOCK_NONE, .whence = SEEK_SET }, found;

	io_lock(file, IO_LOCK_SET, &all, &found);
}

int
lock_control(int fd, int command, struct flock *lock)
{
	static const uint32_t kinds[] = { [F_RDLCK] = IO_LOCK_READ, [F_WRLCK] = IO_LOCK_WRITE, [F_UNLCK] = IO_LOCK_NONE };
	static const short types[] = { [IO_LOCK_READ] = F_RDLCK, [IO_LOCK_WRITE] = F_WRLCK, [IO_LOCK_NONE] = F_UNLCK };
	uint32_t what = command == F_GETLK ? IO_LOCK_GET : command == F_SETLK ? IO_LOCK_SET : IO_LOCK_WAIT;
	mach_port_t file = fd_port(fd);
	struct io_lock wanted, found;

	if (file == MACH_PORT_NULL)
		return -1;
	if (lock->l_type < F_RDLCK || lock->l_type > F_UNLCK || lock->l_whence < SEEK_SET || lock->l_whence > SEEK_END)
		return posix_error(EINVAL);
	wanted = (struct io_lock){ .kind = kinds[lock->l_type], .whence = (uint32_t)lock->l_whence, .start = lock->l_start,
		.length = lock->l_len };
	if (command != F_GETLK && lock->l_type != F_UNLCK)
		__atomic_store_n(&taken, 1, __ATOMIC_RELAXED);
	if (posix_result(INTERRUPTIBLE(io_lock(file, what, &wanted, &found))) < 0)
		return -1;
	if (command != F_GETLK)
		return 0;
	if (found.kind >= IO_LOCK_NONE)
		lock->l_type = F_UNLCK;
	else
		*lock = (struct flock){ types[found.kind], (short)found.whence, found.start, found.length, found.pid };
	return 0;
}

int
lockf(int fd, int function, off_t size)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_CUR, .l_len = size };

	switch (function) {
	case F_ULOCK:
		lock.l_type = F_UNLCK;
		return lock_control(fd, F_SETLK, &lock);
	case F_LOCK:
		return lock_control(fd, F_SETLKW, &lock);
	case F_TLOCK:
		return lock_control(fd, F_SETLK, &lock);
	case F_TEST:
		if (lock_control(fd, F_GETLK, &lock) < 0)
			return -1;
		return lock.l_type == F_UNLCK ? 0 : posix_error(EACCES);
	}
	return posix_error(EINVAL);
}

int
flock(int fd, int operation)
{
	mach_port_t file = fd_port(fd);

	if (file == MACH_PORT_NULL)
		return -1;
	return posix_result(INTERRUPTIBLE(io_flock(file, (uint32_t)operation)));
}
