/*
 * Files that change: making, writing, cutting, linking, renaming, removing, permissions as uid 0, syncing. Against POSIX.1-2017. Times:
 * posix_times.c. Works in /posix_files, or in the new folder that is named; on a tmpfs too (grade/tmpfs.py).
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "check.h"
#include "children.h"

static char buffer[70000];

static void
fill(char *data, size_t length, unsigned seed)
{
	for (size_t i = 0; i < length; i++)
		data[i] = (char)((i * 2654435761u + seed * 97) >> 11);
}

static off_t
size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_size : -1;
}

static void
create_and_write(void)
{
	static char again[sizeof(buffer)];
	int fd = open("new", O_CREAT | O_EXCL | O_RDWR, 0640);
	struct stat st;

	CHECK(fd >= 0);
	FAILS(open("new", O_CREAT | O_EXCL | O_RDWR, 0640), EEXIST);
	fill(buffer, sizeof(buffer), 1);
	EQUAL(write(fd, buffer, sizeof(buffer)), (ssize_t)sizeof(buffer));
	EQUAL(fstat(fd, &st), 0);
	EQUAL(st.st_size, (off_t)sizeof(buffer));
	EQUAL(st.st_mode & 0777, 0640 & ~022);
	EQUAL(pread(fd, again, sizeof(again), 0), (ssize_t)sizeof(again));
	EQUAL(memcmp(buffer, again, sizeof(again)), 0);
	EQUAL(pwrite(fd, "hello", 5, 30000), 5);
	EQUAL(pread(fd, again, 7, 29999), 7);
	CHECK(again[0] == buffer[29999] && memcmp(again + 1, "hello", 5) == 0 && again[6] == buffer[30005]);
	EQUAL(fsync(fd), 0);
	EQUAL(fdatasync(fd), 0);
	EQUAL(close(fd), 0);
	EQUAL(size_of("new"), (off_t)sizeof(buffer));
	FAILS(open("none/new", O_CREAT | O_WRONLY, 0644), ENOENT);
	FAILS(open("new/x", O_CREAT | O_WRONLY, 0644), ENOTDIR);
	FAILS(open(".", O_CREAT | O_WRONLY, 0644), EISDIR);
}

static void
truncate_and_holes(void)
{
	char x[16];
	struct stat st;
	int fd = open("sparse", O_CREAT | O_RDWR | O_TRUNC, 0644);

	EQUAL(lseek(fd, 5000000, SEEK_SET), 5000000);
	EQUAL(write(fd, "end", 3), 3);
	EQUAL(fstat(fd, &st), 0);
	EQUAL(st.st_size, 5000003);
	CHECK(st.st_blocks < 200);
	EQUAL(pread(fd, x, 8, 2500000), 8);
	EQUAL(memcmp(x, "\0\0\0\0\0\0\0", 8), 0);
	EQUAL(ftruncate(fd, 10), 0);
	EQUAL(pwrite(fd, "0123456789", 10, 0), 10);
	EQUAL(ftruncate(fd, 4), 0);
	EQUAL(ftruncate(fd, 8), 0);
	EQUAL(pread(fd, x, 16, 0), 8);
	EQUAL(memcmp(x, "0123\0\0\0", 8), 0);
	FAILS(ftruncate(fd, -1), EINVAL);
	EQUAL(close(fd), 0);
	EQUAL(truncate("sparse", 100000), 0);
	EQUAL(size_of("sparse"), 100000);
	FAILS(truncate(".", 0), EISDIR);
}

static void
append(void)
{
	int a = open("log", O_CREAT | O_WRONLY | O_APPEND, 0644), b = open("log", O_RDWR);

	EQUAL(write(a, "one", 3), 3);
	EQUAL(write(b, "TWO!", 4), 4);
	EQUAL(write(a, "two", 3), 3);
	EQUAL(size_of("log"), 7);
	EQUAL(lseek(a, 0, SEEK_CUR), 7);
	EQUAL(pread(b, buffer, 10, 0), 7);
	EQUAL(memcmp(buffer, "TWO!two", 7), 0);
	EQUAL(fcntl(b, F_SETFL, O_APPEND), 0);
	EQUAL(write(b, "x", 1), 1);
	EQUAL(size_of("log"), 8);
	close(a);
	close(b);
}

static void
unlink_open_file(void)
{
	int fd = open("gone", O_CREAT | O_RDWR, 0644);
	struct stat st;

	EQUAL(write(fd, "still here", 10), 10);
	EQUAL(unlink("gone"), 0);
	FAILS(unlink("gone"), ENOENT);
	EQUAL(fstat(fd, &st), 0);
	EQUAL(st.st_nlink, 0);
	EQUAL(pread(fd, buffer, 10, 0), 10);
	EQUAL(memcmp(buffer, "still here", 10), 0);
	EQUAL(close(fd), 0);
}

static void
links(void)
{
	struct stat st;

	EQUAL(link("new", "second"), 0);
	FAILS(link("new", "second"), EEXIST);
	EQUAL(stat("second", &st), 0);
	EQUAL(st.st_nlink, 2);
	EQUAL(symlink("new", "sym"), 0);
	EQUAL(readlink("sym", buffer, sizeof(buffer)), 3);
	EQUAL(size_of("sym"), size_of("new"));
	EQUAL(unlink("second"), 0);
	EQUAL(stat("new", &st), 0);
	EQUAL(st.st_nlink, 1);
	EQUAL(unlink("sym"), 0);
	EQUAL(size_of("new"), (off_t)sizeof(buffer));
	EQUAL(symlink("made", "dangling"), 0);
	EQUAL(close(open("dangling", O_CREAT | O_WRONLY, 0644)), 0);
	EQUAL(size_of("made"), 0);
	FAILS(open("dangling", O_CREAT | O_EXCL | O_WRONLY, 0644), EEXIST);
	FAILS(open("dangling", O_RDONLY | O_NOFOLLOW), ELOOP);
	EQUAL(mkfifo("fifo", 0600), 0);
	EQUAL(lstat("fifo", &st), 0);
	CHECK(S_ISFIFO(st.st_mode));
}

static void
directories(void)
{
	char name[32];
	struct stat st;
	unsigned seen = 0;
	DIR *d;

	EQUAL(mkdir("dir", 0755), 0);
	FAILS(mkdir("dir", 0755), EEXIST);
	for (int i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "dir/file-%d", i);
		EQUAL(close(open(name, O_CREAT | O_WRONLY, 0644)), 0);
	}
	EQUAL(mkdir("dir/sub", 0755), 0);
	EQUAL(stat("dir", &st), 0);
	EQUAL(st.st_nlink, 3);
	d = opendir("dir");
	CHECK(d != NULL);
	for (struct dirent *e; d && (e = readdir(d)) != NULL; )
		seen += e->d_name[0] != '.';
	EQUAL(seen, 301);
	closedir(d);
	FAILS(rmdir("dir"), ENOTEMPTY);
	FAILS(unlink("dir"), EISDIR);
	FAILS(rmdir("new"), ENOTDIR);
	FAILS(rmdir("dir/sub/."), EINVAL);
	for (int i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "dir/file-%d", i);
		EQUAL(unlink(name), 0);
	}
	EQUAL(rmdir("dir/sub"), 0);
	EQUAL(rmdir("dir"), 0);
	FAILS(rmdir("dir"), ENOENT);
}

#define NAMES	1000

/* Names that are there all the time are read once; those that are removed meanwhile, at most once. */
static void
names_go_while_they_are_read(void)
{
	unsigned char seen[NAMES] = { 0 }, removed[NAMES] = { 0 };
	unsigned left = 0, wrong = 0, number;
	char name[32];
	DIR *d;

	EQUAL(mkdir("dir", 0755), 0);
	for (unsigned i = 0; i < NAMES; i++) {
		snprintf(name, sizeof(name), "dir/file-%u", i);
		EQUAL(close(open(name, O_CREAT | O_WRONLY, 0644)), 0);
	}
	d = opendir("dir");
	CHECK(d != NULL);
	for (struct dirent *e; d && (e = readdir(d)) != NULL; ) {
		if (sscanf(e->d_name, "file-%u", &number) != 1 || number >= NAMES)
			continue;
		seen[number]++;
		for (unsigned i = number; i < number + 2; i++) {	/* this one and its neighbour, which may come or not */
			snprintf(name, sizeof(name), "dir/file-%u", i % NAMES);
			if (number % 3 == 0 && unlink(name) == 0)
				removed[i % NAMES] = 1;
		}
	}
	for (unsigned i = 0; i < NAMES; i++)
		wrong += removed[i] ? seen[i] > 1 : seen[i] != 1;
	EQUAL(wrong, 0);
	rewinddir(d);
	for (struct dirent *e; d && (e = readdir(d)) != NULL; )
		if (sscanf(e->d_name, "file-%u", &number) == 1) {
			left += number < NAMES && !removed[number];
			snprintf(name, sizeof(name), "dir/file-%u", number);
			EQUAL(unlink(name), 0);			/* the one that was read just now */
		}
	EQUAL(closedir(d), 0);
	for (unsigned i = 0; i < NAMES; i++)
		left -= !removed[i];
	EQUAL(left, 0);
	EQUAL(rmdir("dir"), 0);
}

