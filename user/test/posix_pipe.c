/*
 * Pipes against POSIX.1-2017: bytes in order, whole writes up to PIPE_BUF, end of file, O_NONBLOCK, errors. The other side is a thread.
 * FIFOs: posix_fifo.c, posix_fifo_open.c.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

static void
one_thread(void)
{
	int ends[2], more[2];
	char text[16];
	struct stat status;

	EQUAL(pipe(ends), 0);
	CHECK(ends[0] < ends[1] && ends[0] > 2);
	EQUAL(fcntl(ends[0], F_GETFD), 0);
	EQUAL(fcntl(ends[0], F_GETFL), O_RDONLY);
	EQUAL(fcntl(ends[1], F_GETFL), O_WRONLY);
	EQUAL(write(ends[1], "hello", 5), 5);
	EQUAL(fstat(ends[0], &status), 0);
	CHECK(S_ISFIFO(status.st_mode) && status.st_size == 5);
	EQUAL(read(ends[0], text, 2), 2);
	EQUAL(read(ends[0], text + 2, 10), 3);
	EQUAL(memcmp(text, "hello", 5), 0);
	EQUAL(write(ends[1], "", 0), 0);
	EQUAL(read(ends[0], text, 0), 0);
	FAILS(write(ends[0], "x", 1), EBADF);
	FAILS(read(ends[1], text, 1), EBADF);
	FAILS(lseek(ends[0], 0, SEEK_CUR), ESPIPE);
	FAILS(pread(ends[0], text, 1, 0), ESPIPE);
	FAILS(pwrite(ends[1], text, 1, 0), ESPIPE);
	FAILS(ftruncate(ends[1], 0), EINVAL);
	EQUAL(write(ends[1], "rest", 4), 4);
	EQUAL(close(ends[1]), 0);
	EQUAL(read(ends[0], text, 10), 4);
	EQUAL(read(ends[0], text, 10), 0);		/* nobody writes any more */
	EQUAL(read(ends[0], text, 10), 0);
	EQUAL(close(ends[0]), 0);
	EQUAL(pipe2(more, O_CLOEXEC | O_NONBLOCK), 0);
	EQUAL(fcntl(more[0], F_GETFD), FD_CLOEXEC);
	EQUAL(fcntl(more[1], F_GETFD), FD_CLOEXEC);
	EQUAL(fcntl(more[1], F_GETFL), O_WRONLY | O_NONBLOCK);
	EQUAL(close(more[0]), 0);
	EQUAL(close(more[1]), 0);
	FAILS(pipe2(more, 1), EINVAL);
}

static void
not_waiting(void)
{
	static char block[2 * PIPE_BUF];
	int ends[2];
	ssize_t size = 0, n;

	EQUAL(pipe2(ends, O_NONBLOCK), 0);
	FAILS(read(ends[0], block, 1), EAGAIN);
	FAILS(read(ends[0], block, 20000), EAGAIN);
	while ((n = write(ends[1], block, PIPE_BUF)) == PIPE_BUF)
		size += n;
	FAILS(n, EAGAIN);
	CHECK(size >= PIPE_BUF);
	EQUAL(read(ends[0], block, 100), 100);
	FAILS(write(ends[1], block, PIPE_BUF), EAGAIN);		/* whole or not at all */
	EQUAL(write(ends[1], block, 2 * PIPE_BUF), 100);	/* more may go in part */
	FAILS(write(ends[1], block, 2 * PIPE_BUF), EAGAIN);
	FAILS(write(ends[1], block, 1), EAGAIN);
	for (; size > 0; size -= n)
		n = read(ends[0], block, sizeof(block));
	EQUAL(size, 0);
	FAILS(read(ends[0], block, 1), EAGAIN);
	EQUAL(fcntl(ends[0], F_SETFL, 0), 0);
	EQUAL(close(ends[1]), 0);
	EQUAL(read(ends[0], block, 1), 0);
	EQUAL(close(ends[0]), 0);
}

/* --- bytes through a thread --- */

#define TOTAL (3 * 1024 * 1024)

static unsigned char
byte_at(size_t i)
{
	return (unsigned char)(i * 31 >> 3);
}

static void *
write_sequence(void *fd)
{
	static unsigned char bytes[100000];
	size_t at = 0;
	unsigned seed = 5;

	while (at < TOTAL) {
		size_t n = rand_r(&seed) % sizeof(bytes) + 1, i;

		if (n > TOTAL - at)
			n = TOTAL - at;
		for (i = 0; i < n; i++)
			bytes[i] = byte_at(at + i);
		EQUAL(write(*(int *)fd, bytes, n), n);
		at += n;
	}
	EQUAL(close(*(int *)fd), 0);
	return NULL;
}

static void
much_through_a_pipe(void)
{
	static unsigned char bytes[70000];
	int ends[2], wrong = 0;
	size_t at = 0;
	unsigned seed = 9;
	pthread_t writer;
	ssize_t n;

	EQUAL(pipe(ends), 0);
	EQUAL(pthread_create(&writer, NULL, write_sequence, &ends[1]), 0);
	while ((n = read(ends[0], bytes, rand_r(&seed) % sizeof(bytes) + 1)) > 0)
		for (ssize_t i = 0; i < n; i++, at++)
			wrong += bytes[i] != byte_at(at);
	EQUAL(n, 0);
	EQUAL(wrong, 0);
	EQUAL(at, TOTAL);
	EQUAL(pthread_join(writer, NULL), 0);
	EQUAL(close(ends[0]), 0);
}

