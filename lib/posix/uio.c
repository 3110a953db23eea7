/*
 * Several buffers in one operation: they are gathered into one, so that a file's server sees one read or write, which it does in one step
 * as far as it does any.
 */
#define _GNU_SOURCE
#include <limits.h>
#include <string.h>
#include <sys/uio.h>

#include "mach/mach.h"
#include "posix.h"
#include "transfer.h"

#define SMALL	4096			/* bytes that fit on the stack */

/* The sum of all sizes; -1 and EINVAL. */
static ssize_t
total(const struct iovec *pieces, int count)
{
	size_t sum = 0;

	if (count <= 0 || count > IOV_MAX)
		return posix_error(EINVAL);
	for (int i = 0; i < count; i++)
		if (__builtin_add_overflow(sum, pieces[i].iov_len, &sum) || sum > SSIZE_MAX)
			return posix_error(EINVAL);
	return (ssize_t)sum;
}

/* Room for `size` bytes: `small`, or pages; NULL and ENOMEM. malloc is not for signal handlers, which may come here. */
static char *
room_get(char *small, size_t size)
{
	vm_address_t memory = 0;

	if (size <= SMALL)
		return small;
	if (vm_allocate(mach_task_self(), &memory, vm_page_round(size), VM_FLAGS_ANYWHERE) == KERN_SUCCESS)
		return (char *)memory;
	errno = ENOMEM;
	return NULL;
}

static void
room_put(char *room, const char *small, size_t size)
{
	if (room != small)
		vm_deallocate(mach_task_self(), (vm_address_t)room, vm_page_round(size));
}

static void
scatter(const struct iovec *pieces, int count, const char *from, size_t left)
{
	for (int i = 0; i < count && left > 0; i++) {
		size_t n = pieces[i].iov_len < left ? pieces[i].iov_len : left;

		memcpy(pieces[i].iov_base, from, n);
		from += n;
		left -= n;
	}
}

static ssize_t
read_all(int fd, int64_t offset, const struct iovec *pieces, int count)
{
	ssize_t size = total(pieces, count), got;
	char small[SMALL], *room;

	if (size < 0 || (room = room_get(small, (size_t)size)) == NULL)
		return -1;
	got = transfer_read(fd, offset, room, (size_t)size);
	if (got > 0)
		scatter(pieces, count, room, (size_t)got);
	room_put(room, small, (size_t)size);
	return got;
}

static ssize_t
write_all(int fd, int64_t offset, const struct iovec *pieces, int count)
{
	ssize_t size = total(pieces, count), done;
	char small[SMALL], *room, *to;

	if (size < 0 || (room = room_get(small, (size_t)size)) == NULL)
		return -1;
	to = room;
	for (int i = 0; i < count; i++)
		to = mempcpy(to, pieces[i].iov_base, pieces[i].iov_len);
	done = transfer_write(fd, offset, room, (size_t)size);
	room_put(room, small, (size_t)size);
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
