/*
 * Copying from descriptor to descriptor (Linux's sendfile and copy_file_range): by way of a buffer of our own. A thread is not cancelled while
 * it has that.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "posix/memory.h"
#include "posix/posix.h"
#include "posix/pthread/cancel.h"
#include "posix/transfer.h"

#define PIECE		(64 * 1024ul)	/* bytes at a time */

/* How many of one piece arrived; -1: none, with errno. */
static ssize_t
copy_piece(int in, off_t from, int out, int64_t to, void *buffer, size_t size)
{
	ssize_t got = transfer_read(in, from, buffer, size);

	return got <= 0 ? got : transfer_write(out, to, buffer, (size_t)got);
}

/*
 * Purpose: copies until `size` bytes are done, the file ends, or something goes wrong.
 * Conditions: to: where in `out`, or IO_CURRENT.
 * Returns: how many bytes arrived; -1: none, with errno.
 */
static ssize_t
copy(int in, off_t from, int out, int64_t to, size_t size)
{
	size_t done = 0, piece;
	ssize_t moved;
	void *buffer;

	if (size > SSIZE_MAX)
		size = SSIZE_MAX;
	cancel_hold();
	buffer = memory_map(PIECE);
	if (buffer == NULL)
		errno = ENOMEM;
	do {
		piece = size - done < PIECE ? size - done : PIECE;
		moved = buffer == NULL ? -1 : copy_piece(in, from + (off_t)done, out, to < 0 ? to : to + (int64_t)done, buffer, piece);
		done += moved > 0 ? (size_t)moved : 0;
	} while (moved > 0 && (size_t)moved == piece && done < size);
	if (buffer != NULL)
		memory_unmap(buffer, PIECE);
	cancel_release();
	return done > 0 ? (ssize_t)done : moved;
}

/* An open file, for an access that is not `wrong`; -1 with errno. */
static int
look(int fd, int wrong, struct stat *status)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fstat(fd, status) < 0)
		return -1;
	return (flags & O_ACCMODE) == wrong ? posix_error(EBADF) : flags;
}

/* Where to begin: *offset, or the file's own; -1 with errno. */
static off_t
place(int fd, const off_t *offset)
{
	if (offset == NULL)
		return lseek(fd, 0, SEEK_CUR);
	return *offset >= 0 ? *offset : posix_error(EINVAL);
}

static void
move_on(int fd, off_t *offset, off_t to)
{
	if (offset != NULL)
		*offset = to;
	else
		lseek(fd, to, SEEK_SET);
}

ssize_t
sendfile(int out, int in, off_t *offset, size_t size)
{
	struct stat from, to;
	int out_flags = look(out, O_RDONLY, &to);
	off_t start;
	ssize_t done;

	if (out_flags < 0 || look(in, O_WRONLY, &from) < 0)
		return -1;
	if ((!S_ISREG(from.st_mode) && !S_ISBLK(from.st_mode)) || (out_flags & O_APPEND) != 0)
		return posix_error(EINVAL);
	start = place(in, offset);
	if (start < 0 || size == 0)
		return start < 0 ? -1 : 0;
	done = copy(in, start, out, IO_CURRENT, size);
	if (done > 0)
		move_on(in, offset, start + done);
	return done;
}

static bool
overlap(const struct stat *a, off_t from, const struct stat *b, off_t to, size_t size)
{
	off_t apart = from < to ? to - from : from - to;

	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && (size_t)apart < size;
}

/* EBADF, EISDIR or EINVAL for what is no pair of files to copy between. */
static int
check_files(int in, struct stat *from, int out, struct stat *to)
{
	int out_flags = look(out, O_RDONLY, to);

	if (out_flags < 0 || look(in, O_WRONLY, from) < 0)
		return -1;
	if ((out_flags & O_APPEND) != 0)
		return posix_error(EBADF);
	if (S_ISDIR(from->st_mode) || S_ISDIR(to->st_mode))
		return posix_error(EISDIR);
	return S_ISREG(from->st_mode) && S_ISREG(to->st_mode) ? 0 : posix_error(EINVAL);
}

ssize_t
copy_file_range(int in, off_t *in_offset, int out, off_t *out_offset, size_t size, unsigned flags)
{
	struct stat from_status, to_status;
	off_t from, to;
	size_t left;
	ssize_t done;

	if (flags != 0)
		return posix_error(EINVAL);
	if (check_files(in, &from_status, out, &to_status) < 0 || (from = place(in, in_offset)) < 0 || (to = place(out, out_offset)) < 0)
		return -1;
	left = from < from_status.st_size ? (size_t)(from_status.st_size - from) : 0;
	if (size > left)
		size = left;
	if (overlap(&from_status, from, &to_status, to, size))
		return posix_error(EINVAL);
	done = size > 0 ? copy(in, from, out, to, size) : 0;
	if (done > 0) {
		move_on(in, in_offset, from + done);
		move_on(out, out_offset, to + done);
	}
	return done;
}
