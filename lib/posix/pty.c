/*
 * Pseudo-terminals (POSIX.1-2017 posix_openpt and its relations; openpty and forkpty as BSD has them). The slave of a master is /dev/pts/N; it is
 * its maker's, so grantpt has nothing to do.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

#include "posix.h"
#include "tty.h"

#define NAME_SIZE	24

int
posix_openpt(int flags)
{
	return open("/dev/ptmx", flags);
}

static int
number(int fd, uint32_t *n)
{
	mach_port_t master = fd_port(fd);

	return master == MACH_PORT_NULL ? -1 : posix_result_or(tty_pty_number(master, n), ENOTTY);
}

int
grantpt(int fd)
{
	uint32_t n;

	if (number(fd, &n) == 0)
		return 0;
	return errno == ENOTTY ? posix_error(EINVAL) : -1;
}

int
unlockpt(int fd)
{
	mach_port_t master = fd_port(fd);

	return master == MACH_PORT_NULL ? -1 : posix_result_or(tty_pty_lock(master, 0), EINVAL);
}

int
ptsname_r(int fd, char *name, size_t size)
{
	int saved = errno, error = 0;
	uint32_t n;

	if (number(fd, &n) < 0)
		error = errno;
	else if ((size_t)snprintf(name, size, "/dev/pts/%u", n) >= size)
		error = ERANGE;
	errno = saved;
	return error;
}

char *
ptsname(int fd)
{
	static char name[NAME_SIZE];
	int error = ptsname_r(fd, name, sizeof(name));

	if (error == 0)
		return name;
	errno = error;
	return NULL;
}

int
openpty(int *master, int *slave, char *name, const struct termios *settings, const struct winsize *size)
{
	char path[NAME_SIZE];
	int fds[2], error;

	fds[0] = posix_openpt(O_RDWR | O_NOCTTY);
	if (fds[0] < 0)
		return -1;
	if (unlockpt(fds[0]) == 0 && (error = ptsname_r(fds[0], path, sizeof(path))) == 0 &&
	    (fds[1] = open(path, O_RDWR | O_NOCTTY)) >= 0) {
		if (settings != NULL)
			tcsetattr(fds[1], TCSANOW, settings);
		if (size != NULL)
			ioctl(fds[1], TIOCSWINSZ, size);
		if (name != NULL)
			snprintf(name, NAME_SIZE, "%s", path);
		*master = fds[0];
		*slave = fds[1];
		return 0;
	}
	error = errno;
	close(fds[0]);
	return posix_error(error);
}

int
login_tty(int fd)
{
	setsid();
	if (ioctl(fd, TIOCSCTTY, NULL) < 0)
		return -1;
	for (int to = STDIN_FILENO; to <= STDERR_FILENO; to++)
		if (dup2(fd, to) < 0)
			return -1;
	if (fd > STDERR_FILENO)
		close(fd);
	return 0;
}

pid_t
forkpty(int *master, char *name, const struct termios *settings, const struct winsize *size)
{
	int fds[2];
	pid_t pid;

	if (openpty(&fds[0], &fds[1], name, settings, size) < 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		close(fds[0]);
		if (login_tty(fds[1]) < 0)
			_exit(1);
		return 0;
	}
	close(fds[1]);
	if (pid < 0)
		close(fds[0]);
	else
		*master = fds[0];
	return pid;
}
