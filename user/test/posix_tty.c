/*
 * Terminals against POSIX.1-2017: settings, reading without waiting, flow control, what is no terminal. Started from the shell on the console;
 * nobody types.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "check.h"

static struct termios before;

static void
settings_are_kept(void)
{
	struct termios changed, seen;

	EQUAL(tcgetattr(0, &before), 0);
	CHECK((before.c_lflag & (ICANON | ECHO | ISIG)) == (ICANON | ECHO | ISIG));
	CHECK((before.c_cflag & CSIZE) == CS8);
	EQUAL(before.c_cc[VINTR], 3);
	EQUAL(before.c_cc[VEOF], 4);
	changed = before;
	cfmakeraw(&changed);
	changed.c_cc[VMIN] = 0;
	changed.c_cc[VTIME] = 1;
	EQUAL(cfsetspeed(&changed, B9600), 0);
	EQUAL(tcsetattr(1, TCSADRAIN, &changed), 0);
	EQUAL(tcgetattr(2, &seen), 0);
	EQUAL(tcsetattr(0, TCSAFLUSH, &before), 0);
	EQUAL(memcmp(&changed, &seen, sizeof(seen)), 0);
	EQUAL(cfgetispeed(&seen), B9600);
	EQUAL(cfgetospeed(&seen), B9600);
	FAILS(tcsetattr(0, 3, &before), EINVAL);
	FAILS(cfsetospeed(&changed, 99999999), EINVAL);
}

static void
what_is_no_terminal(void)
{
	int null = open("/dev/null", O_RDWR), file = open("/etc/passwd", O_RDONLY), ends[2], bytes;
	struct termios settings;
	struct winsize size;
	struct stat status;

	EQUAL(pipe(ends), 0);
	FAILS(tcgetattr(null, &settings), ENOTTY);
	FAILS(tcgetattr(file, &settings), ENOTTY);
	FAILS(tcgetattr(ends[0], &settings), ENOTTY);
	FAILS(tcgetattr(99, &settings), EBADF);
	FAILS(tcsetattr(file, TCSANOW, &before), ENOTTY);
	FAILS(tcflush(file, TCIFLUSH), ENOTTY);
	FAILS(tcdrain(99), EBADF);
	FAILS(tcflow(file, TCOON), ENOTTY);
	FAILS(tcsendbreak(file, 0), ENOTTY);
	FAILS(tcgetpgrp(file), ENOTTY);
	FAILS(ioctl(file, TIOCGWINSZ, &size), ENOTTY);
	FAILS(ioctl(file, 0x1234, &size), ENOTTY);
	FAILS(ioctl(99, 0x1234, &size), EBADF);
	EQUAL(write(ends[1], "abc", 3), 3);
	EQUAL(ioctl(ends[0], FIONREAD, &bytes), 0);
	EQUAL(bytes, 3);
	EQUAL(fstat(file, &status), 0);
	EQUAL(lseek(file, 1, SEEK_SET), 1);
	EQUAL(ioctl(file, FIONREAD, &bytes), 0);
	EQUAL(bytes, status.st_size - 1);
	bytes = 1;
	EQUAL(ioctl(ends[0], FIONBIO, &bytes), 0);
	EQUAL(fcntl(ends[0], F_GETFL), O_RDONLY | O_NONBLOCK);
	EQUAL(ioctl(file, FIOCLEX), 0);
	EQUAL(fcntl(file, F_GETFD), FD_CLOEXEC);
	for (int fd = null; fd <= ends[1]; fd++)
		EQUAL(close(fd), 0);
}

/* --- each open has flags of its own --- */

