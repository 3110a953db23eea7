/*
 * sendfile and copy_file_range: what arrives, which offsets move, and what is refused.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "children.h"

#define SIZE	200000
#define FROM	"/tmp/copy-from"
#define TO	"/tmp/copy-to"

static char data[SIZE], seen[SIZE + 100];

static int
new_file(const char *path, int flags, size_t size)
{
	int fd = open(path, O_CREAT | O_TRUNC | flags, 0644);

	CHECK(fd >= 0);
	if (size > 0) {
		EQUAL(write(fd, data, size), size);
		EQUAL(lseek(fd, 0, SEEK_SET), 0);
	}
	return fd;
}

/* A file's bytes from `at` are the data's from `from`. */
static void
holds(const char *path, off_t at, size_t from, size_t size)
{
	int fd = open(path, O_RDONLY);

	EQUAL(pread(fd, seen, size + 1, at), size);
	EQUAL(memcmp(seen, data + from, size), 0);
	close(fd);
}

static void
to_a_file(void)
{
	int in = new_file(FROM, O_RDWR, SIZE), out = new_file(TO, O_RDWR, 0);
	off_t offset = 100;

	EQUAL(sendfile(out, in, &offset, 150000), 150000);
	EQUAL(offset, 150100);
	EQUAL(lseek(in, 0, SEEK_CUR), 0);
	EQUAL(lseek(out, 0, SEEK_CUR), 150000);
	holds(TO, 0, 100, 150000);
	EQUAL(sendfile(out, in, NULL, 70000), 70000);
	EQUAL(lseek(in, 0, SEEK_CUR), 70000);
	holds(TO, 150000, 0, 70000);
	EQUAL(sendfile(out, in, NULL, 1ul << 62), SIZE - 70000);
	EQUAL(lseek(in, 0, SEEK_CUR), SIZE);
	EQUAL(sendfile(out, in, NULL, 5), 0);
	offset = SIZE + 5;
	EQUAL(sendfile(out, in, &offset, 5), 0);
	EQUAL(sendfile(out, in, &offset, 0), 0);
	EQUAL(offset, SIZE + 5);
	offset = -1;
	FAILS(sendfile(out, in, &offset, 5), EINVAL);
	close(in);
	close(out);
}