/* --- several writers and readers --- */

#define WRITERS	4
#define RECORDS	200
#define RECORD	PIPE_BUF		/* as large as a write can be and still be whole */

static int shared[2];

static void *
write_records(void *number)
{
	char record[RECORD];
	struct iovec halves[2] = { { record, 1000 }, { record + 1000, RECORD - 1000 } };

	memset(record, (int)(long)number, sizeof(record));
	for (int i = 0; i < RECORDS; i++)
		EQUAL(i % 2 ? write(shared[1], record, RECORD) : writev(shared[1], halves, 2), RECORD);
	return NULL;
}

static void
writes_stay_whole(void)
{
	char record[RECORD];
	int seen[WRITERS + 1] = { 0 }, torn = 0;
	pthread_t writers[WRITERS];
	FILE *stream;

	EQUAL(pipe(shared), 0);
	for (long i = 0; i < WRITERS; i++)
		EQUAL(pthread_create(&writers[i], NULL, write_records, (void *)(i + 1)), 0);
	stream = fdopen(shared[0], "r");
	for (int i = 0; i < WRITERS * RECORDS; i++) {
		EQUAL(fread(record, RECORD, 1, stream), 1);
		torn += memcmp(record, record + 1, RECORD - 1) != 0;
		if (record[0] >= 1 && record[0] <= WRITERS)
			seen[(int)record[0]]++;
	}
	EQUAL(torn, 0);
	for (int i = 0; i < WRITERS; i++) {
		EQUAL(pthread_join(writers[i], NULL), 0);
		EQUAL(seen[i + 1], RECORDS);
	}
	EQUAL(close(shared[1]), 0);
	EQUAL(fgetc(stream), EOF);
	EQUAL(fclose(stream), 0);
}

static long
read_all(int fd)
{
	char bytes[3000];
	long sum = 0;
	ssize_t n;

	while ((n = read(fd, bytes, sizeof(bytes))) > 0)
		sum += n;
	EQUAL(n, 0);
	return sum;
}

static void *
reader_thread(void *unused)
{
	(void)unused;
	return (void *)read_all(shared[0]);
}

static void
readers_share(void)
{
	pthread_t readers[3];
	char bytes[1000] = "";
	long sum = 0;
	void *part;

	EQUAL(pipe(shared), 0);
	for (int i = 0; i < 3; i++)
		EQUAL(pthread_create(&readers[i], NULL, reader_thread, NULL), 0);
	for (int i = 0; i < 500; i++)
		EQUAL(write(shared[1], bytes, sizeof(bytes)), sizeof(bytes));
	EQUAL(close(shared[1]), 0);
	for (int i = 0; i < 3; i++) {
		EQUAL(pthread_join(readers[i], &part), 0);
		sum += (long)part;
	}
	EQUAL(sum, 500 * 1000);
	EQUAL(close(shared[0]), 0);
}

/* A descriptor that is closed while another thread waits through it. */
static void *
close_soon(void *fd)
{
	for (int i = 0; i < 100; i++)
		sched_yield();
	EQUAL(close(*(int *)fd), 0);
	return NULL;
}

static void
closing_ends_a_wait(void)
{
	int ends[2];
	pthread_t other;
	char byte;

	EQUAL(pipe(ends), 0);
	EQUAL(pthread_create(&other, NULL, close_soon, &ends[1]), 0);
	EQUAL(read(ends[0], &byte, 1), 0);
	EQUAL(pthread_join(other, NULL), 0);
	EQUAL(close(ends[0]), 0);
}

#define KILLED	20

/* Readers are killed while they wait; what is written then goes to one that lives. */
static void
killed_readers_take_nothing(void)
{
	int ends[2], ready[2], status;
	pid_t pids[KILLED];
	char byte = 0;

	EQUAL(pipe(ends), 0);
	EQUAL(pipe(ready), 0);
	for (int i = 0; i < KILLED; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			write(ready[1], "r", 1);
			_exit((int)read(ends[0], &byte, 1));
		}
	}
	for (int i = 0; i < KILLED; i++)
		EQUAL(read(ready[0], &byte, 1), 1);
	for (int i = 0; i < KILLED; i++) {
		EQUAL(kill(pids[i], SIGKILL), 0);
		EQUAL(waitpid(pids[i], &status, 0), pids[i]);
		EQUAL(WTERMSIG(status), SIGKILL);
	}
	EQUAL(write(ends[1], "x", 1), 1);
	EQUAL(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
	EQUAL(read(ends[0], &byte, 1), 1);
	EQUAL(byte, 'x');
	for (int i = 0; i < 2; i++)
		EQUAL(close(ends[i]) + close(ready[i]), 0);
}

static void
nothing_is_left(void)
{
	for (int i = 0; i < 3000; i++) {
		int ends[2];

		if (pipe(ends) != 0 || write(ends[1], "x", 1) != 1 || close(ends[0]) != 0 || close(ends[1]) != 0) {
			CHECK(!"3000 pipes, one after the other");
			return;
		}
	}
}

int
main(void)
{
	one_thread();
	not_waiting();
	much_through_a_pipe();
	writes_stay_whole();
	readers_share();
	closing_ends_a_wait();
	killed_readers_take_nothing();
	nothing_is_left();
	return check_report("pipe");
}
