/*
 * Pseudo-terminals against POSIX.1-2017 (posix_openpt, grantpt, unlockpt, ptsname): their names, both directions, the line discipline between
 * them, room that ends, and hanging up from both sides.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/ttydefaults.h>
#include <utmp.h>

#include "children.h"

static int master, slave;
static char name[64];

static void
pair(void)
{
	EQUAL(openpty(&master, &slave, name, NULL, NULL), 0);
}

static void
end_pair(void)
{
	EQUAL(close(slave), 0);
	EQUAL(close(master), 0);
}

static void
raw(void)
{
	struct termios settings;

	EQUAL(tcgetattr(slave, &settings), 0);
	cfmakeraw(&settings);
	EQUAL(tcsetattr(slave, TCSANOW, &settings), 0);
}

/* What can be read from a descriptor is just this. */
static void
reads(int fd, const char *wanted)
{
	char text[256] = "";
	size_t got = 0;
	ssize_t n = 1;

	while (n > 0 && got < strlen(wanted)) {
		n = read(fd, text + got, sizeof(text) - 1 - got);
		got += n > 0 ? (size_t)n : 0;
	}
	text[got] = 0;
	if (strcmp(text, wanted) != 0)
		printf("read \"%s\", wanted \"%s\"\n", text, wanted);
	CHECK(strcmp(text, wanted) == 0);
}

/* A terminal that nobody has set is as <sys/ttydefaults.h> says. */
static void
has_defaults(const struct termios *settings)
{
	static const struct { int place, value; } characters[] = {
		{ VINTR, CINTR }, { VQUIT, CQUIT }, { VERASE, CERASE }, { VKILL, CKILL }, { VEOF, CEOF }, { VTIME, CTIME }, { VMIN, CMIN },
		{ VSTART, CSTART }, { VSTOP, CSTOP }, { VSUSP, CSUSP }, { VEOL, CEOL }, { VREPRINT, CREPRINT }, { VWERASE, CWERASE },
		{ VLNEXT, CLNEXT }, { VEOL2, CEOL },
	};

	CHECK(settings->c_iflag == TTYDEF_IFLAG);
	CHECK(settings->c_oflag == TTYDEF_OFLAG);
	CHECK(settings->c_lflag == TTYDEF_LFLAG);
	CHECK((settings->c_cflag & (CSIZE | CREAD)) == TTYDEF_CFLAG);
	CHECK(cfgetospeed(settings) == TTYDEF_SPEED);
	for (size_t i = 0; i < sizeof(characters) / sizeof(characters[0]); i++)
		EQUAL(settings->c_cc[characters[i].place], characters[i].value);
}

static void
making(void)
{
	int m = posix_openpt(O_RDWR | O_NOCTTY), s, null = open("/dev/null", O_RDWR);
	struct stat a, b;
	struct termios settings;
	char *path, tiny[4], text[64];

	CHECK(m > 2);
	path = ptsname(m);
	CHECK(path != NULL && strncmp(path, "/dev/pts/", 9) == 0);
	EQUAL(ptsname_r(m, tiny, sizeof(tiny)), ERANGE);
	FAILS(open(path, O_RDWR | O_NOCTTY), EIO);		/* locked */
	EQUAL(grantpt(m), 0);
	EQUAL(unlockpt(m), 0);
	s = open(path, O_RDWR | O_NOCTTY);
	CHECK(s > m);
	EQUAL(isatty(m), 1);
	EQUAL(isatty(s), 1);
	EQUAL(strcmp(ttyname(s), path), 0);
	EQUAL(stat(path, &a), 0);
	EQUAL(fstat(s, &b), 0);
	CHECK(S_ISCHR(a.st_mode) && a.st_rdev == b.st_rdev && b.st_uid == geteuid());
	EQUAL(tcgetattr(m, &settings), 0);
	has_defaults(&settings);
	FAILS(grantpt(null), EINVAL);
	FAILS(unlockpt(null), EINVAL);
	CHECK(ptsname(null) == NULL && errno == ENOTTY);
	FAILS(grantpt(s), EINVAL);
	FAILS(grantpt(99), EBADF);
	FAILS(unlockpt(99), EBADF);
	FAILS(tcgetpgrp(m), ENOTTY);				/* nobody's terminal */
	FAILS(lseek(m, 0, SEEK_SET), ESPIPE);
	snprintf(text, sizeof(text), "%s", path);
	EQUAL(close(s), 0);
	EQUAL(close(m), 0);
	FAILS(open(text, O_RDWR | O_NOCTTY), ENOENT);
	EQUAL(close(null), 0);
}

