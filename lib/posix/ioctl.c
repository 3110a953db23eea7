/* ioctl: other names for calls, and the screen's size. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "io.h"
#include "posix.h"
#include "tty.h"

static int
get_size(int fd, struct winsize *size)
{
	mach_port_t terminal = fd_port(fd);
	struct tty_settings info;

	if (terminal == MACH_PORT_NULL || posix_result_or(tty_get_settings(terminal, &info), ENOTTY) < 0)
		return -1;
	*size = (struct winsize){ info.rows, info.columns, 0, 0 };
	return 0;
}

static int
set_size(int fd, const struct winsize *size)
{
	mach_port_t terminal = fd_port(fd);

	return terminal == MACH_PORT_NULL ? -1 : posix_result_or(tty_set_size(terminal, size->ws_row, size->ws_col), ENOTTY);
}

/* Of a terminal, a pipe or socket, or what is left of a file. */
static int
get_available(int fd, int *bytes)
{
	mach_port_t file = fd_port(fd);
	struct stat status;
	uint32_t available;
	off_t at;

	if (file == MACH_PORT_NULL || fstat(fd, &status) < 0)
		return -1;
	if (S_ISREG(status.st_mode) || S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode)) {
		at = S_ISREG(status.st_mode) ? lseek(fd, 0, SEEK_CUR) : 0;
		*bytes = at >= status.st_size ? 0 : status.st_size - at < INT_MAX ? (int)(status.st_size - at) : INT_MAX;
		return 0;
	}
	if (posix_result_or(tty_available(file, &available), ENOTTY) < 0)
		return -1;
	*bytes = (int)available;
	return 0;
}

static int
set_nonblocking(int fd, const int *on)
{
	int flags = fcntl(fd, F_GETFL);

	return flags < 0 ? -1 : fcntl(fd, F_SETFL, *on != 0 ? flags | O_NONBLOCK : flags & ~O_NONBLOCK);
}

static int
get_group(int fd, pid_t *group)
{
	*group = tcgetpgrp(fd);
	return *group < 0 ? -1 : 0;
}

static int
get_session(int fd, pid_t *session)
{
	*session = tcgetsid(fd);
	return *session < 0 ? -1 : 0;
}

static int
set_controlling(int fd, bool controlling)
{
	mach_port_t terminal = fd_port(fd);

	if (terminal == MACH_PORT_NULL)
		return -1;
	return posix_result_or(controlling ? tty_take(terminal) : tty_give_up(terminal), ENOTTY);
}

static int
get_pty_number(int fd, unsigned *number)
{
	mach_port_t master = fd_port(fd);

	return master == MACH_PORT_NULL ? -1 : posix_result_or(tty_pty_number(master, number), ENOTTY);
}

static int
lock_pty(int fd, const int *locked)
{
	mach_port_t master = fd_port(fd);

	return master == MACH_PORT_NULL ? -1 : posix_result_or(tty_pty_lock(master, *locked != 0), ENOTTY);
}

int
ioctl(int fd, unsigned long request, ...)
{
	va_list arguments;
	void *argument;

	va_start(arguments, request);
	argument = va_arg(arguments, void *);
	va_end(arguments);
	switch (request) {
	case TCGETS: return tcgetattr(fd, argument);
	case TCSETS: return tcsetattr(fd, TCSANOW, argument);
	case TCSETSW: return tcsetattr(fd, TCSADRAIN, argument);
	case TCSETSF: return tcsetattr(fd, TCSAFLUSH, argument);
	case TCSBRK: return argument == NULL ? tcsendbreak(fd, 0) : tcdrain(fd);
	case TCXONC: return tcflow(fd, (int)(intptr_t)argument);
	case TCFLSH: return tcflush(fd, (int)(intptr_t)argument);
	case TIOCGPGRP: return get_group(fd, argument);
	case TIOCSPGRP: return tcsetpgrp(fd, *(const pid_t *)argument);
	case TIOCGSID: return get_session(fd, argument);
	case TIOCSCTTY: return set_controlling(fd, true);
	case TIOCNOTTY: return set_controlling(fd, false);
	case TIOCGWINSZ: return get_size(fd, argument);
	case TIOCSWINSZ: return set_size(fd, argument);
	case TIOCGPTN: return get_pty_number(fd, argument);
	case TIOCSPTLCK: return lock_pty(fd, argument);
	case FIONREAD: return get_available(fd, argument);
	case FIONBIO: return set_nonblocking(fd, argument);
	case FIONCLEX: return fcntl(fd, F_SETFD, 0);
	case FIOCLEX: return fcntl(fd, F_SETFD, FD_CLOEXEC);
	default: return fd_port(fd) == MACH_PORT_NULL ? -1 : posix_error(ENOTTY);
	}
}
