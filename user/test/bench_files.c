/*
 * Measures what large files and directories cost, and pages that come back from swap. Portable, like bench_posix.c: for each operation a line
 * `bench NAME BUSY ALL`: nanoseconds for one in which the CPU had something to do, which under -icount are instructions, and all that passed;
 * names that end in _mb are for a megabyte.
 *
 *	bench_files DIRECTORY PART...			on one CPU
 *
 * Parts: `write` makes a file of 64 MB and writes it anew; `read`, in a machine started afterwards so that nothing is cached, reads it, twice, and
 * at random; `random`, in a fresh machine too, reads at random what is not cached; `names` makes 10,000 small files in one directory, looks them up
 * and removes them; `swap` writes 96 MB of memory, then reads them.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#if __has_include(<mach/host_info.h>)
#include <mach/host_info.h>

#include "mach/mach.h"
#endif

#define MEGABYTES	64
#define MB		(1 << 20)
#define PIECE		(64 * 1024)
#define PAGE		4096
#define RANDOM_READS	2000
#define SMALL		100		/* bytes of a small file */
#define NAMES		10000
#define LOOKUPS		10000
#define SWAP_MEGABYTES	96

static char buffer[PIECE];
static unsigned long random_state = 1;

static unsigned
random_below(unsigned n)
{
	random_state = random_state * 6364136223846793005ul + 1442695040888963407ul;
	return (unsigned)(random_state >> 33) % n;
}

struct moment {
	long long clock, idle;		/* nanoseconds */
};

#if !__has_include(<mach/host_info.h>)
/* What the timers' list says of the first CPU: exact, unlike /proc/uptime and /proc/stat. */
static long long
idle_time(void)
{
	static const char *const names[] = {".idle_sleeptime", ".iowait_sleeptime"};
	char line[256];
	long long idle = 0, value;
	unsigned found = 0;
	FILE *f = fopen("/proc/timer_list", "r");

	while (f != NULL && found < 2 && fgets(line, sizeof(line), f) != NULL) {
		char *name = strstr(line, names[found]);

		if (name == NULL || sscanf(strchr(name, ':') + 1, "%lld", &value) != 1)
			continue;
		idle += value;
		found++;
	}
	if (f != NULL)
		fclose(f);
	return idle;
}
#else
static long long
idle_time(void)
{
	struct host_info info;

	return host_info(&info) == KERN_SUCCESS ? (long long)info.idle : 0;
}
#endif

static struct moment
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (struct moment){t.tv_sec * 1000000000LL + t.tv_nsec, idle_time()};
}

static void
row(const char *name, struct moment began, long long operations)
{
	struct moment end = now();
	long long all = end.clock - began.clock, busy = all - (end.idle - began.idle);

	printf("bench %s %lld %lld\n", name, busy / operations, all / operations);
	fflush(stdout);
}

/* --- one large file --- */

static int
write_all(int fd, const char *name)
{
	struct moment began = now();

	for (int i = 0; i < MEGABYTES * (MB / PIECE); i++) {
		memset(buffer, i, sizeof(buffer));
		if (pwrite(fd, buffer, PIECE, (off_t)i * PIECE) != PIECE)
			return -1;
	}
	if (fsync(fd) != 0)
		return -1;
	row(name, began, MEGABYTES);
	return 0;
}

static int
write_file(void)
{
	int fd = open("bench.large", O_CREAT | O_TRUNC | O_WRONLY, 0600);

	if (fd < 0 || write_all(fd, "write_seq_mb") != 0 || write_all(fd, "write_again_mb") != 0)
		return -1;
	return close(fd);
}

static int
read_all(int fd, const char *name)
{
	struct moment began = now();

	for (int i = 0; i < MEGABYTES * (MB / PIECE); i++) {
		if (pread(fd, buffer, PIECE, (off_t)i * PIECE) != PIECE)
			return -1;
		if (buffer[0] != (char)i || buffer[PIECE - 1] != (char)i) {
			errno = EILSEQ;
			return -1;
		}
	}
	row(name, began, MEGABYTES);
	return 0;
}