/* How often a name stands in /dev/pts. */
static int
listed(const char *wanted)
{
	DIR *dir = opendir("/dev/pts");
	struct dirent *entry;
	int count = 0;

	CHECK(dir != NULL);
	while ((entry = readdir(dir)) != NULL)
		count += strcmp(entry->d_name, wanted) == 0;
	EQUAL(closedir(dir), 0);
	return count;
}

static void
names(void)
{
	struct stat st;

	EQUAL(listed("63"), 0);
	FAILS(stat("/dev/pts/63", &st), ENOENT);
	pair();
	EQUAL(listed(name + strlen("/dev/pts/")), 1);
	EQUAL(stat(name, &st), 0);
	end_pair();
	EQUAL(listed(name + strlen("/dev/pts/")), 0);
	FAILS(stat(name, &st), ENOENT);
	EQUAL(listed(".."), 1);
}

static void
line_between(void)
{
	char byte;

	pair();
	EQUAL(write(master, "hellp\177o\r", 8), 8);
	reads(slave, "hello\n");
	reads(master, "hellp\b \bo\r\n");
	EQUAL(write(slave, "a\nb", 3), 3);
	reads(master, "a\r\nb");
	EQUAL(write(master, "\004", 1), 1);
	EQUAL(read(slave, &byte, 1), 0);
	raw();
	EQUAL(write(master, "\003\r\n", 3), 3);
	reads(slave, "\003\r\n");
	EQUAL(write(slave, "\n", 1), 1);
	reads(master, "\n");
	end_pair();
}

static void
nothing_to_read(void)
{
	struct pollfd fds[2];
	char byte;
	int n;

	pair();
	raw();
	fds[0] = (struct pollfd){ master, POLLIN | POLLOUT, 0 };
	fds[1] = (struct pollfd){ slave, POLLIN | POLLOUT, 0 };
	EQUAL(poll(fds, 2, 0), 2);
	EQUAL(fds[0].revents, POLLOUT);
	EQUAL(fds[1].revents, POLLOUT);
	EQUAL(fcntl(master, F_SETFL, O_NONBLOCK), 0);
	FAILS(read(master, &byte, 1), EAGAIN);
	EQUAL(fcntl(slave, F_SETFL, O_NONBLOCK), 0);
	FAILS(read(slave, &byte, 1), EAGAIN);
	EQUAL(write(master, "xy", 2), 2);
	EQUAL(ioctl(slave, FIONREAD, &n), 0);
	EQUAL(n, 2);
	EQUAL(poll(fds, 2, 0), 2);
	EQUAL(fds[1].revents, POLLIN | POLLOUT);
	EQUAL(write(slave, "abc", 3), 3);
	EQUAL(ioctl(master, FIONREAD, &n), 0);
	EQUAL(n, 3);
	EQUAL(tcflush(slave, TCIOFLUSH), 0);
	FAILS(read(master, &byte, 1), EAGAIN);
	FAILS(read(slave, &byte, 1), EAGAIN);
	end_pair();
}

/* Neither side swallows without end, and nothing is lost of what waits. */
static int
write_much(void)
{
	static unsigned char much[100000];

	for (size_t i = 0; i < sizeof(much); i++)
		much[i] = (unsigned char)(i * 7 % 251);
	return write(slave, much, sizeof(much)) == (ssize_t)sizeof(much) ? 0 : 1;
}

static int
type_much(void)
{
	static unsigned char much[100000];

	for (size_t i = 0; i < sizeof(much); i++)
		much[i] = (unsigned char)(i * 7 % 251);
	return write(master, much, sizeof(much)) == (ssize_t)sizeof(much) ? 0 : 1;
}

static void
room_ends(bool from_master, int (*child)(void))
{
	unsigned char text[777];
	struct pollfd one;
	size_t at = 0, wrong = 0;
	ssize_t n;
	pid_t pid;
	int from, to;

	pair();
	raw();
	from = from_master ? master : slave;
	to = from_master ? slave : master;
	one = (struct pollfd){ to, POLLOUT, 0 };
	pid = fork();
	if (pid == 0)
		_exit(child());
	while (at < 100000 && (n = read(from, text, sizeof(text))) > 0)
		for (ssize_t i = 0; i < n; i++, at++)
			wrong += text[i] != (unsigned char)(at * 7 % 251);
	EQUAL(at, 100000);
	EQUAL(wrong, 0);
	EQUAL(end_of(pid), 0);
	EQUAL(fcntl(to, F_SETFL, O_NONBLOCK), 0);
	while ((n = write(to, text, sizeof(text))) > 0)
		continue;
	CHECK(n == -1 && errno == EAGAIN);
	EQUAL(poll(&one, 1, 0), 0);
	while (poll(&one, 1, 0) == 0 && read(from, text, sizeof(text)) > 0)
		continue;
	EQUAL(one.revents, POLLOUT);
	end_pair();
}

