/*
 * The three times of a file against POSIX.1-2017: which calls change which (XBD 4.9 and the pages of the calls), and utimensat. Works in
 * a folder of its own in the working directory, or in the one that is named.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "children.h"

#define A	1			/* access */
#define M	2			/* modification */
#define C	4			/* status change */

#define LONG_AGO	1000000000	/* 2001 */
#define DAY		86400

static long unit = 1;			/* in nanoseconds, as the file system keeps times */

static int
compare(struct timespec a, struct timespec b)
{
	if (a.tv_sec != b.tv_sec)
		return a.tv_sec < b.tv_sec ? -1 : 1;
	return a.tv_nsec < b.tv_nsec ? -1 : a.tv_nsec > b.tv_nsec;
}

/* The present, as the file system would keep it. */
static struct timespec
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_nsec -= t.tv_nsec % unit;
	return t;
}

static struct stat
status_of(const char *path)
{
	struct stat st = { 0 };

	EQUAL(lstat(path, &st), 0);
	return st;
}

static int
set(const char *path, time_t access, time_t modification)
{
	struct timespec times[2] = { { access, 0 }, { modification, 0 } };

	return utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW);
}

/* What is watched: up to three files. */
static struct watched {
	const char *path;
	struct stat before;
} watched[3];

/* Watches files (NULL: no more), whose access and modification are long ago from now on and whose change is before the present. */
static void
watch(const char *one, const char *two, const char *three)
{
	const char *paths[3] = { one, two, three };

	for (int i = 0; i < 3; i++) {
		struct timespec pause = { 0, 1000000 };

		watched[i].path = paths[i];
		if (paths[i] == NULL)
			continue;
		EQUAL(set(paths[i], LONG_AGO, LONG_AGO), 0);
		watched[i].before = status_of(paths[i]);
		while (compare(watched[i].before.st_ctim, now()) >= 0)
			nanosleep(&pause, NULL);
	}
}

/* Which times are others than when watching began: each of them is a new one. */
static int
changed(const char *path)
{
	struct stat after = status_of(path);
	struct watched *w = watched;
	int which = 0;

	while (w < watched + 2 && strcmp(w->path, path) != 0)
		w++;
	which |= compare(after.st_atim, w->before.st_atim) != 0 ? A : 0;
	which |= compare(after.st_mtim, w->before.st_mtim) != 0 ? M : 0;
	which |= compare(after.st_ctim, w->before.st_ctim) != 0 ? C : 0;
	CHECK(!(which & A) || (compare(after.st_atim, w->before.st_ctim) > 0 && compare(after.st_atim, now()) <= 0));
	CHECK(!(which & M) || (compare(after.st_mtim, w->before.st_ctim) > 0 && compare(after.st_mtim, now()) <= 0));
	CHECK(!(which & C) || (compare(after.st_ctim, w->before.st_ctim) > 0 && compare(after.st_ctim, now()) <= 0));
	return which;
}

/* A file with some bytes. */
static void
make(const char *path)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0644);

	EQUAL(write(fd, "some bytes", 10), 10);
	EQUAL(close(fd), 0);
}

static void
is_new(const char *path, struct timespec from)
{
	struct stat st = status_of(path);

	CHECK(compare(st.st_atim, from) >= 0 && compare(st.st_mtim, from) >= 0 && compare(st.st_ctim, from) >= 0);
	CHECK(compare(st.st_atim, now()) <= 0 && compare(st.st_mtim, now()) <= 0 && compare(st.st_ctim, now()) <= 0);
}

/* --- a file's bytes --- */