static int
read_random(int fd, const char *name)
{
	struct moment began = now();

	for (int i = 0; i < RANDOM_READS; i++)
		if (pread(fd, buffer, PAGE, (off_t)random_below(MEGABYTES * (MB / PAGE)) * PAGE) != PAGE)
			return -1;
	row(name, began, RANDOM_READS);
	return 0;
}

static int
read_cold(void)
{
	int fd = open("bench.large", O_RDONLY);

	return fd < 0 || read_random(fd, "read_random_cold") != 0 ? -1 : close(fd);
}

static int
read_file(void)
{
	int fd = open("bench.large", O_RDONLY);
	struct moment began;

	if (fd < 0 || read_all(fd, "read_cold_mb") != 0 || read_all(fd, "read_again_mb") != 0 || read_random(fd, "read_random_4k") != 0)
		return -1;
	began = now();
	for (int i = 0; i < LOOKUPS; i++)
		if (pread(fd, buffer, 1, 100) != 1)
			return -1;
	row("read_1_cached", began, LOOKUPS);
	return close(fd);
}

/* --- many names --- */

static const char *
name_of(unsigned i)
{
	static char name[32];

	snprintf(name, sizeof(name), "bench.names/file%u", i);
	return name;
}

static int
many_names(void)
{
	struct stat status;
	struct moment began, start = now();

	if (mkdir("bench.names", 0700) != 0)
		return -1;
	began = now();
	for (unsigned i = 0; i < NAMES; i++) {
		int fd = open(name_of(i), O_CREAT | O_EXCL | O_WRONLY, 0600);

		if (fd < 0 || write(fd, buffer, SMALL) != SMALL || close(fd) != 0)
			return -1;
	}
	row("create_of_10000", began, NAMES);
	began = now();
	for (unsigned i = 0; i < LOOKUPS; i++)
		if (stat(name_of(random_below(NAMES)), &status) != 0)
			return -1;
	row("lookup_in_10000", began, LOOKUPS);
	began = now();
	for (unsigned i = 0; i < NAMES; i++)
		if (unlink(name_of(i)) != 0)
			return -1;
	row("unlink_of_10000", began, NAMES);
	sync();
	row("names_all_of_10000", start, NAMES);
	return rmdir("bench.names");
}

/* --- memory --- */

static int
swap_pages(void)
{
	size_t pages = (size_t)SWAP_MEGABYTES * (MB / PAGE);
	char *at = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct moment began = now();

	if (at == MAP_FAILED)
		return -1;
	for (size_t i = 0; i < pages; i++)
		*(size_t *)(at + i * PAGE) = i;
	row("swap_out_page", began, pages);
	began = now();
	for (size_t i = 0; i < pages; i++)
		if (*(volatile size_t *)(at + i * PAGE) != i) {
			errno = EILSEQ;
			return -1;
		}
	row("swap_in_page", began, pages);
	return munmap(at, pages * PAGE);
}

static const struct part {
	const char *name;
	int (*run)(void);
} parts[] = {
	{"write", write_file},
	{"read", read_file},
	{"random", read_cold},
	{"names", many_names},
	{"swap", swap_pages},
};

static int
run_part(const char *name)
{
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (strcmp(parts[i].name, name) == 0) {
			int failed = parts[i].run();

			if (failed != 0)
				printf("%s: %s\n", name, strerror(errno));
			return failed != 0;
		}
	printf("no part is called %s\n", name);
	return 1;
}

int
main(int argc, char **argv)
{
	int failed = 0;

	if (argc < 3) {
		printf("usage: bench_files DIRECTORY write|read|random|names|swap...\n");
		return 2;
	}
	if (chdir(argv[1]) != 0) {
		perror(argv[1]);
		return 2;
	}
	for (int i = 2; i < argc; i++)
		failed |= run_part(argv[i]);
	printf("bench done %d\n", failed);
	return failed;
}
