/*
 * Reading, writing, positions. Small pieces travel inline, large ones out of line, each in one message as far as one takes it: what fits
 * is one operation of the server's.
 */
#define _GNU_SOURCE
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "io.h"
#include "file/size_limit.h"
#include "interrupt.h"
#include "mach/mig.h"
#include "posix.h"
#include "transfer.h"

/* Bytes read, or -1. */
static ssize_t
read_piece(mach_port_t file, int64_t offset, void *buffer, size_t size)
{
	uint32_t count = (uint32_t)size;
	void *data;

	if (size <= IO_INLINE_MAX)
		return posix_result(INTERRUPTIBLE(io_read(file, offset, (uint32_t)size, buffer, &count))) < 0 ? -1 : (ssize_t)count;
	if (posix_result(INTERRUPTIBLE(io_read_ool(file, offset, (uint32_t)size, &data, &count))) < 0)
		return -1;
	if (count > size)
		count = (uint32_t)size;
	memcpy(buffer, data, count);
	mig_free(data, count);
	return count;
}

static ssize_t
write_piece(mach_port_t file, int64_t offset, const void *data, size_t size)
{
	uint32_t written;
	kern_return_t kr = INTERRUPTIBLE(size <= IO_INLINE_MAX
	    ? io_write(file, offset, data, (uint32_t)size, &written)
	    : io_write_ool(file, offset, (void *)(uintptr_t)data, (uint32_t)size, &written));

	if (posix_result(kr) < 0)
		return -1;
	return written <= size ? (ssize_t)written : posix_error(EIO);
}

/* A piece of the largest size that came whole may not have been all: a file's reader gets what there is. */
ssize_t
transfer_read(int fd, int64_t offset, void *buffer, size_t size)
{
	mach_port_t file = fd_port(fd);
	size_t done = 0, piece;
	ssize_t got;

	if (file == MACH_PORT_NULL)
		return -1;
	if (size > SSIZE_MAX)
		return posix_error(EINVAL);
	do {
		piece = size - done < IO_OOL_MAX ? size - done : IO_OOL_MAX;
		got = read_piece(file, offset < 0 ? offset : offset + (int64_t)done, (char *)buffer + done, piece);
		if (got < 0)
			return done > 0 ? (ssize_t)done : -1;
		done += (size_t)got;
	} while ((size_t)got == IO_OOL_MAX && done < size);
	return (ssize_t)done;
}

ssize_t
broken_pipe(void)
{
	raise(SIGPIPE);
	return posix_error(EPIPE);
}

/*
 * What was written before an error counts. A piece may be cut short because another thread's wait at the same file was ended: only a handler
 * of this thread ends the whole.
 */
ssize_t
transfer_write(int fd, int64_t offset, const void *data, size_t size)
{
	mach_port_t file = fd_port(fd);
	uint32_t seen = *signal_interrupts();
	size_t done = 0, piece;
	ssize_t got;

	if (file == MACH_PORT_NULL)
		return -1;
	if (size > SSIZE_MAX)
		return posix_error(EINVAL);
	got = size_limit_write(file, offset, size);
	if (got < 0)
		return -1;
	size = (size_t)got;
	do {
		piece = size - done < IO_OOL_MAX ? size - done : IO_OOL_MAX;
		got = write_piece(file, offset < 0 ? offset : offset + (int64_t)done, (const char *)data + done, piece);
		if (got < 0 && done > 0)
			return (ssize_t)done;
		if (got < 0)
			return errno == EPIPE ? broken_pipe() : -1;
		done += (size_t)got;
	} while (got > 0 && done < size && !interrupted_since(seen));
	return (ssize_t)done;
}

ssize_t
read(int fd, void *buffer, size_t size)
{
	return transfer_read(fd, IO_CURRENT, buffer, size);
}

ssize_t
write(int fd, const void *data, size_t size)
{
	return transfer_write(fd, IO_CURRENT, data, size);
}

ssize_t
pread(int fd, void *buffer, size_t size, off_t offset)
{
	return offset < 0 ? posix_error(EINVAL) : transfer_read(fd, offset, buffer, size);
}

ssize_t
pwrite(int fd, const void *data, size_t size, off_t offset)
{
	return offset < 0 ? posix_error(EINVAL) : transfer_write(fd, offset, data, size);
}

/* No file tells where its holes are: all of it is data, with a hole behind its end (POSIX.1-2024 lseek). */
static off_t
seek_data(int fd, off_t offset, int whence)
{
	struct io_stat info;

	if (file_info(fd, &info) < 0)
		return -1;
	if ((info.mode & IO_S_IFMT) == IO_S_IFIFO || (info.mode & IO_S_IFMT) == IO_S_IFSOCK)
		return posix_error(ESPIPE);
	if ((info.mode & IO_S_IFMT) != IO_S_IFREG)
		return posix_error(EINVAL);
	if (offset < 0 || offset >= (off_t)info.size)
		return posix_error(ENXIO);
	return lseek(fd, whence == SEEK_DATA ? offset : (off_t)info.size, SEEK_SET);
}

off_t
lseek(int fd, off_t offset, int whence)
{
	mach_port_t file = fd_port(fd);
	int64_t position;

	if (whence == SEEK_DATA || whence == SEEK_HOLE)
		return seek_data(fd, offset, whence);
	if (file == MACH_PORT_NULL || posix_result_or(io_seek(file, offset, (uint32_t)whence, &position), ESPIPE) < 0)
		return -1;
	return position;
}
