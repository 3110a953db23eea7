/*
 * Record locks (fcntl, lockf) and flock: who may have what, who waits, and that they end with a descriptor, a process, an open file.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

static const char path[] = "/tmp/locked";
static const char *self;
static int fd;

static int
set(int file, int type, off_t start, off_t length)
{
	return fcntl(file, F_SETLK, &(struct flock){ .l_type = (short)type, .l_start = start, .l_len = length });
}

static int
wait_for(int file, int type, off_t start, off_t length)
{
	return fcntl(file, F_SETLKW, &(struct flock){ .l_type = (short)type, .l_start = start, .l_len = length });
}

/* What a child finds with F_GETLK, as a text: type, start, length and whether we are the holder. Its exit status says how often it differed. */
static void
child_sees(int type, off_t start, off_t length, int found_type, off_t found_start, off_t found_length, int line)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		struct flock lock = { .l_type = (short)type, .l_start = start, .l_len = length };
		int good = fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type == found_type;

		if (found_type != F_UNLCK)
			good = good && lock.l_start == found_start && lock.l_len == found_length && lock.l_pid == getppid();
		_exit(!good);
	}
	check(waitpid(pid, &status, 0) == pid && status == 0, "a child sees the lock", __FILE__, line);
}

#define CHILD_SEES(type, start, length, found, first, count)	child_sees(type, start, length, found, first, count, __LINE__)

static void
ranges(void)
{
	EQUAL(set(fd, F_WRLCK, 10, 10), 0);
	CHILD_SEES(F_RDLCK, 0, 0, F_WRLCK, 10, 10);
	CHILD_SEES(F_RDLCK, 0, 10, F_UNLCK, 0, 0);
	EQUAL(set(fd, F_UNLCK, 14, 2), 0);
	CHILD_SEES(F_WRLCK, 12, 100, F_WRLCK, 10, 4);
	CHILD_SEES(F_WRLCK, 14, 100, F_WRLCK, 16, 4);
	EQUAL(set(fd, F_RDLCK, 16, 0), 0);
	CHILD_SEES(F_RDLCK, 15, 0, F_UNLCK, 0, 0);
	CHILD_SEES(F_WRLCK, 1000000, 1, F_RDLCK, 16, 0);
	EQUAL(set(fd, F_UNLCK, 0, 0), 0);
	CHILD_SEES(F_WRLCK, 0, 0, F_UNLCK, 0, 0);
	EQUAL(lseek(fd, 30, SEEK_SET), 30);
	EQUAL(lockf(fd, F_TLOCK, -10), 0);
	CHILD_SEES(F_WRLCK, 0, 0, F_WRLCK, 20, 10);
	EQUAL(fcntl(fd, F_SETLK, &(struct flock){ .l_type = F_UNLCK, .l_whence = SEEK_END, .l_start = -100 }), 0);
	CHILD_SEES(F_WRLCK, 0, 0, F_UNLCK, 0, 0);
}

static void
errors(void)
{
	int pipe_fds[2], reader = open(path, O_RDONLY);

	FAILS(set(reader, F_WRLCK, 0, 0), EBADF);
	FAILS(set(fd, 77, 0, 0), EINVAL);
	FAILS(set(fd, F_RDLCK, -1, 0), EINVAL);
	FAILS(set(-1, F_RDLCK, 0, 0), EBADF);
	FAILS(fcntl(fd, F_SETLK, &(struct flock){ .l_type = F_RDLCK, .l_whence = 9 }), EINVAL);
	FAILS(fcntl(fd, F_SETLK, &(struct flock){ .l_type = F_RDLCK, .l_start = INT64_MAX, .l_len = 5 }), EOVERFLOW);
	EQUAL(pipe(pipe_fds), 0);
	FAILS(set(pipe_fds[0], F_RDLCK, 0, 0), EINVAL);
	FAILS(lockf(fd, 9, 0), EINVAL);
	FAILS(flock(fd, 16), EINVAL);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	close(reader);
}

/* A child that takes a lock, says so, and keeps it until it is killed or the pipe closes. */
static pid_t
holder(int type, off_t start, off_t length, int *control)
{
	int up[2], down[2];
	pid_t pid;
	char c = 0;

	CHECK(pipe(up) == 0 && pipe(down) == 0);
	pid = fork();
	if (pid == 0) {
		close(up[0]);
		close(down[1]);
		c = wait_for(fd, type, start, length) == 0 ? 'y' : 'n';
		if (write(up[1], &c, 1) == 1 && read(down[0], &c, 1) == 0)
			_exit(0);
		_exit(1);
	}
	close(up[1]);
	close(down[0]);
	CHECK(read(up[0], &c, 1) == 1 && c == 'y');
	close(up[0]);
	*control = down[1];
	return pid;
}

