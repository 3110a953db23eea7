/*
 * The limit on the size of files (RLIMIT_FSIZE): who would write beyond it is sent SIGXFSZ. Without a limit it costs nothing; with one, the
 * file is asked where the write would begin.
 */
#include <signal.h>
#include <unistd.h>

#include "io.h"
#include "posix/posix.h"
#include "posix/signal/signals.h"
#include "size_limit.h"

static int
too_large(void)
{
	raise(SIGXFSZ);
	return posix_error(EFBIG);
}

int
size_limit_check(off_t size)
{
	return signal_page->too_large == 0 || (uint64_t)size < signal_page->too_large ? 0 : too_large();
}

/* false: what the file is, or why it cannot be asked, the write itself will tell. */
static bool
begins_at(mach_port_t file, int64_t *offset)
{
	struct io_stat info;
	uint32_t flags;

	if (io_stat(file, &info) != KERN_SUCCESS || (info.mode & IO_S_IFMT) != IO_S_IFREG)
		return false;
	if (*offset >= 0)
		return true;
	if (io_get_flags(file, &flags) == KERN_SUCCESS && (flags & IO_O_APPEND) != 0) {
		*offset = info.size;
		return true;
	}
	return io_seek(file, 0, SEEK_CUR, offset) == KERN_SUCCESS;
}

ssize_t
size_limit_write(mach_port_t file, int64_t offset, size_t size)
{
	uint64_t limit = signal_page->too_large - 1, left;

	if (signal_page->too_large == 0 || size == 0 || !begins_at(file, &offset))
		return (ssize_t)size;
	left = (uint64_t)offset < limit ? limit - (uint64_t)offset : 0;
	return left == 0 ? too_large() : (ssize_t)(size < left ? size : left);
}