static void
reading(void)
{
	char bytes[16], *page;
	int fd;

	make("file");
	watch("file", ".", NULL);
	fd = open("file", O_RDONLY);
	EQUAL(read(fd, bytes, 0), 0);
	EQUAL(access("file", R_OK), 0);
	EQUAL(changed("file"), 0);
	EQUAL(read(fd, bytes, 4), 4);
	EQUAL(changed("file"), A);
	watch("file", ".", NULL);
	EQUAL(pread(fd, bytes, 4, 2), 4);
	EQUAL(changed("file"), A);
	EQUAL(set("file", now().tv_sec - 2 * DAY, now().tv_sec - 3 * DAY), 0);		/* read since it was written */
	EQUAL(read(fd, bytes, 1), 1);
	CHECK(status_of("file").st_atime >= now().tv_sec - DAY);
	EQUAL(close(fd), 0);
	make("mapped");
	watch("mapped", ".", NULL);
	fd = open("mapped", O_RDONLY);
	page = mmap(NULL, 1, PROT_READ, MAP_SHARED, fd, 0);
	CHECK(page != MAP_FAILED && page[0] == 's');
	EQUAL(munmap(page, 1), 0);
	EQUAL(changed("mapped"), A);
	EQUAL(changed("."), 0);
	EQUAL(close(fd), 0);
	EQUAL(unlink("mapped"), 0);
}

static void
writing(void)
{
	int fd = open("file", O_WRONLY);

	watch("file", ".", NULL);
	EQUAL(write(fd, "x", 0), 0);
	EQUAL(changed("file"), 0);
	EQUAL(write(fd, "x", 1), 1);
	EQUAL(changed("file"), M | C);
	watch("file", ".", NULL);
	EQUAL(pwrite(fd, "x", 1, 100000), 1);
	EQUAL(changed("file"), M | C);
	watch("file", ".", NULL);
	EQUAL(ftruncate(fd, 50), 0);
	EQUAL(changed("file"), M | C);
	watch("file", ".", NULL);
	EQUAL(truncate("file", 5000), 0);
	EQUAL(changed("file"), M | C);
	watch("file", ".", NULL);
	EQUAL(close(fd), 0);
	EQUAL(close(open("file", O_RDWR | O_CREAT, 0644)), 0);
	EQUAL(changed("file"), 0);
	EQUAL(close(open("file", O_WRONLY | O_TRUNC)), 0);
	EQUAL(changed("file"), M | C);
	watch("file", ".", NULL);
	EQUAL(close(open("file", O_WRONLY | O_TRUNC)), 0);	/* of one that is empty */
	EQUAL(changed("file"), M | C);
	EQUAL(changed("."), 0);
}

/* --- names --- */

static void
making(void)
{
	static const char *const names[] = { "new", "folder", "symlink", "pipe" };

	for (int i = 0; i < 4; i++) {
		struct timespec from = now();

		watch(".", "file", NULL);
		EQUAL(i == 0 ? close(open("new", O_CREAT | O_RDONLY, 0644)) : i == 1 ? mkdir("folder", 0755) :
		      i == 2 ? symlink("file", "symlink") : mkfifo("pipe", 0600), 0);
		EQUAL(changed("."), M | C);
		is_new(names[i], from);
		watch(".", names[i], NULL);
		FAILS(open(names[i], O_CREAT | O_EXCL | O_RDONLY, 0644), EEXIST);
		FAILS(mkdir(names[i], 0755), EEXIST);
		FAILS(link("file", names[i]), EEXIST);
		EQUAL(changed("."), 0);
		EQUAL(changed(names[i]), 0);
	}
	watch(".", "folder", NULL);
	EQUAL(mkdir("folder/inner", 0755), 0);
	EQUAL(changed("."), 0);
	EQUAL(changed("folder"), M | C);
	watch(".", "folder", NULL);
	EQUAL(rmdir("folder/inner"), 0);
	EQUAL(changed("folder"), M | C);
	FAILS(rmdir("folder/inner"), ENOENT);
	EQUAL(rmdir("folder"), 0);
	EQUAL(changed("."), M | C);
	EQUAL(unlink("new"), 0);
	EQUAL(unlink("symlink"), 0);
	EQUAL(unlink("pipe"), 0);
}