static void
opening(void)
{
	int tty = open("/dev/tty", O_RDWR | O_NONBLOCK), out = open("/dev/console", O_WRONLY);
	char byte, name[L_ctermid];
	struct stat a, b;

	CHECK(tty > 2 && out > tty);
	EQUAL(isatty(tty), 1);
	EQUAL(strcmp(ctermid(name), "/dev/tty"), 0);
	EQUAL(fcntl(tty, F_GETFL), O_RDWR | O_NONBLOCK);
	EQUAL(fcntl(0, F_GETFL) & O_NONBLOCK, 0);
	FAILS(read(tty, &byte, 1), EAGAIN);
	FAILS(read(out, &byte, 1), EBADF);
	EQUAL(fcntl(tty, F_SETFL, 0), 0);
	EQUAL(fcntl(tty, F_GETFL), O_RDWR);
	FAILS(pread(tty, &byte, 1, 0), ESPIPE);
	FAILS(lseek(tty, 0, SEEK_SET), ESPIPE);
	FAILS(ftruncate(tty, 0), EINVAL);
	EQUAL(fstat(tty, &a), 0);
	EQUAL(fstat(0, &b), 0);
	CHECK(S_ISCHR(a.st_mode) && a.st_rdev == b.st_rdev);
	EQUAL(close(tty), 0);
	EQUAL(close(out), 0);
}

static void
raw_reads(void)
{
	struct termios raw = before;
	int bytes = -1;
	char byte;

	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	raw.c_cc[VMIN] = 0;
	raw.c_cc[VTIME] = 0;
	EQUAL(tcsetattr(0, TCSANOW, &raw), 0);
	EQUAL(read(0, &byte, 1), 0);		/* what there is: nothing */
	raw.c_cc[VTIME] = 1;
	EQUAL(tcsetattr(0, TCSANOW, &raw), 0);
	EQUAL(read(0, &byte, 1), 0);		/* nothing within a tenth of a second */
	EQUAL(ioctl(0, FIONREAD, &bytes), 0);
	EQUAL(bytes, 0);
	EQUAL(tcsetattr(0, TCSANOW, &before), 0);
}

static void
events(void)
{
	struct pollfd one = { 0, POLLIN | POLLOUT, 0 };

	EQUAL(poll(&one, 1, 0), 1);
	EQUAL(one.revents, POLLOUT);
	one.events = POLLIN;
	EQUAL(poll(&one, 1, 30), 0);
}

/* --- output that is stopped --- */

static void *
start_output(void *unused)
{
	for (int i = 0; i < 300; i++)
		sched_yield();
	EQUAL(tcflow(1, TCOON), 0);
	return unused;
}

static void
flow(void)
{
	struct pollfd one = { 1, POLLOUT, 0 };
	int tty = open("/dev/tty", O_WRONLY | O_NONBLOCK);
	pthread_t other;

	EQUAL(tcflow(1, TCOOFF), 0);
	EQUAL(poll(&one, 1, 0), 0);
	FAILS(write(tty, "x", 1), EAGAIN);
	EQUAL(pthread_create(&other, NULL, start_output, NULL), 0);
	EQUAL(write(1, "waited\n", 7), 7);
	EQUAL(poll(&one, 1, 0), 1);
	EQUAL(pthread_join(other, NULL), 0);
	EQUAL(tcflow(1, TCOOFF), 0);
	EQUAL(pthread_create(&other, NULL, start_output, NULL), 0);
	EQUAL(poll(&one, 1, -1), 1);
	EQUAL(pthread_join(other, NULL), 0);
	EQUAL(tcflow(1, TCOOFF), 0);
	EQUAL(pthread_create(&other, NULL, start_output, NULL), 0);
	EQUAL(tcdrain(1), 0);
	EQUAL(pthread_join(other, NULL), 0);
	FAILS(tcflow(1, 4), EINVAL);
	FAILS(tcflush(1, 3), EINVAL);
	EQUAL(tcflush(1, TCIOFLUSH), 0);
	EQUAL(tcsendbreak(1, 0), 0);
	EQUAL(close(tty), 0);
}

static void
screen(void)
{
	struct winsize size, changed = { 40, 132, 0, 0 };

	EQUAL(ioctl(0, TIOCGWINSZ, &size), 0);
	EQUAL(ioctl(0, TIOCSWINSZ, &changed), 0);
	EQUAL(tcsetattr(0, TCSANOW, &before), 0);	/* leaves the size alone */
	EQUAL(ioctl(1, TIOCGWINSZ, &changed), 0);
	CHECK(changed.ws_row == 40 && changed.ws_col == 132);
	EQUAL(ioctl(0, TIOCSWINSZ, &size), 0);
}

int
main(void)
{
	settings_are_kept();
	what_is_no_terminal();
	opening();
	raw_reads();
	events();
	flow();
	screen();
	CHECK(tcgetpgrp(0) > 0);
	return check_report("tty");
}