static void
deaths(void)
{
	int control, status;
	pid_t pid = holder(F_WRLCK, 5, 5, &control);

	FAILS(set(fd, F_RDLCK, 7, 1), EAGAIN);
	EQUAL(lseek(fd, 5, SEEK_SET), 5);
	FAILS(lockf(fd, F_TEST, 1), EACCES);
	EQUAL(set(fd, F_RDLCK, 10, 1), 0);
	EQUAL(kill(pid, SIGKILL), 0);
	EQUAL(wait_for(fd, F_WRLCK, 5, 5), 0);		/* however it died */
	EQUAL(waitpid(pid, &status, 0), pid);
	close(control);
	EQUAL(set(fd, F_UNLCK, 0, 0), 0);
	pid = holder(F_RDLCK, 0, 0, &control);
	EQUAL(set(fd, F_RDLCK, 0, 0), 0);
	FAILS(set(fd, F_WRLCK, 0, 0), EAGAIN);
	close(control);
	EQUAL(wait_for(fd, F_WRLCK, 0, 0), 0);		/* with its exit */
	EQUAL(waitpid(pid, &status, 0), pid);
	EQUAL(status, 0);
	EQUAL(set(fd, F_UNLCK, 0, 0), 0);
}

#define ENDED	100

/* When a process has been waited for, its locks are gone, and what only it had open. */
static void
ended_holders(void)
{
	for (int i = 0; i < ENDED; i++) {
		pid_t pid = fork();
		int status;

		if (pid == 0) {
			int own = open(path, O_RDWR);

			_exit(set(own, F_WRLCK, 0, 1) != 0 || flock(own, LOCK_EX | LOCK_NB) != 0);
		}
		EQUAL(waitpid(pid, &status, 0), pid);
		EQUAL(status, 0);
		EQUAL(set(fd, F_WRLCK, 0, 1), 0);
		EQUAL(flock(fd, LOCK_EX | LOCK_NB), 0);
		EQUAL(set(fd, F_UNLCK, 0, 1), 0);
		EQUAL(flock(fd, LOCK_UN), 0);
	}
}

/* Any descriptor of the file that is closed ends the locks; dup2 onto it and the closing by exec too, exec itself does not. */
static void
descriptors(void)
{
	int other = open(path, O_RDWR), status;
	pid_t pid;

	EQUAL(set(fd, F_WRLCK, 0, 1), 0);
	close(other);
	CHILD_SEES(F_WRLCK, 0, 0, F_UNLCK, 0, 0);
	other = open(path, O_RDWR);
	EQUAL(set(fd, F_WRLCK, 0, 1), 0);
	CHECK(dup2(0, other) == other);
	CHILD_SEES(F_WRLCK, 0, 0, F_UNLCK, 0, 0);
	close(other);
	pid = fork();
	if (pid == 0) {
		CHECK(set(fd, F_WRLCK, 0, 1) == 0);
		dup2(fd, 9);
		execl(self, self, "exec", (char *)NULL);
		_exit(99);
	}
	EQUAL(waitpid(pid, &status, 0), pid);
	EQUAL(status, 0);
	CHILD_SEES(F_WRLCK, 0, 0, F_UNLCK, 0, 0);
}

/* The image that exec made: it still has the lock, its child has not, and its close gives it up. */
static int
after_exec(void)
{
	int status;

	for (int turn = 0; turn < 2; turn++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(set(9, F_WRLCK, 0, 1) == 0);
		if (waitpid(pid, &status, 0) != pid || status != (turn << 8))
			return 1 + turn;
		close(open(path, O_RDONLY));
	}
	return 0;
}

static volatile sig_atomic_t alarms;

static void
on_alarm(int signal)
{
	(void)signal;
	alarms++;
}

