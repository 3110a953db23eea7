/*
 * Calls with names that begin at an open directory, and those that go with them: links, owners, modes, times, special files; POSIX.1-2017's
 * errors.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/time.h>

#include "children.h"

static int dir;				/* the directory `d`; the working directory is another */

static mode_t
mode_of(const char *path)
{
	struct stat status;

	return fstatat(AT_FDCWD, path, &status, AT_SYMLINK_NOFOLLOW) == 0 ? status.st_mode : 0;
}

static void
owner_is(const char *path, uid_t uid, gid_t gid)
{
	struct stat status;

	EQUAL(lstat(path, &status), 0);
	EQUAL(status.st_uid, uid);
	EQUAL(status.st_gid, gid);
}

static int
exists(const char *path)
{
	return faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void
make_file(const char *path)
{
	int fd = creat(path, 0644);

	CHECK(fd >= 0);
	EQUAL(write(fd, path, strlen(path)), (ssize_t)strlen(path));
	close(fd);
}

/* Nothing is done at what is no descriptor, or no directory; an absolute name needs none. */
#define AT_ERRORS(call_at)					\
	do {							\
		int fd = open("file", O_RDONLY);		\
		FAILS(call_at(-1), EBADF);			\
		FAILS(call_at(99), EBADF);			\
		FAILS(call_at(fd), ENOTDIR);			\
		close(fd);					\
	} while (0)

static void
creating(void)
{
	char text[8] = "";
	int fd = creat("created", 0640);

	CHECK(fd >= 0);
	EQUAL(mode_of("created"), S_IFREG | 0640);
	EQUAL(fcntl(fd, F_GETFL) & O_ACCMODE, O_WRONLY);
	EQUAL(write(fd, "12345", 5), 5);
	FAILS(pread(fd, text, 1, 0), EBADF);
	close(fd);
	fd = creat("created", 0777);		/* it is there: emptied, its mode as before */
	EQUAL(mode_of("created"), S_IFREG | 0640);
	EQUAL(lseek(fd, 0, SEEK_END), 0);
	close(fd);
	FAILS(creat("d", 0644), EISDIR);
	FAILS(creat("nowhere/x", 0644), ENOENT);
	FAILS(creat("created/x", 0644), ENOTDIR);
	EQUAL(remove("created"), 0);
	EQUAL(exists("created"), 0);
}

static void
removing(void)
{
	make_file("d/one");
	EQUAL(mkdirat(dir, "two", 0755), 0);
	EQUAL(mode_of("d/two"), S_IFDIR | 0755);
	FAILS(mkdirat(dir, "two", 0755), EEXIST);
	FAILS(unlinkat(dir, "two", 0), EISDIR);
	FAILS(unlinkat(dir, "one", AT_REMOVEDIR), ENOTDIR);
	FAILS(unlinkat(dir, "three", 0), ENOENT);
	FAILS(unlinkat(dir, "one", 0x8000), EINVAL);
	make_file("d/two/in");
	CHECK(unlinkat(dir, "two", AT_REMOVEDIR) == -1 && (errno == ENOTEMPTY || errno == EEXIST));
	CHECK(remove("d/two") == -1 && (errno == ENOTEMPTY || errno == EEXIST));
	EQUAL(unlinkat(dir, "two/in", 0), 0);
	EQUAL(unlinkat(dir, "two", AT_REMOVEDIR), 0);
	EQUAL(unlinkat(dir, "one", 0), 0);
	EQUAL(exists("d/one") | exists("d/two"), 0);
	EQUAL(mkdir("d/two", 0755), 0);
	EQUAL(remove("d/two"), 0);		/* as rmdir does */
	FAILS(remove("d/two"), ENOENT);
	EQUAL(mkdir("sticky", 0755) | chmod("sticky", 01777), 0);
	make_file("sticky/roots");
	EQUAL(seteuid(1000), 0);
	FAILS(remove("sticky/roots"), EPERM);
	EQUAL(seteuid(0), 0);
	EQUAL(remove("sticky/roots") | remove("sticky"), 0);
#define UNLINK_AT(fd) unlinkat(fd, "x", 0)
#define MKDIR_AT(fd) mkdirat(fd, "x", 0755)
	AT_ERRORS(UNLINK_AT);
	AT_ERRORS(MKDIR_AT);
}

static void
linking(void)
{
	struct stat one, two;

	EQUAL(linkat(AT_FDCWD, "file", dir, "linked", 0), 0);
	EQUAL(stat("file", &one), 0);
	EQUAL(stat("d/linked", &two), 0);
	CHECK(one.st_ino == two.st_ino && two.st_nlink == 2);
	FAILS(linkat(AT_FDCWD, "file", dir, "linked", 0), EEXIST);
	FAILS(linkat(AT_FDCWD, "nothing", dir, "other", 0), ENOENT);
	FAILS(linkat(AT_FDCWD, "d", dir, "other", 0), EPERM);
	FAILS(linkat(AT_FDCWD, "file", dir, "other", 0x8000), EINVAL);
	EQUAL(symlinkat("linked", dir, "sym"), 0);
	EQUAL(linkat(dir, "sym", dir, "to-link", 0), 0);		/* the link itself */
	EQUAL(S_ISLNK(mode_of("d/to-link")), 1);
	EQUAL(linkat(dir, "sym", dir, "to-file", AT_SYMLINK_FOLLOW), 0);
	EQUAL(S_ISREG(mode_of("d/to-file")), 1);
	EQUAL(renameat(dir, "to-file", AT_FDCWD, "moved"), 0);
	EQUAL(exists("moved") && !exists("d/to-file"), 1);
	FAILS(renameat(dir, "to-file", AT_FDCWD, "moved"), ENOENT);
	EQUAL(unlink("moved") | unlinkat(dir, "sym", 0) | unlinkat(dir, "to-link", 0) | unlinkat(dir, "linked", 0), 0);
#define LINK_FROM(fd) linkat(fd, "file", AT_FDCWD, "y", 0)
#define LINK_TO(fd) linkat(AT_FDCWD, "file", fd, "y", 0)
#define RENAME_FROM(fd) renameat(fd, "file", AT_FDCWD, "y")
#define RENAME_TO(fd) renameat(AT_FDCWD, "file", fd, "y")
	AT_ERRORS(LINK_FROM);
	AT_ERRORS(LINK_TO);
	AT_ERRORS(RENAME_FROM);
	AT_ERRORS(RENAME_TO);
}

static void
symbolic_links(void)
{
	char text[16] = "................";

	EQUAL(symlinkat("where/it/leads", dir, "sym"), 0);
	EQUAL(readlinkat(dir, "sym", text, sizeof(text)), 14);
	EQUAL(memcmp(text, "where/it/leads..", 16), 0);			/* no 0 at its end */
	EQUAL(readlinkat(dir, "sym", text, 5), 5);
	FAILS(symlinkat("x", dir, "sym"), EEXIST);
	FAILS(symlinkat("", dir, "empty"), ENOENT);
	FAILS(readlinkat(AT_FDCWD, "file", text, sizeof(text)), EINVAL);
	FAILS(readlinkat(dir, "nothing", text, sizeof(text)), ENOENT);
	EQUAL(unlinkat(dir, "sym", 0), 0);
#define SYMLINK_AT(fd) symlinkat("x", fd, "y")
#define READLINK_AT(fd) readlinkat(fd, "y", text, 1)
	AT_ERRORS(SYMLINK_AT);
	AT_ERRORS(READLINK_AT);
}

static void
modes(void)
{
	make_file("d/file");
	EQUAL(fchmodat(dir, "file", 0604, 0), 0);
	EQUAL(mode_of("d/file"), S_IFREG | 0604);
	EQUAL(symlinkat("file", dir, "sym"), 0);
	EQUAL(fchmodat(dir, "sym", 0640, 0), 0);
	EQUAL(mode_of("d/file"), S_IFREG | 0640);
	FAILS(fchmodat(dir, "nothing", 0640, 0), ENOENT);
	FAILS(fchmodat(dir, "file", 0640, 0x8000), EINVAL);
#define CHMOD_AT(fd) fchmodat(fd, "x", 0644, 0)
	AT_ERRORS(CHMOD_AT);
}

/* lchown is the link's; a number of -1 leaves what there is. */
static void
owners(void)
{
	int fd = open("d/file", O_RDONLY);

	EQUAL(fchown(fd, 1001, 101), 0);
	owner_is("d/file", 1001, 101);
	EQUAL(fchown(fd, (uid_t)-1, 102), 0);
	owner_is("d/file", 1001, 102);
	EQUAL(fchown(fd, 1002, (gid_t)-1), 0);
	owner_is("d/file", 1002, 102);
	EQUAL(lchown("d/sym", 1003, 103), 0);
	owner_is("d/sym", 1003, 103);
	owner_is("d/file", 1002, 102);
	EQUAL(fchownat(dir, "sym", 1004, 104, 0), 0);
	owner_is("d/file", 1004, 104);
	EQUAL(fchownat(dir, "sym", 1005, 105, AT_SYMLINK_NOFOLLOW), 0);
	owner_is("d/sym", 1005, 105);
	owner_is("d/file", 1004, 104);
	FAILS(fchown(99, 1, 1), EBADF);
	FAILS(lchown("nothing", 1, 1), ENOENT);
#define CHOWN_AT(fd) fchownat(fd, "x", 1, 1, 0)
	AT_ERRORS(CHOWN_AT);
	/* Somebody else's write or change of owner takes the bits that set ids (POSIX.1-2017 chown). */
	EQUAL(fchmod(fd, 06755), 0);
	close(fd);
}

static int
as_owner(void)
{
	int fd = open("d/file", O_RDONLY);

	EQUAL(setgid(104), 0);
	EQUAL(setuid(1004), 0);
	FAILS(fchown(fd, 1001, (gid_t)-1), EPERM);
	FAILS(fchown(fd, (uid_t)-1, 105), EPERM);
	FAILS(lchown("d/sym", 1004, 104), EPERM);
	EQUAL(fchown(fd, 1004, 104), 0);
	EQUAL(mode_of("d/file") & 06000, 0);
	FAILS(fchmodat(AT_FDCWD, "file", 0777, 0), EPERM);
	FAILS(mknod("d/device", S_IFCHR | 0666, 0x103), EPERM);
	return checks_failed != 0;
}

static void
times(void)
{
	struct timeval when[2] = { { 1000000000, 250000 }, { 1100000000, 750000 } }, wrong[2] = { { 1, 0 }, { 1, 1000000 } };
	struct stat status;

	EQUAL(utimes("file", when), 0);
	EQUAL(stat("file", &status), 0);
	EQUAL(status.st_atime, 1000000000);
	EQUAL(status.st_mtime, 1100000000);
	EQUAL(utimes("file", NULL), 0);
	EQUAL(stat("file", &status), 0);
	CHECK(status.st_mtime > 1100000000 && status.st_mtime == status.st_atime);
	FAILS(utimes("file", wrong), EINVAL);
	FAILS(utimes("nothing", when), ENOENT);
}

static void
special_files(void)
{
	struct stat status;

	EQUAL(mknod("fifo", S_IFIFO | 0640, 0), 0);
	EQUAL(mode_of("fifo"), S_IFIFO | 0640);
	EQUAL(mknod("regular", S_IFREG | 0600, 0), 0);
	EQUAL(mode_of("regular"), S_IFREG | 0600);
	EQUAL(mknod("device", S_IFCHR | 0600, 0x103), 0);
	EQUAL(stat("device", &status), 0);
	CHECK(S_ISCHR(status.st_mode) && status.st_rdev == 0x103);
	EQUAL(mknodat(dir, "fifo", S_IFIFO | 0600, 0), 0);
	FAILS(mknod("fifo", S_IFIFO | 0640, 0), EEXIST);
	FAILS(mknod("nowhere/x", S_IFIFO | 0640, 0), ENOENT);
	FAILS(mknod("file/x", S_IFIFO | 0640, 0), ENOTDIR);
	EQUAL(unlink("fifo") | unlink("regular") | unlink("device") | unlink("d/fifo"), 0);
}

/* The stream has the descriptor from then on, and begins where it stands. */
static void
streams_of_directories(void)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY), seen = 0, no_directory = open("file", O_RDONLY);
	struct dirent *entry;
	DIR *stream = fdopendir(fd);

	CHECK(stream != NULL);
	EQUAL(dirfd(stream), fd);
	while ((entry = readdir(stream)) != NULL)
		seen |= strcmp(entry->d_name, "file") == 0 ? 1 : strcmp(entry->d_name, "sym") == 0 ? 2
			: strcmp(entry->d_name, ".") == 0 ? 4 : 0;
	EQUAL(seen, 7);
	EQUAL(closedir(stream), 0);
	FAILS(fcntl(fd, F_GETFD), EBADF);
	CHECK(fdopendir(-1) == NULL && errno == EBADF);
	CHECK(fdopendir(no_directory) == NULL && errno == ENOTDIR);
	EQUAL(close(no_directory), 0);
}

int
main(void)
{
	char folder[] = "/tmp/at-XXXXXX";

	umask(0);
	CHECK(mkdtemp(folder) != NULL);
	EQUAL(chdir(folder), 0);
	EQUAL(chmod(".", 0777), 0);
	EQUAL(mkdir("d", 0777), 0);
	dir = open("d", O_RDONLY | O_DIRECTORY);
	make_file("file");
	creating();
	removing();
	linking();
	symbolic_links();
	modes();
	owners();
	EQUAL(in_child(as_owner), 0);
	times();
	special_files();
	streams_of_directories();
	return check_report("at");
}