static void
linking(void)
{
	EQUAL(mkdir("other", 0755), 0);
	watch("file", ".", "other");
	EQUAL(link("file", "other/second"), 0);
	EQUAL(changed("file"), C);
	EQUAL(changed("other"), M | C);
	EQUAL(changed("."), 0);
	watch("file", ".", "other");
	EQUAL(unlink("other/second"), 0);
	EQUAL(changed("file"), C);
	EQUAL(changed("other"), M | C);
	EQUAL(changed("."), 0);
	FAILS(unlink("other/second"), ENOENT);
	EQUAL(rmdir("other"), 0);
}

static void
renaming(void)
{
	EQUAL(mkdir("from", 0755), 0);
	EQUAL(mkdir("to", 0755), 0);
	make("from/file");
	watch("from", "to", "from/file");
	EQUAL(rename("from/file", "from/again"), 0);
	EQUAL(changed("from"), M | C);
	watch("from", "to", "from/again");
	EQUAL(rename("from/again", "to/file"), 0);
	EQUAL(changed("from"), M | C);
	EQUAL(changed("to"), M | C);
	watched[2].path = "to/file";
	EQUAL(changed("to/file") & (A | M), 0);			/* C as the system likes */
	make("from/file");
	EQUAL(link("to/file", "kept"), 0);
	watch("from", "to", "kept");
	EQUAL(rename("from/file", "to/file"), 0);		/* which loses one of its names */
	EQUAL(changed("from"), M | C);
	EQUAL(changed("to"), M | C);
	EQUAL(changed("kept"), C);
	EQUAL(mkdir("from/folder", 0755), 0);
	watch("from", "to", NULL);
	EQUAL(rename("from/folder", "to/folder"), 0);
	EQUAL(changed("from"), M | C);
	EQUAL(changed("to"), M | C);
	watch("from", "to", "to/file");
	FAILS(rename("to/nothing", "from/x"), ENOENT);
	FAILS(rename("to/file", "to/folder"), EISDIR);
	EQUAL(changed("from"), 0);
	EQUAL(changed("to"), 0);
	EQUAL(changed("to/file"), 0);
	EQUAL(rmdir("to/folder"), 0);
	EQUAL(unlink("to/file"), 0);
	EQUAL(unlink("kept"), 0);
	EQUAL(rmdir("from"), 0);
	EQUAL(rmdir("to"), 0);
}

static void
looking(void)
{
	char target[16];
	DIR *dir;

	EQUAL(symlink("file", "link"), 0);
	watch("link", "file", ".");
	EQUAL(readlink("link", target, sizeof(target)), 4);
	EQUAL(changed("link"), A);
	EQUAL(changed("file"), 0);
	EQUAL(changed("."), 0);
	dir = opendir(".");
	CHECK(dir != NULL && readdir(dir) != NULL);
	EQUAL(closedir(dir), 0);
	EQUAL(changed("."), A);
	EQUAL(unlink("link"), 0);
}

/* --- attributes --- */

static void
attributes(void)
{
	int fd = open("file", O_RDONLY);

	watch("file", ".", NULL);
	EQUAL(chmod("file", 0600), 0);
	EQUAL(changed("file"), C);
	watch("file", ".", NULL);
	EQUAL(fchmod(fd, 0644), 0);
	EQUAL(changed("file"), C);
	watch("file", ".", NULL);
	EQUAL(chown("file", 1000, 50), 0);
	EQUAL(changed("file"), C);
	watch("file", ".", NULL);
	EQUAL(fchown(fd, 0, (gid_t)-1), 0);
	EQUAL(changed("file"), C);
	watch(".", NULL, NULL);
	EQUAL(chmod(".", 0711), 0);
	EQUAL(changed("."), C);
	EQUAL(chmod(".", 0755), 0);
	EQUAL(close(fd), 0);
}

