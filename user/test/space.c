/*
 * space FOLDER: fills the file system that a folder is on, with bytes and then with names, and takes all of it away again: what was
 * taken is free then, and can be had once more. For small file systems that nobody else uses.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "check.h"

#define PIECE	30000			/* bytes of a write: no multiple of a page */
#define MANY	3000			/* names in one folder */
#define FEW	500			/* in each of many */

static unsigned char piece[PIECE], again[PIECE];

static void
pattern(unsigned char *bytes, off_t at)
{
	for (int i = 0; i < PIECE; i++)
		bytes[i] = (unsigned char)(((at + i) * 2654435761u) >> 13);
}

static struct statvfs
space(void)
{
	struct statvfs s = { 0 };

	EQUAL(statvfs(".", &s), 0);
	CHECK(s.f_bfree <= s.f_blocks && s.f_bavail <= s.f_bfree && s.f_ffree <= s.f_files);
	return s;
}

/* Waits until as much is free as there was: the last close of a file comes to the file server on its own. */
static void
is_free_again(struct statvfs before)
{
	struct statvfs s = space();

	for (int i = 0; i < 10000 && (s.f_bfree != before.f_bfree || s.f_ffree != before.f_ffree); i++) {
		sched_yield();
		s = space();
	}
	EQUAL(s.f_bfree, before.f_bfree);
	EQUAL(s.f_ffree, before.f_ffree);
}

/* --- bytes --- */

/* Writes until nothing fits any more. Returns how much did. */
static off_t
fill(int fd)
{
	off_t at = 0;
	ssize_t n;

	do {
		pattern(piece, at);
		n = write(fd, piece, PIECE);
		if (n > 0)
			at += n;
	} while (n > 0);
	FAILS(n, ENOSPC);
	return at;
}

static void
holds_what_was_written(int fd, off_t size)
{
	off_t at = 0;
	int wrong = 0;
	ssize_t n;

	EQUAL(lseek(fd, 0, SEEK_END), size);
	EQUAL(lseek(fd, 0, SEEK_SET), 0);
	while ((n = read(fd, again, PIECE)) > 0) {
		pattern(piece, at);
		wrong += memcmp(piece, again, (size_t)n) != 0;
		at += n;
	}
	EQUAL(n, 0);
	EQUAL(at, size);
	EQUAL(wrong, 0);
}

/* As much goes in each time, whether the file is removed, or cut, or removed while it is open. */
static void
bytes(void)
{
	struct statvfs before = space();
	off_t first = 0, size;

	for (int round = 0; round < 4; round++) {
		int fd = open("full", O_CREAT | O_RDWR | O_TRUNC, 0600), other;

		size = fill(fd);
		if (round == 0)
			first = size;
		EQUAL(size, first);
		CHECK(size > (off_t)(before.f_bfree * before.f_frsize) * 9 / 10 && size <= (off_t)(before.f_bfree * before.f_frsize));
		EQUAL(space().f_bavail, 0);
		holds_what_was_written(fd, size);
		pattern(piece, 0);
		EQUAL(pwrite(fd, piece, PIECE, 0), PIECE);	/* where bytes are, others may be */
		other = open("other", O_CREAT | O_WRONLY, 0600);
		if (other >= 0)					/* a name may just fit */
			FAILS(write(other, piece, PIECE), ENOSPC);
		EQUAL(ftruncate(fd, size / 2), 0);
		EQUAL(lseek(fd, 0, SEEK_SET), 0);
		holds_what_was_written(fd, size / 2);
		if (other >= 0) {
			EQUAL(write(other, piece, PIECE), PIECE);
			EQUAL(close(other), 0);
			EQUAL(unlink("other"), 0);
		}
		if (round % 2 == 0) {
			EQUAL(unlink("full"), 0);
			CHECK(space().f_bfree < before.f_bfree * 6 / 10);	/* it is open */
		}
		EQUAL(close(fd), 0);
		if (round % 2 != 0)
			EQUAL(truncate("full", 0), 0);
		unlink("full");
		is_free_again(before);
	}
}

/* Holes take no space, what is written into them does; and a cut gives it back. */
static void
holes(void)
{
	struct statvfs before = space();
	int fd = open("sparse", O_CREAT | O_RDWR, 0600);
	struct stat st;

	EQUAL(ftruncate(fd, 500 << 20), 0);
	EQUAL(pread(fd, again, PIECE, 400 << 20), PIECE);
	CHECK(again[0] == 0 && memcmp(again, again + 1, PIECE - 1) == 0);
	EQUAL(fstat(fd, &st), 0);
	EQUAL(st.st_blocks, 0);
	EQUAL(pwrite(fd, "x", 1, 300 << 20), 1);
	EQUAL(fstat(fd, &st), 0);
	CHECK(st.st_blocks > 0 && st.st_blocks < 100);
	EQUAL(st.st_size, 500 << 20);
	EQUAL(ftruncate(fd, 300 << 20), 0);
	EQUAL(ftruncate(fd, 500 << 20), 0);
	EQUAL(pread(fd, again, 1, 300 << 20), 1);
	EQUAL(again[0], 0);
	EQUAL(close(fd), 0);
	EQUAL(unlink("sparse"), 0);
	is_free_again(before);
}

