/*
 * What configure scripts ask by running programs: conf/config.site has the answers for those that cannot run any. A new answer there is a new
 * question here.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>

#include "check.h"

/* Blocks of no bytes have an address. The sizes are hidden from the compiler, which warns of them. */
static void
empty_blocks(void)
{
	volatile size_t none = 0;
	char *a = malloc(none), *b = calloc(none, none), *c = realloc(NULL, none);

	CHECK(a != NULL && b != NULL && c != NULL);
	free(a);
	free(b);
	free(c);
}

static void
texts(void)
{
	char low[] = { 0x40, 0 }, high[] = { (char)0x80, 0 }, *end;

	CHECK(memcmp(low, high, 1) < 0);
	CHECK(strcoll("abc", "def") < 0 && strcoll("ABC", "DEF") < 0 && strcoll("123", "456") < 0);
	EQUAL(strnlen("foobar", 3), 3);
	EQUAL(strnlen("foobar", 7), 6);
	CHECK(strtod(" +69", &end) == 69 && *end == '\0');
	strtod("NaN", &end);
	CHECK(*end == '\0');
	EQUAL(fnmatch("a*", "abc", 0), 0);
	EQUAL(fnmatch("x*y", "x/y", FNM_PATHNAME), FNM_NOMATCH);
	EQUAL(fnmatch("*", ".hidden", FNM_PERIOD), FNM_NOMATCH);
	EQUAL(fnmatch("\\a", "\\a", FNM_NOESCAPE), 0);
}

/* Times in far years, on both sides of changes to summer time, and outside of their fields' ranges. */
static void
broken_down_times(void)
{
	setenv("TZ", "PST8PDT,M4.1.0,M10.5.0", 1);
	tzset();
	for (time_t t = -(1LL << 40); t < 1LL << 40; t += (1LL << 40) / 997) {
		struct tm local = *localtime(&t);

		CHECK(mktime(&local) == t);
	}
	CHECK(mktime(&(struct tm){ .tm_year = 98, .tm_mon = 3, .tm_mday = 5, .tm_hour = 2, .tm_isdst = -1 }) != -1);
	CHECK(mktime(&(struct tm){ .tm_year = 70, .tm_mon = INT_MAX, .tm_mday = 1 }) != -1);
	errno = 0;
	CHECK(mktime(&(struct tm){ .tm_year = INT_MAX, .tm_mon = INT_MAX, .tm_mday = INT_MAX }) == -1 && errno == EOVERFLOW);
	unsetenv("TZ");
	tzset();
}

static void
names(void)
{
	struct stat st;

	FAILS(stat("", &st), ENOENT);
	FAILS(lstat("", &st), ENOENT);
	EQUAL(close(open("file", O_CREAT | O_WRONLY, 0600)), 0);
	EQUAL(symlink("file", "link"), 0);
	FAILS(lstat("link/", &st), ENOTDIR);
	EQUAL(chown("file", (uid_t)-1, (gid_t)-1), 0);
	EQUAL(utime("file", &(struct utimbuf){ 1, 1 }), 0);
	EQUAL(utime("file", NULL), 0);
	EQUAL(stat("file", &st), 0);
	CHECK(time(NULL) - st.st_mtime < 120);
	CHECK(getgroups(0, NULL) >= 0);
	EQUAL(closedir(opendir(".")), 0);
}

/* A private mapping at an address of the program's choice shows the file, and the file does not see what is written there. */
static void
mappings(void)
{
	long size = sysconf(_SC_PAGESIZE);
	char *place = mmap(NULL, (size_t)size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), text[4] = "";
	int fd = open("file", O_RDWR);

	EQUAL(pwrite(fd, "abc", 3, 0), 3);
	CHECK(mmap(place, (size_t)size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, fd, 0) == place);
	CHECK(memcmp(place, "abc", 4) == 0);
	place[0] = 'x';
	EQUAL(pread(fd, text, 3, 0), 3);
	CHECK(strcmp(text, "abc") == 0);
	EQUAL(munmap(place, (size_t)size), 0);
	EQUAL(close(fd), 0);
}

_Static_assert(_Generic(setpgrp, int (*)(void): 1, default: 0), "setpgrp takes nothing");

static void
children(void)
{
	int status;
	pid_t child = fork();

	if (child == 0)
		_exit(3);
	EQUAL(waitpid(child, &status, 0), child);
	EQUAL(WEXITSTATUS(status), 3);
	child = vfork();
	if (child == 0)
		_exit(4);
	EQUAL(waitpid(child, &status, 0), child);
	EQUAL(WEXITSTATUS(status), 4);
}

int
main(void)
{
	char folder[] = "/tmp/configureXXXXXX";

	CHECK(mkdtemp(folder) != NULL && chdir(folder) == 0);
	empty_blocks();
	texts();
	broken_down_times();
	names();
	mappings();
	children();
	EQUAL(unlink("link") + unlink("file") + rmdir(folder), 0);
	return check_report("configure");
}