static void
slave_goes(void)
{
	struct pollfd one;
	char byte;

	pair();
	EQUAL(write(slave, "last", 4), 4);
	EQUAL(close(slave), 0);
	reads(master, "last");
	FAILS(read(master, &byte, 1), EIO);
	one = (struct pollfd){ master, POLLIN, 0 };
	EQUAL(poll(&one, 1, -1), 1);
	CHECK((one.revents & POLLHUP) != 0);
	slave = open(name, O_RDWR | O_NOCTTY);
	CHECK(slave >= 0);
	EQUAL(write(slave, "again", 5), 5);
	reads(master, "again");
	end_pair();
}

static void
master_goes(void)
{
	struct termios settings;
	struct pollfd one;
	char byte;

	pair();
	EQUAL(write(master, "unread\n", 7), 7);
	EQUAL(close(master), 0);
	EQUAL(read(slave, &byte, 1), 0);
	FAILS(write(slave, "x", 1), EIO);
	FAILS(tcgetattr(slave, &settings), EIO);
	FAILS(open(name, O_RDWR | O_NOCTTY), EIO);
	one = (struct pollfd){ slave, POLLIN | POLLOUT, 0 };
	EQUAL(poll(&one, 1, -1), 1);
	CHECK((one.revents & POLLHUP) != 0);
	EQUAL(close(slave), 0);
}

/* Readers that wait when the other side goes. */
static int
read_slave(void)
{
	char byte;

	close(master);
	return read(slave, &byte, 1) == 0 ? 0 : 1;
}

static int
read_master(void)
{
	char byte;

	close(slave);
	return read(master, &byte, 1) == -1 && errno == EIO ? 0 : 1;
}

static void
waiting_reader(int (*child)(void))
{
	pid_t pid;

	pair();
	pid = fork();
	if (pid == 0)
		_exit(child());
	usleep(20000);			/* either order has to do; mostly it waits by then */
	end_pair();
	EQUAL(end_of(pid), 0);
}

static void *
read_closed(void *fd)
{
	char byte;

	return (void *)(intptr_t)read(*(int *)fd, &byte, 1);
}

/* A read that waits at a master ends when that is closed: its number is the next one's, whose output is not for it. */
static void
reader_of_a_closed_master(void)
{
	int m = posix_openpt(O_RDWR | O_NOCTTY);
	pthread_t thread;
	void *result = NULL;

	CHECK(m >= 0);
	EQUAL(pthread_create(&thread, NULL, read_closed, &m), 0);
	usleep(20000);			/* either order has to do; mostly it waits by then */
	EQUAL(close(m), 0);
	pair();
	raw();
	EQUAL(write(slave, "mine", 4), 4);
	reads(master, "mine");
	end_pair();
	EQUAL(pthread_join(thread, &result), 0);
	EQUAL((intptr_t)result, -1);
}

static int
as_another(void)
{
	if (setuid(1000) < 0)
		return 2;
	return open(name, O_RDWR | O_NOCTTY) == -1 && errno == EACCES ? 0 : 1;
}

static void
others_do_not_enter(void)
{
	pair();
	EQUAL(in_child(as_another), 0);
	end_pair();
}

static void
many(void)
{
	int fds[200], n = 0;

	while (n < 200 && (fds[n] = posix_openpt(O_RDWR)) >= 0)
		n++;
	CHECK(n >= 32 && n < 200 && errno == ENOSPC);
	while (n > 0)
		EQUAL(close(fds[--n]), 0);
	for (n = 0; n < 300; n++) {
		pair();
		end_pair();
	}
}

int
main(void)
{
	making();
	names();
	line_between();
	nothing_to_read();
	room_ends(true, write_much);
	room_ends(false, type_much);
	slave_goes();
	master_goes();
	waiting_reader(read_slave);
	waiting_reader(read_master);
	reader_of_a_closed_master();
	others_do_not_enter();
	many();
	return check_report("pty");
}
