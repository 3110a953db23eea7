/*
 * Limits that a process has (POSIX.1-2017 getrlimit) on the size of its files and on its memory. posix_group.c has the others, and who may
 * change them. The program is its own child: `posix_limits inherited`.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "signals.h"

#define SELF	"/test/posix_limits"
#define FILE_LIMIT	100
#define MB	(1ul << 20)

static void
limit(int which, rlim_t soft)
{
	struct rlimit limit;

	EQUAL(getrlimit(which, &limit), 0);
	limit.rlim_cur = soft;
	EQUAL(setrlimit(which, &limit), 0);
}

/* The call fails, and SIGXFSZ comes just once. */
#define TOO_LARGE(call) do { count = 0; FAILS(call, EFBIG); EQUAL(count, 1); } while (0)

/* --- files --- */

static off_t
size_of(int fd)
{
	struct stat status;

	EQUAL(fstat(fd, &status), 0);
	return status.st_size;
}

static void
writes_end_at_the_limit(int fd)
{
	static const char text[200];
	struct iovec pieces[2] = { { (void *)(uintptr_t)text, 60 }, { (void *)(uintptr_t)text, 60 } };

	EQUAL(write(fd, text, 60), 60);
	EQUAL(write(fd, text, 60), 40);		/* as much as there is room for */
	TOO_LARGE(write(fd, text, 1));
	EQUAL(write(fd, text, 0), 0);
	EQUAL(size_of(fd), FILE_LIMIT);
	EQUAL(pwrite(fd, text, 50, 90), 10);
	EQUAL(pwrite(fd, text, 50, 10), 50);
	TOO_LARGE(pwrite(fd, text, 50, FILE_LIMIT));
	TOO_LARGE(pwrite(fd, text, 50, FILE_LIMIT + 1000));
	EQUAL(lseek(fd, 0, SEEK_SET), 0);
	EQUAL(writev(fd, pieces, 2), FILE_LIMIT);
	TOO_LARGE(writev(fd, pieces, 2));
	EQUAL(fcntl(fd, F_SETFL, O_APPEND), 0);
	EQUAL(lseek(fd, 0, SEEK_SET), 0);
	TOO_LARGE(write(fd, text, 1));
	EQUAL(ftruncate(fd, 95), 0);
	EQUAL(write(fd, text, 10), 5);
	EQUAL(fcntl(fd, F_SETFL, 0), 0);
	EQUAL(size_of(fd), FILE_LIMIT);
}

static void
sizes_end_at_the_limit(int fd)
{
	EQUAL(ftruncate(fd, FILE_LIMIT), 0);
	TOO_LARGE(ftruncate(fd, FILE_LIMIT + 1));
	TOO_LARGE(truncate("file", FILE_LIMIT + 1));
	EQUAL(truncate("file", 0), 0);
	EQUAL(size_of(fd), 0);
}

/* What is no regular file has no size. */
static void
pipes_have_no_size(void)
{
	static char text[3 * FILE_LIMIT];
	int ends[2];

	EQUAL(pipe(ends), 0);
	EQUAL(write(ends[1], text, sizeof(text)), sizeof(text));
	EQUAL(read(ends[0], text, sizeof(text)), sizeof(text));
	close(ends[0]);
	close(ends[1]);
}

static int
writes_too_much(void)
{
	static const char text[2 * FILE_LIMIT];
	int fd = open("file", O_WRONLY);

	signal(SIGXFSZ, SIG_DFL);
	return write(fd, text, sizeof(text)) == FILE_LIMIT && write(fd, text, 1) == 1;
}

static int
starts_program(void)
{
	execl(SELF, "x", "inherited", (char *)NULL);
	return 1;
}

/* In the new image the signal is ignored, as it was. */
static int
inherited(void)
{
	static const char text[2 * FILE_LIMIT];
	int fd = open("file", O_WRONLY | O_TRUNC);
	FILE *out;

	EQUAL(write(fd, text, sizeof(text)), FILE_LIMIT);
	FAILS(write(fd, text, 1), EFBIG);
	out = fdopen(fd, "w");
	CHECK(fputs("x", out) >= 0);
	FAILS(fflush(out), EFBIG);
	return checks_failed != 0;
}

static void
files(void)
{
	int fd = open("file", O_CREAT | O_RDWR | O_TRUNC, 0644), status;

	on(SIGXFSZ, note, 0);
	limit(RLIMIT_FSIZE, FILE_LIMIT);
	writes_end_at_the_limit(fd);
	sizes_end_at_the_limit(fd);
	pipes_have_no_size();
	status = end_of(child(writes_too_much));
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ);
	signal(SIGXFSZ, SIG_IGN);
	EQUAL(in_child(starts_program), 0);
	limit(RLIMIT_FSIZE, RLIM_INFINITY);
	EQUAL(ftruncate(fd, 10 * FILE_LIMIT), 0);
	limit(RLIMIT_FSIZE, 0);
	signal(SIGXFSZ, note);
	TOO_LARGE(pwrite(fd, "x", 1, 0));
	EQUAL(ftruncate(fd, 0), 0);
	limit(RLIMIT_FSIZE, RLIM_INFINITY);
	close(fd);
	unlink("file");
}