/* --- names --- */

/* Two of them may be in use at a time. */
static const char *
name_of(int folder, int file)
{
	static char names[2][64];
	static int next;

	snprintf(names[next ^= 1], sizeof(names[0]), "folder-%d/a-name-of-some-length-%d", folder, file);
	return names[next];
}

static const char *
folder_of(int folder)
{
	static char name[32];

	snprintf(name, sizeof(name), "folder-%d", folder);
	return name;
}

/* Counts the names in a folder with a prefix; those that must not come twice are noted. */
static int
count(int folder)
{
	static char seen[MANY];
	DIR *dir = opendir(folder_of(folder));
	int n = 0, file;

	CHECK(dir != NULL);
	memset(seen, 0, sizeof(seen));
	for (struct dirent *e; dir && (e = readdir(dir)) != NULL; )
		if (sscanf(e->d_name, "a-name-of-some-length-%d", &file) == 1 && file >= 0 && file < MANY) {
			n++;
			EQUAL(seen[file]++, 0);
		}
	EQUAL(closedir(dir), 0);
	return n;
}

static void
one_large_folder(void)
{
	struct statvfs before = space();
	int wrong = 0;
	struct stat st;

	EQUAL(mkdir(folder_of(0), 0700), 0);
	for (int i = 0; i < MANY; i++)
		EQUAL(close(open(name_of(0, i), O_CREAT | O_EXCL | O_WRONLY, 0600)), 0);
	EQUAL(count(0), MANY);
	EQUAL(space().f_ffree, before.f_ffree - MANY - 1);
	FAILS(rmdir(folder_of(0)), ENOTEMPTY);
	for (int i = 0; i < MANY; i += 2)
		EQUAL(unlink(name_of(0, i)), 0);
	EQUAL(count(0), MANY / 2);
	for (int i = 0; i < MANY; i++)
		wrong += (stat(name_of(0, i), &st) == 0) != (i % 2 != 0);
	EQUAL(wrong, 0);
	for (int i = 1; i < MANY; i += 2)
		EQUAL(unlink(name_of(0, i)), 0);
	EQUAL(rmdir(folder_of(0)), 0);
	is_free_again(before);
}

/* Makes files, FEW in a folder, until there can be no more. Returns how many; *folders of them. */
static int
fill_with_names(int *folders)
{
	int made = 0, fd;

	for (*folders = 0; ; ++*folders) {
		if (mkdir(folder_of(*folders), 0700) != 0) {
			EQUAL(errno, ENOSPC);
			return made;
		}
		for (int i = 0; i < FEW; i++, made++) {
			fd = open(name_of(*folders, i), O_CREAT | O_EXCL | O_WRONLY, 0600);
			if (fd < 0) {
				FAILS(fd, ENOSPC);
				++*folders;
				return made;
			}
			EQUAL(close(fd), 0);
		}
	}
}

static void
names(void)
{
	struct statvfs before = space();
	int folders, made = fill_with_names(&folders);

	EQUAL(made + folders, before.f_ffree - space().f_ffree);
	CHECK(space().f_ffree == 0 || space().f_bavail == 0);
	EQUAL(rename(name_of(0, 0), name_of(1, 0)), 0);		/* over another: needs no new one */
	EQUAL(count(0), FEW - 1);
	EQUAL(count(1), FEW);
	EQUAL(close(open(name_of(0, 0), O_CREAT | O_EXCL | O_WRONLY, 0600)), 0);	/* in the place of the one that had the name */
	FAILS(open("another", O_CREAT | O_WRONLY, 0600), ENOSPC);
	for (int i = 0; i < folders; i++) {
		for (int file = 0; file < FEW; file++)
			unlink(name_of(i, file));
		EQUAL(rmdir(folder_of(i)), 0);
	}
	is_free_again(before);
}

int
main(int argc, char **argv)
{
	if (argc != 2 || chdir(argv[1]) != 0) {
		perror(argc == 2 ? argv[1] : "space FOLDER");
		return 2;
	}
	bytes();
	holes();
	one_large_folder();
	names();
	return check_report("space");
}
