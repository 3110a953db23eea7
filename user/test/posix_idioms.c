/*
 * What programs from elsewhere include and use without asking whether it is there.
 */
#define _GNU_SOURCE
#include <alloca.h>
#include <ar.h>
#include <byteswap.h>
#include <dirent.h>
#include <endian.h>
#include <malloc.h>
#include <memory.h>
#include <paths.h>
#include <sys/cdefs.h>
#include <sys/dir.h>
#include <sys/errno.h>
#include <sys/fcntl.h>
#include <sys/param.h>
#include <sys/signal.h>
#include <sys/syslog.h>
#include <sys/termios.h>
#include <sys/unistd.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>
#ifdef __x86_64__
#include <cpuid.h>
#endif

#include "check.h"

#ifndef errno
#error "errno is a macro (C11 7.5)"
#endif
extern int errno;		/* what programs say that are older than threads */

__BEGIN_DECLS
static void arithmetic(void);
__END_DECLS

static void
arithmetic(void)
{
	unsigned char bits[4] = {0};

	EQUAL(MIN(1, 2), 1);
	EQUAL(MAX(1, 2), 2);
	EQUAL(howmany(9, 4), 3);
	EQUAL(roundup(9, 4), 12);
	CHECK(powerof2(64) && !powerof2(65));
	setbit(bits, 9);
	EQUAL(bits[1], 2);
	CHECK(isset(bits, 9) && isclr(bits, 8));
	clrbit(bits, 9);
	EQUAL(bits[1], 0);
}

static void
error_numbers(void)
{
	extern int errno;
	int *place = &errno;

	errno = 0;
	EQUAL(close(-1), -1);
	EQUAL(*place, EBADF);
	CHECK((LOG_SYSLOG | LOG_ERR) == LOG_MAKEPRI(LOG_SYSLOG, LOG_ERR));
	EQUAL(LOG_FAC(LOG_FTP | LOG_DEBUG), 11);
}

static void
byte_order(void)
{
	union {
		uint32_t word;
		unsigned char bytes[4];
	} u = {.word = htobe32(0x01020304)};

	EQUAL(u.bytes[0], 1);
	EQUAL(u.bytes[3], 4);
	EQUAL(be32toh(u.word), 0x01020304);
	u.word = htole32(0x01020304);
	EQUAL(u.bytes[0], 4);
	EQUAL(bswap_16(0x1234), 0x3412);
	EQUAL(be16toh(htobe16(0xfffe)), 0xfffe);
	EQUAL(bswap_64(1), 1L << 56);
	EQUAL(BYTE_ORDER, LITTLE_ENDIAN);
}

static void
places(void)
{
	char path[MAXPATHLEN], *copy = alloca(sizeof(_PATH_TMP));

	memcpy(copy, _PATH_TMP, sizeof(_PATH_TMP));
	snprintf(path, sizeof(path), "%s", copy);
	EQUAL(access(path, W_OK | X_OK), 0);
	EQUAL(access(_PATH_DEVNULL, R_OK | W_OK), 0);
	EQUAL(access(_PATH_BSHELL, X_OK), 0);
}

extern char *__progname;

static void
other_names(void)
{
	char *copy = strdupa("copied"), *path = canonicalize_file_name("/bin/../bin/./echo");
	void *aligned = memalign(256, 100), *page = valloc(10);

	EQUAL(strcmp(copy, "copied"), 0);
	EQUAL(strcmp(strndupa(copy, 3), "cop"), 0);
	CHECK(path != NULL && strcmp(path, "/bin/echo") == 0);
	free(path);
	CHECK(aligned != NULL && (uintptr_t)aligned % 256 == 0);
	CHECK(page != NULL && (uintptr_t)page % (uintptr_t)sysconf(_SC_PAGESIZE) == 0);
	free(aligned);
	free(page);
	EQUAL((char *)rawmemchr(copy, 'p') - copy, 2);
	EQUAL(eaccess("/etc/passwd", R_OK), 0);
	FAILS(euidaccess("/nothing", F_OK), ENOENT);
	EQUAL(getdtablesize(), sysconf(_SC_OPEN_MAX));
	EQUAL(strcmp(__progname, "posix_idioms"), 0);
}

