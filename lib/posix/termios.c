/* Settings of terminals: requests of tty.defs to the terminal's port. */
#define _GNU_SOURCE
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "interrupt.h"
#include "posix.h"
#include "tty.h"

/* A server that does not know tty.defs serves no terminal. */
static int
result(kern_return_t kr)
{
	return posix_result_or(kr, ENOTTY);
}

int
tcgetattr(int fd, struct termios *settings)
{
	mach_port_t terminal = fd_port(fd);
	struct tty_settings info;

	if (terminal == MACH_PORT_NULL || result(tty_get_settings(terminal, &info)) < 0)
		return -1;
	*settings = (struct termios){
		.c_iflag = info.iflag, .c_oflag = info.oflag, .c_cflag = info.cflag, .c_lflag = info.lflag,
		.c_ispeed = info.ispeed, .c_ospeed = info.ospeed,
	};
	memcpy(settings->c_cc, info.cc, sizeof(info.cc));
	return 0;
}

int
tcsetattr(int fd, int when, const struct termios *settings)
{
	mach_port_t terminal = fd_port(fd);
	struct tty_settings info = {
		.iflag = settings->c_iflag, .oflag = settings->c_oflag, .cflag = settings->c_cflag, .lflag = settings->c_lflag,
		.ispeed = settings->c_ispeed, .ospeed = settings->c_ospeed,
	};

	memcpy(info.cc, settings->c_cc, sizeof(info.cc));
	if (terminal == MACH_PORT_NULL)
		return -1;
	return result(INTERRUPTIBLE(tty_set_settings(terminal, (uint32_t)when, &info)));
}

int
tcflush(int fd, int what)
{
	mach_port_t terminal = fd_port(fd);

	return terminal == MACH_PORT_NULL ? -1 : result(INTERRUPTIBLE(tty_flush(terminal, (uint32_t)what)));
}

int
tcdrain(int fd)
{
	mach_port_t terminal = fd_port(fd);

	return terminal == MACH_PORT_NULL ? -1 : result(INTERRUPTIBLE(tty_drain(terminal)));
}

int
tcflow(int fd, int action)
{
	mach_port_t terminal = fd_port(fd);

	return terminal == MACH_PORT_NULL ? -1 : result(INTERRUPTIBLE(tty_flow(terminal, (uint32_t)action)));
}

/* There is no line whose level could be held: POSIX leaves it to the implementation whether anything is sent. */
int
tcsendbreak(int fd, int duration)
{
	(void)duration;
	return isatty(fd) ? tcdrain(fd) : -1;
}

pid_t
tcgetpgrp(int fd)
{
	mach_port_t terminal = fd_port(fd);
	int32_t group;

	return terminal == MACH_PORT_NULL || result(tty_get_foreground(terminal, &group)) < 0 ? -1 : group;
}

int
tcsetpgrp(int fd, pid_t group)
{
	mach_port_t terminal = fd_port(fd);

	return terminal == MACH_PORT_NULL ? -1 : result(INTERRUPTIBLE(tty_set_foreground(terminal, group)));
}

pid_t
tcgetsid(int fd)
{
	mach_port_t terminal = fd_port(fd);
	int32_t session;

	return terminal == MACH_PORT_NULL || result(tty_get_session(terminal, &session)) < 0 ? -1 : session;
}