static void
renames(void)
{
	struct stat a, b;

	EQUAL(mkdir("from", 0755), 0);
	EQUAL(mkdir("to", 0755), 0);
	EQUAL(mkdir("from/d", 0755), 0);
	EQUAL(close(open("from/f", O_CREAT | O_WRONLY, 0644)), 0);
	EQUAL(stat("from/f", &a), 0);
	EQUAL(rename("from/f", "to/g"), 0);
	FAILS(stat("from/f", &b), ENOENT);
	EQUAL(stat("to/g", &b), 0);
	EQUAL(a.st_ino, b.st_ino);
	EQUAL(rename("new", "to/g"), 0);
	EQUAL(size_of("to/g"), (off_t)sizeof(buffer));
	EQUAL(rename("from/d", "to/d"), 0);
	EQUAL(stat("to/d/..", &a), 0);
	EQUAL(stat("to", &b), 0);
	EQUAL(a.st_ino, b.st_ino);
	EQUAL(b.st_nlink, 3);
	FAILS(rename("to", "to/d/x"), EINVAL);
	FAILS(rename("to/d", "to/g"), ENOTDIR);
	FAILS(rename("to/g", "to/d"), EISDIR);
	FAILS(rename("from", "to"), ENOTEMPTY);
	FAILS(rename("nothing", "to/x"), ENOENT);
	EQUAL(rename("to/d", "from"), 0);
	EQUAL(rmdir("from"), 0);
	EQUAL(unlink("to/g"), 0);
	EQUAL(rmdir("to"), 0);
}

