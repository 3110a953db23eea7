/*
 * The file server's cache follows the memory: it keeps a large file that was read while there is plenty, and gives it back to a program that wants
 * all the memory that was free before.
 *
 *	cache FILE	of some 20 MB, on a machine with 64 MB and no swap
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "mach/mach.h"

#define MB		(1u << 20)
#define GROWTH		(16 * MB)	/* at least, when the file has been read */
#define KEPT		(12 * MB)	/* of what was free: what the kernel lives on, and what the cache always keeps */

static char buffer[256 * 1024];

static uint64_t
bytes_free(void)
{
	struct vm_statistics vm = { 0 };

	EQUAL(vm_statistics(&vm), 0);
	return vm.free * vm.page_size;
}

static void
read_whole(const char *path)
{
	int fd = open(path, O_RDONLY);
	off_t size = 0;
	struct stat st;
	ssize_t n;

	CHECK(fd >= 0);
	EQUAL(fstat(fd, &st), 0);
	while ((n = read(fd, buffer, sizeof(buffer))) > 0)
		size += n;
	EQUAL(n, 0);
	EQUAL(size, st.st_size);
	EQUAL(close(fd), 0);
}

static void
use_memory(size_t size)
{
	char *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t wrong = 0;

	CHECK(at != MAP_FAILED);
	for (size_t i = 0; i < size; i += 4096)
		*(size_t *)(at + i) = i;
	for (size_t i = 0; i < size; i += 4096)
		wrong += *(size_t *)(at + i) != i;
	EQUAL(wrong, 0);
	EQUAL(munmap(at, size), 0);
}

int
main(int argc, char **argv)
{
	uint64_t before = bytes_free(), grown;

	if (argc != 2)
		return 2;
	for (int round = 0; round < 3; round++) {
		read_whole(argv[1]);
		read_whole(argv[1]);
		grown = bytes_free();
		CHECK(grown + GROWTH < before);
		use_memory(before - KEPT);
		CHECK(bytes_free() + KEPT >= before);
	}
	return check_report("cache");
}