static void
to_a_pipe(void)
{
	int in = new_file(FROM, O_RDWR, SIZE), pipe_ends[2];
	size_t got = 0;
	ssize_t n;
	pid_t pid;

	EQUAL(pipe(pipe_ends), 0);
	pid = fork();
	if (pid == 0) {
		close(pipe_ends[0]);
		_exit(sendfile(pipe_ends[1], in, NULL, SIZE) != SIZE);
	}
	close(pipe_ends[1]);
	while ((n = read(pipe_ends[0], seen + got, sizeof(seen) - got)) > 0)
		got += (size_t)n;
	EQUAL(end_of(pid), 0);
	EQUAL(got, SIZE);
	EQUAL(memcmp(seen, data, SIZE), 0);
	EQUAL(lseek(in, 0, SEEK_CUR), SIZE);		/* the child's is the same open file */
	close(pipe_ends[0]);

	/* What a full pipe takes is what is told, and what the offset tells. */
	EQUAL(pipe2(pipe_ends, O_NONBLOCK), 0);
	EQUAL(lseek(in, 0, SEEK_SET), 0);
	n = sendfile(pipe_ends[1], in, NULL, SIZE);
	CHECK(n > 0 && n < SIZE);
	EQUAL(lseek(in, 0, SEEK_CUR), n);
	EQUAL(read(pipe_ends[0], seen, SIZE), n);
	EQUAL(memcmp(seen, data, (size_t)n), 0);
	n = sendfile(pipe_ends[1], in, NULL, SIZE);
	CHECK(n > 0);
	FAILS(sendfile(pipe_ends[1], in, NULL, SIZE), EAGAIN);
	FAILS(sendfile(pipe_ends[1], pipe_ends[0], NULL, 5), EINVAL);
	close(pipe_ends[0]);
	CHECK(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
	EQUAL(lseek(in, 0, SEEK_SET), 0);
	FAILS(sendfile(pipe_ends[1], in, NULL, 5), EPIPE);
	CHECK(signal(SIGPIPE, SIG_DFL) != SIG_ERR);
	close(pipe_ends[1]);
	close(in);
}

static void
between_files(void)
{
	int in = new_file(FROM, O_RDWR, SIZE), out = new_file(TO, O_RDWR, 0);
	off_t from = 7, to = 1000;

	EQUAL(copy_file_range(in, &from, out, &to, 100000, 0), 100000);
	CHECK(from == 100007 && to == 101000 && lseek(in, 0, SEEK_CUR) == 0 && lseek(out, 0, SEEK_CUR) == 0);
	holds(TO, 1000, 7, 100000);
	EQUAL(copy_file_range(in, NULL, out, NULL, SIZE + 5, 0), SIZE);
	CHECK(lseek(in, 0, SEEK_CUR) == SIZE && lseek(out, 0, SEEK_CUR) == SIZE);
	holds(TO, 0, 0, SIZE);
	EQUAL(copy_file_range(in, NULL, out, NULL, 5, 0), 0);
	from = 5;
	EQUAL(copy_file_range(in, &from, out, NULL, 10, 0), 10);
	holds(TO, SIZE, 5, 10);
	EQUAL(from, 15);
	EQUAL(copy_file_range(in, &from, out, NULL, 0, 0), 0);

	/* Within one file, as long as the ranges are apart. */
	from = 0;
	to = SIZE;
	EQUAL(copy_file_range(in, &from, in, &to, 1ul << 62, 0), SIZE);
	holds(FROM, SIZE, 0, SIZE);
	from = 100;
	to = 0;
	FAILS(copy_file_range(in, &from, in, &to, 101, 0), EINVAL);
	EQUAL(copy_file_range(in, &from, in, &to, 100, 0), 100);
	holds(FROM, SIZE, 0, SIZE);
	close(in);
	close(out);
}

static void
what_is_refused(void)
{
	int in = new_file(FROM, O_RDWR, 100), out = new_file(TO, O_WRONLY | O_APPEND, 0), read_only = open(FROM, O_RDONLY);
	int folder = open("/tmp", O_RDONLY | O_DIRECTORY), null = open("/dev/null", O_RDWR);
	off_t before = -1;

	FAILS(sendfile(out, in, NULL, 5), EINVAL);
	FAILS(copy_file_range(in, NULL, out, NULL, 5, 0), EBADF);
	EQUAL(fcntl(out, F_SETFL, 0), 0);
	EQUAL(sendfile(out, in, NULL, 5), 5);
	FAILS(sendfile(in, out, NULL, 5), EBADF);
	FAILS(sendfile(read_only, in, NULL, 5), EBADF);
	FAILS(sendfile(out, 99, NULL, 5), EBADF);
	FAILS(sendfile(99, in, NULL, 5), EBADF);
	FAILS(sendfile(out, folder, NULL, 5), EINVAL);
	FAILS(copy_file_range(out, NULL, in, NULL, 5, 0), EBADF);
	FAILS(copy_file_range(in, NULL, read_only, NULL, 5, 0), EBADF);
	FAILS(copy_file_range(in, NULL, 99, NULL, 5, 0), EBADF);
	FAILS(copy_file_range(folder, NULL, out, NULL, 5, 0), EISDIR);
	FAILS(copy_file_range(in, NULL, null, NULL, 5, 0), EINVAL);
	FAILS(copy_file_range(in, NULL, out, NULL, 5, 1), EINVAL);
	FAILS(copy_file_range(in, &before, out, NULL, 5, 0), EINVAL);
	EQUAL(sendfile(null, in, NULL, 1000), 95);
	close(in);
	close(out);
	close(read_only);
	close(folder);
	close(null);
}

int
main(void)
{
	for (int i = 0; i < SIZE; i++)
		data[i] = (char)(i % 251 + i / 4096);
	to_a_file();
	to_a_pipe();
	between_files();
	what_is_refused();
	unlink(FROM);
	unlink(TO);
	return check_report("copy");
}