/* access() is about the real user, of whom a set-user-id program of root's asks. */
static void
access_of_the_real_user(void)
{
	pid_t pid;

	EQUAL(close(open("mine", O_CREAT | O_WRONLY, 0600)), 0);
	EQUAL(mkdir("room", 0700), 0);
	pid = fork();
	if (pid == 0) {
		EQUAL(setreuid(1000, -1), 0);
		FAILS(access("mine", R_OK), EACCES);
		FAILS(access("room/nothing", F_OK), EACCES);
		EQUAL(faccessat(AT_FDCWD, "mine", R_OK | W_OK, AT_EACCESS), 0);
		EQUAL(access("mine", F_OK), 0);
		EQUAL(seteuid(1000), 0);
		FAILS(access("mine", R_OK), EACCES);
		_exit(checks_failed != 0);
	}
	EQUAL(end_of(pid), 0);
	EQUAL(unlink("mine"), 0);
	EQUAL(rmdir("room"), 0);
}

static void
attributes(void)
{
	struct timespec times[2] = { { 1000000000, 123456789 }, { 0, UTIME_OMIT } };
	struct stat st, before;
	struct statvfs fs;

	EQUAL(close(open("attr", O_CREAT | O_WRONLY, 0644)), 0);
	EQUAL(chmod("attr", 04711), 0);
	EQUAL(stat("attr", &before), 0);
	EQUAL(before.st_mode & 07777, 04711);
	EQUAL(chown("attr", 1000, 50), 0);
	EQUAL(stat("attr", &st), 0);
	EQUAL(st.st_uid, 1000);
	EQUAL(st.st_gid, 50);
	EQUAL(st.st_mode & 07777, 0711);
	EQUAL(utimensat(AT_FDCWD, "attr", times, 0), 0);
	EQUAL(stat("attr", &st), 0);
	EQUAL(st.st_atim.tv_sec, 1000000000);
	EQUAL(st.st_mtim.tv_sec, before.st_mtim.tv_sec);
	EQUAL(access("attr", R_OK | W_OK), 0);
	FAILS(access("nothing", F_OK), ENOENT);
	EQUAL(statvfs(".", &fs), 0);
	CHECK(fs.f_blocks > 0 && fs.f_bfree > 0 && fs.f_bfree <= fs.f_blocks);
	EQUAL(unlink("attr"), 0);
}