/* --- descriptors: the limit is also the next program's --- */

static int
few_files(void)
{
	EQUAL(dup2(0, 4), 4);
	FAILS(dup2(0, 5), EBADF);
	while (dup(0) >= 0)
		continue;
	EQUAL(errno, EMFILE);
	EQUAL(sysconf(_SC_OPEN_MAX), 5);
	return checks_failed != 0;
}

static int
starts_with_few(void)
{
	limit(RLIMIT_NOFILE, 5);
	execl(SELF, "x", "few", (char *)NULL);
	return 1;
}

/* --- memory --- */

/* How many MB of it there are. */
static unsigned
mapped(void)
{
	unsigned n = 0;

	while (n < 100 && mmap(NULL, MB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED)
		n++;
	EQUAL(errno, ENOMEM);
	return n;
}

static unsigned
allocated(void)
{
	unsigned n = 0;

	while (n < 100 && malloc(MB) != NULL)
		n++;
	EQUAL(errno, ENOMEM);
	return n;
}

static unsigned
broken(void)
{
	unsigned n = 0;

	while (n < 100 && sbrk((intptr_t)MB) != (void *)-1)
		n++;
	EQUAL(errno, ENOMEM);
	return n;
}

static int
address_space(void)
{
	void *kept;
	unsigned n;

	EQUAL(sbrk(0) != (void *)-1, 1);	/* reserves its range */
	kept = mmap(NULL, 20 * MB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	limit(RLIMIT_AS, 0);
	EQUAL(mapped(), 0);
	EQUAL(allocated(), 0);
	EQUAL(munmap(kept, 20 * MB), 0);
	EQUAL(mapped(), 0);
	limit(RLIMIT_AS, RLIM_INFINITY);
	kept = mmap(NULL, 20 * MB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(kept != MAP_FAILED);
	/* Memory that takes the place of other memory is not more. */
	limit(RLIMIT_AS, 0);
	CHECK(mmap(kept, 20 * MB, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == kept);
	limit(RLIMIT_AS, RLIM_INFINITY);
	EQUAL(munmap(kept, 20 * MB), 0);
	limit(RLIMIT_AS, 1100 * MB);		/* with the range of the break */
	n = mapped();
	CHECK(n > 10 && n < 76);
	return checks_failed != 0;
}

static int
data_of_malloc(void)
{
	void *one;

	limit(RLIMIT_DATA, 10 * MB);
	EQUAL(allocated(), 9);
	limit(RLIMIT_DATA, 12 * MB);
	one = malloc(MB);
	CHECK(one != NULL);
	EQUAL(malloc(2 * MB) == NULL, 1);
	free(one);
	EQUAL(malloc(MB) != NULL, 1);		/* what is given back counts no more */
	CHECK(mmap(NULL, 20 * MB, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
	return checks_failed != 0;
}

static int
data_of_the_break(void)
{
	limit(RLIMIT_DATA, 10 * MB + MB / 2);	/* malloc may have some already */
	EQUAL(broken(), 10);
	CHECK(sbrk(-(intptr_t)(4 * MB)) != (void *)-1);
	EQUAL(broken(), 4);
	return checks_failed != 0;
}

/* The stack is as large as its limit says; on another one a handler sees its end. */
static volatile uintptr_t deepest;

static __attribute__((noinline)) void
go_down(volatile char *from)
{
	volatile char room[4096];

	room[0] = *from;
	deepest = (uintptr_t)room;
	if (room[0] != 1)
		go_down(room);
	room[1] = 0;
}

static uintptr_t top;
static rlim_t stack_size;

static void
overflow(int signal)
{
	(void)signal;
	_exit(top - deepest > stack_size - 256 * 1024 && top - deepest <= stack_size ? 0 : 1);
}

static int
stack(void)
{
	static char other[64 * 1024];
	struct sigaction action = { .sa_handler = overflow, .sa_flags = SA_ONSTACK };
	struct rlimit limit;
	char here = 0;

	EQUAL(getrlimit(RLIMIT_STACK, &limit), 0);
	stack_size = limit.rlim_cur;
	top = (uintptr_t)&here;
	sigaltstack(&(stack_t){ .ss_sp = other, .ss_size = sizeof(other) }, NULL);
	sigaction(SIGSEGV, &action, NULL);
	go_down(&here);
	return 2;
}

int
main(int argc, char **argv)
{
	char folder[] = "/tmp/limits-XXXXXX";

	if (argc > 1 && strcmp(argv[1], "inherited") == 0)
		return inherited();
	if (argc > 1 && strcmp(argv[1], "few") == 0)
		return few_files();
	CHECK(mkdtemp(folder) != NULL);
	EQUAL(chdir(folder), 0);
	files();
	EQUAL(in_child(starts_with_few), 0);
	EQUAL(in_child(address_space), 0);
	EQUAL(in_child(data_of_malloc), 0);
	EQUAL(in_child(data_of_the_break), 0);
	EQUAL(in_child(stack), 0);
	rmdir(folder);
	return check_report("limits");
}
