/*
 * torn FILE: loads a byte of each page of a mapped file whose page n is filled with the letter 'a' + n, and prints a letter for each: `.` it
 * is right, `E` it ends with SIGBUS, `x` it is something else.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE	4096

static sigjmp_buf place;

static void
handler(int signal)
{
	(void)signal;
	siglongjmp(place, 1);
}

static char
look_at(volatile const char *page, char letter)
{
	if (sigsetjmp(place, 1) != 0)
		return 'E';
	for (int i = 0; i < PAGE; i++)
		if (page[i] != letter)
			return 'x';
	return '.';
}

int
main(int argc, char **argv)
{
	struct stat st;
	int fd = argc > 1 ? open(argv[1], O_RDONLY) : -1;
	char *at;

	if (fd < 0 || fstat(fd, &st) != 0) {
		perror("torn");
		return 1;
	}
	at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (at == MAP_FAILED) {
		perror("torn: mmap");
		return 1;
	}
	signal(SIGBUS, handler);
	for (int turn = 0; turn < 2; turn++) {
		printf("torn: ");
		for (int page = 0; page < st.st_size / PAGE; page++)
			putchar(look_at(at + (size_t)page * PAGE, (char)('a' + page)));
		putchar('\n');
	}
	return 0;
}