/* --- another root directory --- */

static void
within_the_jail(void)
{
	char path[PATH_MAX], text[8] = "";
	struct stat st, above;
	int fd;

	FAILS(chroot("nothing"), ENOENT);
	FAILS(chroot("jail/file"), ENOTDIR);
	EQUAL(chroot("jail"), 0);
	EQUAL(chdir("/"), 0);
	CHECK(getcwd(path, sizeof(path)) != NULL && strcmp(path, "/") == 0);
	FAILS(access("/etc/passwd", F_OK), ENOENT);
	EQUAL(stat("/", &st), 0);
	EQUAL(stat("/../../..", &above), 0);
	CHECK(st.st_ino == above.st_ino);
	EQUAL(read(fd = open("/link", O_RDONLY), text, sizeof(text)), 4);	/* to "/file" */
	CHECK(strcmp(text, "here") == 0);
	EQUAL(close(fd), 0);
	EQUAL(chdir("deep/er"), 0);
	CHECK(getcwd(path, sizeof(path)) != NULL && strcmp(path, "/deep/er") == 0);
	EQUAL(chroot("/deep"), 0);
	EQUAL(chdir("/er"), 0);
	FAILS(chdir("/link"), ENOENT);
	EQUAL(setuid(1000), 0);
	FAILS(chroot("/"), EPERM);
}

static void
another_root(void)
{
	int fd;
	pid_t pid;

	EQUAL(mkdir("jail", 0755), 0);
	EQUAL(mkdir("jail/deep", 0755), 0);
	EQUAL(mkdir("jail/deep/er", 0755), 0);
	EQUAL(write(fd = open("jail/file", O_CREAT | O_WRONLY, 0644), "here", 4), 4);
	EQUAL(close(fd), 0);
	EQUAL(symlink("/file", "jail/link"), 0);
	pid = fork();
	if (pid == 0) {
		within_the_jail();
		_exit(checks_failed != 0);
	}
	EQUAL(end_of(pid), 0);
	EQUAL(access("/etc/passwd", F_OK), 0);
	EQUAL(unlink("jail/link"), 0);
	EQUAL(unlink("jail/file"), 0);
	EQUAL(rmdir("jail/deep/er"), 0);
	EQUAL(rmdir("jail/deep"), 0);
	EQUAL(rmdir("jail"), 0);
}

int
main(int argc, char **argv)
{
	const char *folder = argc > 1 ? argv[1] : "/posix_files";

	if (mkdir(folder, 0755) != 0 || chdir(folder) != 0) {
		perror(folder);
		return 1;
	}
	umask(022);
	create_and_write();
	truncate_and_holes();
	append();
	unlink_open_file();
	links();
	directories();
	names_go_while_they_are_read();
	renames();
	attributes();
	access_of_the_real_user();
	another_root();
	sync();
	return check_report("files");
}
