/*
 * The descriptor table. See posix.h.
 *
 * A word of the table: the port's name in the low half, the descriptor's flags in the high one; 0: closed.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <unistd.h>

#include "mach/mach.h"
#include "mach/startup.h"
#include "posix.h"
#include "signal/signals.h"

static uint64_t table[FD_MAX];

static uint64_t
entry_of(mach_port_t port, int flags)
{
	return port | (uint64_t)(flags & FD_CLOEXEC) << 32;
}

static mach_port_t
entry_port(uint64_t entry)
{
	return (mach_port_t)entry;
}

/* The entry of a descriptor, 0 if it is not open. */
static uint64_t
entry_at(int fd)
{
	return fd >= 0 && fd < FD_MAX ? __atomic_load_n(&table[fd], __ATOMIC_ACQUIRE) : 0;
}

void
fd_table_start(void)
{
	for (unsigned i = 0; i < startup_info->fd_count && i < FD_MAX; i++)
		if (startup_info->fds[i].port != MACH_PORT_NULL)
			table[i] = entry_of(startup_info->fds[i].port, 0);
}

mach_port_t
fd_port(int fd)
{
	uint64_t entry = entry_at(fd);

	if (entry == 0)
		errno = EBADF;
	return entry_port(entry);
}

int
fd_install(mach_port_t port, int from, int flags)
{
	for (unsigned fd = (unsigned)from; fd < fd_limit(); fd++) {
		uint64_t closed = 0;

		if (__atomic_compare_exchange_n(&table[fd], &closed, entry_of(port, flags), false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
			return (int)fd;
	}
	port_drop(port);
	return posix_error(EMFILE);
}

int
fd_free(int from)
{
	for (int fd = from; fd < (int)fd_limit(); fd++)
		if (entry_at(fd) == 0)
			return 0;
	return posix_error(EMFILE);
}

int
fd_flags(int fd)
{
	uint64_t entry = entry_at(fd);

	return entry == 0 ? posix_error(EBADF) : (int)(entry >> 32);
}

int
fd_set_flags(int fd, int flags)
{
	uint64_t entry = entry_at(fd);

	while (entry != 0)
		if (__atomic_compare_exchange_n(&table[fd], &entry, entry_of(entry_port(entry), flags), false, __ATOMIC_ACQ_REL,
		    __ATOMIC_ACQUIRE))
			return 0;
	return posix_error(EBADF);
}

void
fd_all(struct startup_fd *fds, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		uint64_t entry = entry_at((int)i);

		fds[i] = (struct startup_fd){ entry_port(entry), (uint32_t)(entry >> 32) };
	}
}

unsigned
fd_kept(struct startup_fd *fds, unsigned count)
{
	unsigned used = 0;

	fd_all(fds, count);
	for (unsigned i = 0; i < count; i++) {
		if ((fds[i].flags & FD_CLOEXEC) != 0)
			fds[i] = (struct startup_fd){ MACH_PORT_NULL, 0 };
		if (fds[i].port != MACH_PORT_NULL)
			used = i + 1;
	}
	return used;
}

unsigned
fd_copies(mach_port_t *ports, unsigned count)
{
	unsigned used = 0;

	for (unsigned i = 0; i < count; i++) {
		uint64_t entry = entry_at((int)i);

		ports[i] = entry_port(entry);
		if (entry == 0)
			continue;
		if (port_hold(ports[i]) != KERN_SUCCESS)
			ports[i] = MACH_PORT_NULL;
		else
			used = i + 1;
	}
	return used;
}

unsigned
fd_limit(void)
{
	uint64_t too_many = __atomic_load_n(&signal_page->too_many_files, __ATOMIC_RELAXED);

	return too_many != 0 && too_many <= FD_MAX ? (unsigned)too_many - 1 : FD_MAX;
}

/* Gives back what stood in the table. */
static void
release(uint64_t entry)
{
	if (entry != 0 && lock_taken())
		lock_closing(entry_port(entry));
	port_drop(entry_port(entry));
}

void
fd_locks_leave(void)
{
	for (int fd = 0; fd < FD_MAX; fd++) {
		uint64_t entry = entry_at(fd);

		if ((entry >> 32 & FD_CLOEXEC) != 0)
			lock_closing(entry_port(entry));
	}
}

int
close(int fd)
{
	uint64_t entry = fd >= 0 && fd < FD_MAX ? __atomic_exchange_n(&table[fd], 0, __ATOMIC_ACQ_REL) : 0;

	if (entry == 0)
		return posix_error(EBADF);
	release(entry);
	return 0;
}

/* The port of a descriptor with one more reference, for another one. */
static mach_port_t
port_again(int fd)
{
	mach_port_t port = fd_port(fd);

	if (port == MACH_PORT_NULL)
		return port;
	if (port_hold(port) == KERN_SUCCESS)
		return port;
	errno = EBADF;
	return MACH_PORT_NULL;
}

int
dup(int fd)
{
	mach_port_t port = port_again(fd);

	return port == MACH_PORT_NULL ? -1 : fd_install(port, 0, 0);
}

int
fd_dup_from(int fd, int from, int flags)
{
	mach_port_t port;

	if (entry_at(fd) == 0)
		return posix_error(EBADF);
	if (from < 0 || (unsigned)from >= fd_limit())
		return posix_error(EINVAL);
	port = port_again(fd);
	return port == MACH_PORT_NULL ? -1 : fd_install(port, from, flags);
}

static int
dup_onto(int from, int to, int flags)
{
	mach_port_t port;

	if (to < 0 || (unsigned)to >= fd_limit())
		return posix_error(EBADF);
	port = port_again(from);
	if (port == MACH_PORT_NULL)
		return -1;
	release(__atomic_exchange_n(&table[to], entry_of(port, flags), __ATOMIC_ACQ_REL));
	return to;
}

int
dup2(int from, int to)
{
	if (from == to)
		return fd_port(from) == MACH_PORT_NULL ? -1 : to;
	return dup_onto(from, to, 0);
}

int
dup3(int from, int to, int flags)
{
	if (from == to || (flags & ~O_CLOEXEC) != 0)
		return posix_error(EINVAL);
	return dup_onto(from, to, (flags & O_CLOEXEC) != 0 ? FD_CLOEXEC : 0);
}
