/*
 * Stores through a mapping beside other changes of the file: its times, its set-id bits, write() into the same pages, and the whole of a
 * large file at once. Works in a folder of its own in the working directory, or in the one that is named.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

#define PAGE	4096
#define LARGE	1500			/* pages */
#define ROUNDS	300

static int
new_file(const char *name, size_t size)
{
	int fd = open(name, O_CREAT | O_RDWR | O_TRUNC, 0644);

	CHECK(fd >= 0);
	EQUAL(ftruncate(fd, (off_t)size), 0);
	return fd;
}

static volatile char *
map(int fd, size_t size)
{
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	CHECK(p != MAP_FAILED);
	return p;
}

static void
unmap(volatile char *p, size_t size)
{
	EQUAL(munmap((void *)p, size), 0);
}

/* Times that are set stay, whenever what was stored before comes to the file. */
static void
times_that_are_set_stay(void)
{
	int fd = new_file("times", PAGE);
	struct timespec old[2] = { { 1000, 0 }, { 1000, 0 } };
	volatile char *p = map(fd, PAGE);
	struct stat st;

	p[0] = 't';
	EQUAL(futimens(fd, old), 0);
	EQUAL(fsync(fd), 0);
	EQUAL(fstat(fd, &st), 0);
	EQUAL(st.st_mtime, 1000);
	p[0] = 'u';
	EQUAL(fsync(fd), 0);
	EQUAL(fstat(fd, &st), 0);
	CHECK(st.st_mtime > 1000);
	unmap(p, PAGE);
	close(fd);
}

/* The mode after a store by somebody, also into a page that was stored to before the bits were set. */
static mode_t
mode_after_store(int fd, uid_t uid)
{
	struct stat st;
	int status = -1;
	pid_t child = fork();

	if (child == 0) {
		int own;
		volatile char *p;

		if (uid != 0 && (setgid(uid) != 0 || setuid(uid) != 0))
			_exit(1);
		own = open("ids", O_RDWR);
		if (own < 0)
			_exit(2);
		p = map(own, PAGE);
		p[0] = 'x';
		_exit(p[0] == 'x' ? 0 : 3);
	}
	EQUAL(waitpid(child, &status, 0), child);
	EQUAL(status, 0);
	EQUAL(fstat(fd, &st), 0);
	return st.st_mode & 07777;
}

static void
set_id_bits_go(void)
{
	int fd = new_file("ids", PAGE);

	EQUAL(fchmod(fd, 06777), 0);
	EQUAL(mode_after_store(fd, 0), 06777);
	EQUAL(mode_after_store(fd, 1234), 0777);
	EQUAL(fchmod(fd, 06777), 0);
	EQUAL(mode_after_store(fd, 1234), 0777);
	close(fd);
}

static void
a_large_file_at_once(void)
{
	static char buffer[PAGE];
	int fd = new_file("large", (size_t)LARGE * PAGE), wrong = 0;
	volatile char *p = map(fd, (size_t)LARGE * PAGE);

	for (int i = 0; i < LARGE; i++)
		p[(size_t)i * PAGE] = (char)(i % 100 + 1);
	EQUAL(fsync(fd), 0);
	for (int i = 0; i < LARGE; i += 2)
		p[(size_t)i * PAGE + 1] = 'y';
	for (int i = 0; i < LARGE; i++) {
		EQUAL(pread(fd, buffer, PAGE, (off_t)i * PAGE), PAGE);
		wrong += buffer[0] != (char)(i % 100 + 1) || buffer[1] != (i % 2 ? 0 : 'y');
	}
	EQUAL(wrong, 0);
	unmap(p, (size_t)LARGE * PAGE);
	close(fd);
	EQUAL(unlink("large"), 0);
}

/* One process stores to the first half of a page, one writes to the second: nothing of either is lost. */
static void
stores_and_writes_in_one_page(void)
{
	int fd = new_file("both", 2 * PAGE), status = -1;
	volatile char *p = map(fd, 2 * PAGE);
	char c;
	pid_t child = fork();

	if (child == 0) {
		for (int i = 0; i < ROUNDS; i++) {
			if (pwrite(fd, "w", 1, PAGE / 2 + i) != 1 || pread(fd, &c, 1, PAGE / 2 + i) != 1 || c != 'w')
				_exit(1);
			if (i % 50 == 0 && fsync(fd) != 0)
				_exit(2);
		}
		_exit(0);
	}
	for (int i = 0; i < ROUNDS; i++) {
		p[i] = 's';
		p[PAGE + i] = 's';
		EQUAL(pread(fd, &c, 1, i), 1);
		EQUAL(c, 's');
	}
	EQUAL(waitpid(child, &status, 0), child);
	EQUAL(status, 0);
	for (int i = 0; i < ROUNDS; i++)
		CHECK(p[i] == 's' && p[PAGE / 2 + i] == 'w' && p[PAGE + i] == 's');
	unmap(p, 2 * PAGE);
	close(fd);
}

int
main(int argc, char **argv)
{
	char folder[] = "mmap-race-XXXXXX";

	if (argc > 1)
		EQUAL(chdir(argv[1]), 0);
	CHECK(mkdtemp(folder) != NULL);
	EQUAL(chmod(folder, 0755), 0);
	EQUAL(chdir(folder), 0);
	times_that_are_set_stay();
	set_id_bits_go();
	a_large_file_at_once();
	stores_and_writes_in_one_page();
	return check_report("mmap_race");
}
