/*
 * Several buffers in one operation: they are gathered into one, so that a file's server sees one read or write, which it does in one step
 * as far as it does any.
 */
#define _GNU_SOURCE
#include <limits.h>
#include <string.h>
#include <sys/uio.h>

#include "iovec.h"
#include "mach/mach.h"
#include "posix.h"
#include "transfer.h"

ssize_t
iovec_total(const struct iovec *pieces, int count)
{
	size_t sum = 0;

	if (count <= 0 || count > IOV_MAX)
		return posix_error(EINVAL);
	for (int i = 0; i < count; i++)
		if (__builtin_add_overflow(sum, pieces[i].iov_len, &sum) || sum > SSIZE_MAX)
			return posix_error(EINVAL);
	return (ssize_t)sum;
}

/* malloc is not for signal handlers, which may come here. */
char *
iovec_room(char *small, size_t size)
{
	vm_address_t memory = 0;

	if (size <= IOVEC_SMALL)
		return small;
	if (vm_allocate(mach_task_self(), &memory, vm_page_round(size), VM_FLAGS_ANYWHERE) == KERN_SUCCESS)
		return (char *)memory;
	errno = ENOMEM;
	return NULL;
}

void
iovec_room_put(char *room, const char *small, size_t size)
{
	if (room != small)
		vm_deallocate(mach_task_self(), (vm_address_t)room, vm_page_round(size));
}

void
iovec_scatter(const struct iovec *pieces, int count, const char *from, size_t left)
{
	for (int i = 0; i < count && left > 0; i++) {
		size_t n = pieces[i].iov_len < left ? pieces[i].iov_len : left;

		memcpy(pieces[i].iov_base, from, n);
		from += n;
		left -= n;
	}
}

void
iovec_gather(const struct iovec *pieces, int count, char *to)
{
	for (int i = 0; i < count; i++)
		to = mempcpy(to, pieces[i].iov_base, pieces[i].iov_len);
}

static ssize_t
read_all(int fd, int64_t offset, const struct iovec *pieces, int count)
{
	ssize_t size = iovec_total(pieces, count), got;
	char small[IOVEC_SMALL], *room;

	if (size < 0 || (room = iovec_room(small, (size_t)size)) == NULL)
		return -1;
	got = transfer_read(fd, offset, room, (size_t)size);
	if (got > 0)
		iovec_scatter(pieces, count, room, (size_t)got);
	iovec_room_put(room, small, (size_t)size);
	return got;
}

static ssize_t
write_all(int fd, int64_t offset, const struct iovec *pieces, int count)
{
	ssize_t size = iovec_total(pieces, count), done;
	char small[IOVEC_SMALL], *room;

	if (size < 0 || (room = iovec_room(small, (size_t)size)) == NULL)
		return -1;
	iovec_gather(pieces, count, room);
	done = transfer_write(fd, offset, room, (size_t)size);
	iovec_room_put(room, small, (size_t)size);
	return done;
}

ssize_t
readv(int fd, const struct iovec *pieces, int count)
{
	return read_all(fd, IO_CURRENT, pieces, count);
}

ssize_t
writev(int fd, const struct iovec *pieces, int count)
{
	return write_all(fd, IO_CURRENT, pieces, count);
}

ssize_t
preadv(int fd, const struct iovec *pieces, int count, off_t offset)
{
	return offset < 0 ? posix_error(EINVAL) : read_all(fd, offset, pieces, count);
}

ssize_t
pwritev(int fd, const struct iovec *pieces, int count, off_t offset)
{
	return offset < 0 ? posix_error(EINVAL) : write_all(fd, offset, pieces, count);
}