static void
setting(void)
{
	static const time_t kept[] = { 0, 1, -1, -2000000000, 2147483647, 4000000000, 8000000000 };
	struct timespec exact[2] = { { 1234567890, 123456789 }, { 1111111111, 999999999 } };
	struct timespec one[2] = { { 5, UTIME_OMIT }, { 1500000000, 0 } }, present[2] = { { 5, UTIME_NOW }, { 5, UTIME_OMIT } };
	struct timespec neither[2] = { { 5, UTIME_OMIT }, { 5, UTIME_OMIT } }, wrong[2] = { { 5, 0 }, { 5, 1000000000 } };
	struct stat st;
	int fd = open("file", O_RDONLY);

	watch("file", ".", NULL);
	EQUAL(futimens(fd, exact), 0);
	st = status_of("file");
	CHECK(st.st_atim.tv_sec == 1234567890 && st.st_atim.tv_nsec == 123456789 - 123456789 % unit);
	CHECK(st.st_mtim.tv_sec == 1111111111 && st.st_mtim.tv_nsec == 999999999 - 999999999 % unit);
	CHECK(compare(st.st_ctim, watched[0].before.st_ctim) > 0);
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]) && (unit == 1 || kept[i] <= INT32_MAX); i++) {
		EQUAL(set("file", kept[i], kept[i]), 0);
		EQUAL(status_of("file").st_atime, kept[i]);
		EQUAL(status_of("file").st_mtime, kept[i]);
	}
	watch("file", ".", NULL);
	FAILS(utimensat(AT_FDCWD, "file", wrong, 0), EINVAL);
	FAILS(utimensat(AT_FDCWD, "nothing", exact, 0), ENOENT);
	EQUAL(utimensat(AT_FDCWD, "file", neither, 0), 0);
	EQUAL(changed("file"), 0);
	EQUAL(utimensat(AT_FDCWD, "file", present, 0), 0);
	EQUAL(changed("file"), A | C);
	watch("file", ".", NULL);
	EQUAL(utimensat(AT_FDCWD, "file", NULL, 0), 0);
	EQUAL(changed("file"), A | M | C);
	watch("file", ".", NULL);
	EQUAL(utimensat(AT_FDCWD, "file", one, 0), 0);
	st = status_of("file");
	CHECK(st.st_atime == LONG_AGO && st.st_mtime == 1500000000);
	EQUAL(symlink("file", "link"), 0);
	watch("link", "file", NULL);
	EQUAL(utimensat(AT_FDCWD, "link", NULL, AT_SYMLINK_NOFOLLOW), 0);
	EQUAL(changed("link"), A | M | C);
	EQUAL(changed("file"), 0);
	watch("link", "file", NULL);
	EQUAL(utimensat(AT_FDCWD, "link", NULL, 0), 0);
	EQUAL(changed("file"), A | M | C);
	EQUAL(unlink("link"), 0);
	EQUAL(close(fd), 0);
}

/* Whose file it is may set what he likes; who may write it, the present; who asks for no change needs no right. */
static int
as_somebody(void)
{
	struct timespec exact[2] = { { 5, 0 }, { 5, 0 } }, neither[2] = { { 5, UTIME_OMIT }, { 5, UTIME_OMIT } };
	struct timespec present[2] = { { 5, UTIME_NOW }, { 5, UTIME_NOW } }, half[2] = { { 5, UTIME_NOW }, { 5, UTIME_OMIT } };

	int fd;

	EQUAL(setgid(1000), 0);
	EQUAL(setuid(1000), 0);
	EQUAL(chmod("own", 04600), 0);
	fd = open("own", O_WRONLY);
	EQUAL(write(fd, "", 0), 0);				/* has no other results */
	EQUAL(status_of("own").st_mode & 07777, 04600);
	EQUAL(write(fd, "x", 1), 1);
	EQUAL(status_of("own").st_mode & 07777, 0600);
	EQUAL(close(fd), 0);
	EQUAL(chmod("own", 0400), 0);
	EQUAL(utimensat(AT_FDCWD, "own", exact, 0), 0);
	EQUAL(utimensat(AT_FDCWD, "own", NULL, 0), 0);
	FAILS(utimensat(AT_FDCWD, "writable", exact, 0), EPERM);
	FAILS(utimensat(AT_FDCWD, "writable", half, 0), EPERM);
	EQUAL(utimensat(AT_FDCWD, "writable", NULL, 0), 0);
	EQUAL(utimensat(AT_FDCWD, "writable", present, 0), 0);
	FAILS(utimensat(AT_FDCWD, "readable", exact, 0), EPERM);
	FAILS(utimensat(AT_FDCWD, "readable", NULL, 0), EACCES);
	FAILS(utimensat(AT_FDCWD, "readable", present, 0), EACCES);
	EQUAL(utimensat(AT_FDCWD, "readable", neither, 0), 0);
	return checks_failed != 0;
}

