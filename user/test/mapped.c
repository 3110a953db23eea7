/*
 * Mapped files under pressure; the grader gives the machine less memory than the file is long.
 *
 *	mapped both FILE MEGABYTES SEED		two processes, one with a shared mapping and one that reads and writes, take turns over all pages
 *	mapped full FILE MEGABYTES		stores into the holes of a file until the disk is full, which is SIGBUS and no more
 *
 * A page's words are mixed from the seed, the page and its generation; the host finds those of the last one.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE	4096u
#define WORDS	(PAGE / 8)
#define RUN	16u			/* pages */

static uint64_t seed, pages, wrong, order;
static uint64_t *at;			/* the mapping */

static void
must(int good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "mapped: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t
mix(uint64_t x)
{
	x ^= x >> 31;
	x *= 0x9e3779b97f4a7c15ull;
	return x ^ x >> 29;
}

static uint64_t
key_of(uint64_t page, uint64_t generation)
{
	return mix(seed << 40 ^ page << 8 ^ generation);
}

static void
make_page(uint64_t *words, uint64_t page, uint64_t generation)
{
	uint64_t key = key_of(page, generation);

	words[0] = page;
	words[1] = generation;
	for (unsigned i = 2; i < WORDS; i++)
		words[i] = key + i * 0x100000001b3ull;
}

static void
check_page(const uint64_t *words, uint64_t page, uint64_t generation, const char *how)
{
	uint64_t key = key_of(page, generation);
	unsigned i = 2;

	while (i < WORDS && words[i] == key + i * 0x100000001b3ull)
		i++;
	if (words[0] == page && words[1] == generation && i == WORDS)
		return;
	if (wrong++ < 10)
		printf("mapped: page %llu, %s: page %llu generation %llu, not %llu; word %u\n", (unsigned long long)page, how,
			(unsigned long long)words[0], (unsigned long long)words[1], (unsigned long long)generation, i);
}

/* All pages once, in an order that depends on the turn: each step is odd, the number of pages a power of two or made one by skipping. */
static uint64_t
nth(uint64_t n, unsigned turn)
{
	return (n * ((order << 1 | 1) + 2 * turn) + turn * 977) & (order - 1);
}

#define EACH_PAGE(page, turn)						\
	for (uint64_t n_ = 0, page; n_ < order; n_++)			\
		if ((page = nth(n_, turn)) < pages)

static void
store(unsigned turn, uint64_t before, uint64_t generation)
{
	EACH_PAGE(page, turn) {
		check_page(at + page * WORDS, page, before, "loaded");
		make_page(at + page * WORDS, page, generation);
	}
}

static void
load(unsigned turn, uint64_t generation)
{
	EACH_PAGE(page, turn)
		check_page(at + page * WORDS, page, generation, "loaded");
}

static void
write_all(int fd, unsigned turn, uint64_t before, uint64_t generation)
{
	static uint64_t words[WORDS];

	EACH_PAGE(page, turn) {
		if (before != 0) {
			must(pread(fd, words, PAGE, (off_t)(page * PAGE)) == PAGE, "read");
			check_page(words, page, before, "read");
		}
		make_page(words, page, generation);
		must(pwrite(fd, words, PAGE, (off_t)(page * PAGE)) == PAGE, "write");
	}
}

/* From each page on, up to sixteen at a time: some in memory, some on their way, some on the disk. */
static void
read_all(int fd, unsigned turn, uint64_t generation)
{
	static uint64_t words[RUN * WORDS];

	EACH_PAGE(page, turn) {
		uint64_t run = 1 + (page * 7 + turn) % RUN;

		if (run > pages - page)
			run = pages - page;
		must(pread(fd, words, run * PAGE, (off_t)(page * PAGE)) == (ssize_t)(run * PAGE), "read");
		for (uint64_t i = 0; i < run; i++)
			check_page(words + i * WORDS, page + i, generation, "read");
	}
}

/* The other process: its own descriptor, read() and write() only. Its status is 1 if something was wrong. */
static int
other(const char *path, void (*work)(int fd))
{
	pid_t child = fork();
	int status = -1, fd;

	must(child >= 0, "fork");
	if (child == 0) {
		wrong = 0;
		fd = open(path, O_RDWR);
		must(fd >= 0, path);
		work(fd);
		fflush(stdout);
		_exit(wrong != 0);
	}
	must(waitpid(child, &status, 0) == child, "wait");
	wrong += status != 0;
	return status;
}

static void
reads_2(int fd)
{
	read_all(fd, 3, 2);
}

static void
writes_3(int fd)
{
	write_all(fd, 4, 2, 3);
}

static void
reads_4(int fd)
{
	read_all(fd, 6, 4);
}

static void
map(int fd)
{
	for (order = 1; order < pages; order *= 2)
		continue;
	at = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	must(at != MAP_FAILED, "mmap");
}

static int
both(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);

	must(fd >= 0 && ftruncate(fd, (off_t)(pages * PAGE)) == 0, path);
	map(fd);
	write_all(fd, 1, 0, 1);
	store(2, 1, 2);
	other(path, reads_2);
	other(path, writes_3);
	load(4, 3);
	store(5, 3, 4);
	other(path, reads_4);
	must(msync(at, pages * PAGE, MS_SYNC) == 0, "msync");
	load(7, 4);
	must(munmap(at, pages * PAGE) == 0 && close(fd) == 0, "close");
	printf("mapped: %llu pages, wrong %llu\n", (unsigned long long)pages, (unsigned long long)wrong);
	return wrong != 0;
}

/* --- a full disk --- */

static sigjmp_buf place;

static void
handler(int signal)
{
	(void)signal;
	siglongjmp(place, 1);
}

static uint64_t
store_until_full(void)
{
	static volatile uint64_t page;

	page = 0;
	if (sigsetjmp(place, 1) == 0)
		for (; page < pages; page++)
			make_page(at + page * WORDS, page, 1);
	return page;
}

static int
full(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
	uint64_t stored;

	must(fd >= 0 && ftruncate(fd, (off_t)(pages * PAGE)) == 0, path);
	must(signal(SIGBUS, handler) != SIG_ERR, "signal");
	map(fd);
	stored = store_until_full();
	for (uint64_t page = 0; page < stored; page++)
		check_page(at + page * WORDS, page, 1, "loaded");
	must(msync(at, pages * PAGE, MS_SYNC) == 0, "msync");
	for (uint64_t page = 0; page < stored; page++) {
		static uint64_t words[WORDS];

		must(pread(fd, words, PAGE, (off_t)(page * PAGE)) == PAGE, "read");
		check_page(words, page, 1, "read");
	}
	printf("mapped: %llu of %llu pages stored, wrong %llu\n", (unsigned long long)stored, (unsigned long long)pages,
		(unsigned long long)wrong);
	return wrong != 0;
}

int
main(int argc, char **argv)
{
	if (argc < 4) {
		fprintf(stderr, "use: mapped both FILE MEGABYTES SEED | full FILE MEGABYTES\n");
		return 2;
	}
	pages = strtoul(argv[3], NULL, 0) << 8;
	seed = argc > 4 ? strtoul(argv[4], NULL, 0) : 1;
	return strcmp(argv[1], "both") == 0 ? both(argv[2]) : full(argv[2]);
}