static void
waits(void)
{
	int control, ready[2], ours, status;
	pid_t pid = holder(F_WRLCK, 0, 1, &control);
	char c;

	sigaction(SIGALRM, &(struct sigaction){ .sa_handler = on_alarm }, NULL);
	ualarm(50000, 50000);
	FAILS(wait_for(fd, F_WRLCK, 0, 1), EINTR);
	ualarm(0, 0);
	CHECK(alarms > 0);
	close(control);
	EQUAL(waitpid(pid, &status, 0), pid);
	/* It holds 0 and waits for 1, which we hold: when we wait for 0, one of us is told. */
	EQUAL(set(fd, F_WRLCK, 1, 1), 0);
	EQUAL(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		if (wait_for(fd, F_WRLCK, 0, 1) < 0 || write(ready[1], "", 1) != 1 || wait_for(fd, F_WRLCK, 1, 1) < 0)
			_exit(errno);
		_exit(0);
	}
	CHECK(read(ready[0], &c, 1) == 1);
	ours = wait_for(fd, F_WRLCK, 0, 1) == 0 ? 0 : errno;
	EQUAL(set(fd, F_UNLCK, 0, 0), 0);
	EQUAL(waitpid(pid, &status, 0), pid);
	CHECK((ours == EDEADLK && status == 0) || (ours == 0 && status == EDEADLK << 8));
	close(ready[0]);
	close(ready[1]);
}

/* Several processes add to a number in the file; each addition is a read and a write under the lock. */
static void
exclusion(int by_file)
{
	enum { WORKERS = 4, TURNS = 100 };
	int number = 0, status;

	EQUAL(pwrite(fd, &number, sizeof(number), 0), sizeof(number));
	for (int i = 0; i < WORKERS; i++) {
		if (fork() != 0)
			continue;
		int own = open(path, O_RDWR), good = 1;

		for (int turn = 0; turn < TURNS && good; turn++) {
			good = by_file ? flock(own, LOCK_EX) == 0 : wait_for(own, F_WRLCK, 0, 4) == 0;
			good = good && pread(own, &number, sizeof(number), 0) == sizeof(number);
			number++;
			good = good && pwrite(own, &number, sizeof(number), 0) == sizeof(number);
			good = good && (by_file ? flock(own, LOCK_UN) == 0 : set(own, F_UNLCK, 0, 4) == 0);
		}
		_exit(!good);
	}
	for (int i = 0; i < WORKERS; i++) {
		CHECK(wait(&status) > 0);
		EQUAL(status, 0);
	}
	EQUAL(pread(fd, &number, sizeof(number), 0), sizeof(number));
	EQUAL(number, WORKERS * TURNS);
}

/* flock belongs to the open file: dup and fork share it, another open does not; the last close ends it. */
static void
whole_files(void)
{
	int other = open(path, O_RDWR), again = dup(fd), status;
	pid_t pid;

	EQUAL(flock(fd, LOCK_EX), 0);
	EQUAL(flock(again, LOCK_EX | LOCK_NB), 0);
	FAILS(flock(other, LOCK_SH | LOCK_NB), EWOULDBLOCK);
	EQUAL(flock(fd, LOCK_SH), 0);
	EQUAL(flock(other, LOCK_SH | LOCK_NB), 0);
	FAILS(flock(other, LOCK_EX | LOCK_NB), EWOULDBLOCK);
	pid = fork();
	if (pid == 0)
		_exit(flock(fd, LOCK_UN) != 0);
	EQUAL(waitpid(pid, &status, 0), pid);
	EQUAL(status, 0);
	EQUAL(flock(other, LOCK_EX | LOCK_NB), 0);
	alarms = 0;
	ualarm(50000, 50000);
	FAILS(flock(fd, LOCK_SH), EINTR);
	ualarm(0, 0);
	CHECK(alarms > 0);
	close(other);
	EQUAL(flock(fd, LOCK_SH), 0);			/* the close is on its way to the server: it waits */
	EQUAL(flock(fd, LOCK_UN), 0);
	close(again);
}

/* However they come about: bytes given up in the middle of a lock leave two. */
static void
limits(void)
{
	int n = 0;

	EQUAL(set(fd, F_WRLCK, 0, 0), 0);
	while (n < 5000 && set(fd, F_UNLCK, 2 * n, 1) == 0)
		n++;
	CHECK(n > 500 && n < 5000 && errno == ENOLCK);
	EQUAL(set(fd, F_UNLCK, 0, 1), 0);		/* it leaves none more */
	EQUAL(set(fd, F_UNLCK, 0, 0), 0);
	EQUAL(set(fd, F_WRLCK, 0, 0), 0);
	EQUAL(set(fd, F_UNLCK, 0, 0), 0);
}

int
main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "exec") == 0)
		return after_exec();
	self = argv[0][0] == '/' ? argv[0] : "/test/posix_lock";
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	CHECK(fd >= 0 && ftruncate(fd, 100) == 0);
	ranges();
	errors();
	deaths();
	ended_holders();
	descriptors();
	waits();
	exclusion(0);
	exclusion(1);
	whole_files();
	limits();
	unlink(path);
	return check_report("lock");
}
