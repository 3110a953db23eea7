/* Pipes. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <unistd.h>

#include "fs.h"
#include "mach/mach.h"
#include "posix.h"

int
pipe2(int fds[2], int flags)
{
	int kept = (flags & O_CLOEXEC) != 0 ? FD_CLOEXEC : 0, reader, writer;
	mach_port_t ports[2];

	if ((flags & ~(O_CLOEXEC | O_NONBLOCK)) != 0)
		return posix_error(EINVAL);
	if (posix_result(fs_pipe(root_directory(), (uint32_t)flags & O_NONBLOCK, &ports[0], &ports[1])) < 0)
		return -1;
	reader = fd_install(ports[0], 0, kept);
	if (reader < 0) {
		port_drop(ports[1]);
		return -1;
	}
	writer = fd_install(ports[1], 0, kept);
	if (writer < 0) {
		close(reader);
		return posix_error(EMFILE);
	}
	fds[0] = reader;
	fds[1] = writer;
	return 0;
}

int
pipe(int fds[2])
{
	return pipe2(fds, 0);
}
