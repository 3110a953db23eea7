/*
 * Reading, writing, positions. Small pieces travel inline, large reads out of line.
 */
#include <string.h>
#include <unistd.h>

#include "io.h"
#include "mach/mig.h"
#include "posix.h"

static ssize_t
read_inline(mach_port_t file, int64_t offset, void *buffer, size_t size)
{
	uint32_t count = size;

	return posix_result(io_read(file, offset, size, buffer, &count)) < 0 ? -1 : (ssize_t)count;
}

static ssize_t
read_out_of_line(mach_port_t file, int64_t offset, void *buffer, size_t size)
{
	uint32_t count;
	void *data;

	if (posix_result(io_read_ool(file, offset, size < IO_OOL_MAX ? size : IO_OOL_MAX, &data, &count)) < 0)
		return -1;
	memcpy(buffer, data, count);
	mig_free(data, count);
	return count;
}

static ssize_t
read_at(int fd, int64_t offset, void *buffer, size_t size)
{
	mach_port_t file = fd_use(fd);
	ssize_t count;

	if (file == MACH_PORT_NULL)
		return -1;
	count = size <= IO_INLINE_MAX ? read_inline(file, offset, buffer, size) : read_out_of_line(file, offset, buffer, size);
	fd_done(file);
	return count;
}

ssize_t
read(int fd, void *buffer, size_t size)
{
	return read_at(fd, -1, buffer, size);
}

ssize_t
pread(int fd, void *buffer, size_t size, off_t offset)
{
	if (offset < 0) {
		errno = EINVAL;
		return -1;
	}
	return read_at(fd, offset, buffer, size);
}

/* Writes in pieces; what was written before an error counts. */
ssize_t
write(int fd, const void *buffer, size_t size)
{
	mach_port_t file = fd_use(fd);
	size_t done = 0;

	if (file == MACH_PORT_NULL)
		return -1;
	do {
		uint32_t piece = size - done < IO_INLINE_MAX ? size - done : IO_INLINE_MAX, written;

		if (posix_result(io_write(file, -1, (const char *)buffer + done, piece, &written)) < 0) {
			fd_done(file);
			return done > 0 ? (ssize_t)done : -1;
		}
		done += written;
		if (written < piece)
			break;
	} while (done < size);
	fd_done(file);
	return done;
}

off_t
lseek(int fd, off_t offset, int whence)
{
	mach_port_t file = fd_use(fd);
	int64_t position;
	int result;

	if (file == MACH_PORT_NULL)
		return -1;
	result = posix_result(io_seek(file, offset, whence, &position));
	fd_done(file);
	return result < 0 ? -1 : position;
}