/* Numbers in names count as numbers. */
static void
versions(void)
{
	struct dirent a, b;
	const struct dirent *x = &a, *y = &b;

	strcpy(a.d_name, "file9");
	strcpy(b.d_name, "file10");
	CHECK(versionsort(&x, &y) < 0);
	CHECK(alphasort(&x, &y) > 0);
}

/* What the processor says it has may be used: programs ask for AVX without asking whether its registers are saved. */
static void
processor(void)
{
#ifdef __x86_64__
	unsigned a, b, c = 0, d;

	CHECK(__get_cpuid(1, &a, &b, &c, &d));
	CHECK((c & bit_AVX) == 0 || (c & bit_OSXSAVE) != 0);
	CHECK(__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0 || (b & bit_AVX2) == 0);
#endif
}

static void
archives(void)
{
	static const char member[] = ARMAG "name/           0           0     0     100644  2         `\nab";
	const struct ar_hdr *header = (const void *)(member + SARMAG);

	EQUAL(sizeof(*header), 60);
	EQUAL(strncmp(header->ar_name, "name/", 5), 0);
	EQUAL(atoi(header->ar_size), 2);
	EQUAL(memcmp(header->ar_fmag, ARFMAG, 2), 0);
	EQUAL(header[1].ar_name[0], 'a');
}

/* What runs before main and after the functions of atexit, in the order of priorities. */
static char ran[8];
static int told = -1;

static void
note(char letter)
{
	size_t length = strlen(ran);

	ran[length] = letter;
	if (told >= 0)
		CHECK(write(told, &letter, 1) == 1);
}

__attribute__((constructor)) static void second(void) { note('b'); }
__attribute__((constructor(200))) static void first(void) { note('a'); }
__attribute__((destructor)) static void last_but_one(void) { note('y'); }
__attribute__((destructor(200))) static void last(void) { note('z'); }
static void registered(void) { note('x'); }

static void
constructors(void)
{
	char said[8] = "";
	int ends[2], status;
	pid_t child;

	EQUAL(strcmp(ran, "ab"), 0);
	EQUAL(pipe(ends), 0);
	fflush(stdout);
	child = fork();
	if (child == 0) {
		told = ends[1];
		atexit(registered);
		exit(0);
	}
	EQUAL(close(ends[1]), 0);
	CHECK(waitpid(child, &status, 0) == child && status == 0);
	EQUAL(read(ends[0], said, sizeof(said)), 3);
	EQUAL(strncmp(said, "xyz", 3), 0);
	close(ends[0]);
}

/* The break moves up and down, by bytes and over pages, and what it passes again is zeroes; malloc goes on beside it. */
static void
the_break(void)
{
	char *start = sbrk(0), *had = sbrk(100), *heap = malloc(100000);

	CHECK(had == start && sbrk(0) == start + 100);
	memset(had, 'x', 100);
	CHECK(sbrk(1 << 20) == start + 100);
	memset(start + 100, 'y', 1 << 20);
	CHECK(start[99] == 'x' && start[100] == 'y' && start[(1 << 20) + 99] == 'y');
	CHECK(heap != NULL && (heap + 100000 <= start || heap >= start + (1 << 20)));
	CHECK(sbrk(-(1 << 20)) == start + 100 + (1 << 20));
	CHECK(start[99] == 'x');
	EQUAL(brk(start + (1 << 19)), 0);
	CHECK(sbrk(0) == start + (1 << 19) && start[1 << 18] == '\0');
	CHECK(sbrk(-(1 << 20)) == (void *)-1 && errno == ENOMEM);
	CHECK(sbrk(PTRDIFF_MAX) == (void *)-1 && errno == ENOMEM);
	FAILS(brk(start - 1), ENOMEM);
	EQUAL(brk(start), 0);
	free(heap);
}

/* An entry of a directory by its old name. */
static void
entries(void)
{
	DIR *dir = opendir("/etc");
	struct direct *entry = dir != NULL ? readdir(dir) : NULL;

	CHECK(entry != NULL && entry->d_name[0] != '\0');
	if (dir != NULL)
		closedir(dir);
}

int
main(void)
{
	arithmetic();
	error_numbers();
	byte_order();
	places();
	other_names();
	versions();
	processor();
	the_break();
	constructors();
	entries();
	archives();
	return check_report("idioms") == 0 ? EX_OK : EX_SOFTWARE;
}