static void
permissions(void)
{
	static const struct { const char *name; mode_t mode; uid_t owner; } files[] =
		{ { "own", 0400, 1000 }, { "writable", 0602, 0 }, { "readable", 0604, 0 } };

	for (int i = 0; i < 3; i++) {
		make(files[i].name);
		EQUAL(chmod(files[i].name, files[i].mode), 0);
		EQUAL(chown(files[i].name, files[i].owner, 0), 0);
	}
	EQUAL(in_child(as_somebody), 0);
	for (int i = 0; i < 3; i++)
		EQUAL(unlink(files[i].name), 0);
}

/* --- FIFOs and pipes --- */

static void
fifos(void)
{
	char byte;
	int fd;

	EQUAL(mkfifo("fifo", 0600), 0);
	fd = open("fifo", O_RDWR);
	watch("fifo", ".", NULL);
	EQUAL(changed("fifo"), 0);
	EQUAL(write(fd, "xy", 2), 2);
	EQUAL(changed("fifo"), M | C);
	watch("fifo", ".", NULL);
	EQUAL(read(fd, &byte, 1), 1);
	EQUAL(changed("fifo") & ~C, A);
	watch("fifo", ".", NULL);
	EQUAL(write(fd, "x", 1), 1);
	EQUAL(set("fifo", LONG_AGO, LONG_AGO), 0);		/* comes after the write */
	EQUAL(status_of("fifo").st_mtime, LONG_AGO);
	watch("fifo", ".", NULL);
	EQUAL(write(fd, "x", 1), 1);
	EQUAL(close(fd), 0);					/* the times stay when nobody has it open any more */
	usleep(20000);						/* the file server hears of it on its own */
	EQUAL(changed("fifo"), M | C);
	EQUAL(changed("."), 0);
	EQUAL(unlink("fifo"), 0);
}

static void
pipes(void)
{
	struct stat made, written, read_from;
	char byte;
	int ends[2];

	EQUAL(pipe(ends), 0);
	EQUAL(fstat(ends[0], &made), 0);
	while (compare(made.st_mtim, now()) >= 0)
		continue;
	EQUAL(write(ends[1], "x", 1), 1);
	EQUAL(fstat(ends[0], &written), 0);
	CHECK(compare(written.st_mtim, made.st_mtim) > 0 && compare(written.st_ctim, made.st_ctim) > 0);
	EQUAL(compare(written.st_atim, made.st_atim), 0);
	EQUAL(read(ends[0], &byte, 1), 1);
	EQUAL(fstat(ends[1], &read_from), 0);
	CHECK(compare(read_from.st_atim, made.st_atim) > 0);
	EQUAL(compare(read_from.st_mtim, written.st_mtim), 0);
	EQUAL(close(ends[0]), 0);
	EQUAL(close(ends[1]), 0);
}

int
main(int argc, char **argv)
{
	char folder[] = "times-XXXXXX";
	struct timespec exact[2] = { { 5, 123456789 }, { 5, 123456789 } };

	if (argc > 1)
		EQUAL(chdir(argv[1]), 0);
	CHECK(mkdtemp(folder) != NULL);
	EQUAL(chmod(folder, 0755), 0);
	EQUAL(chdir(folder), 0);
	EQUAL(utimensat(AT_FDCWD, ".", exact, 0), 0);
	if (status_of(".").st_mtim.tv_nsec == 0)		/* an ext2 with small inodes keeps whole seconds */
		unit = 1000000000;
	reading();
	writing();
	making();
	linking();
	renaming();
	looking();
	attributes();
	setting();
	permissions();
	fifos();
	pipes();
	EQUAL(unlink("file"), 0);
	return check_report("times");
}
