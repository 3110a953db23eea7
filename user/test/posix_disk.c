/*
 * Disks as files: /dev/vda, from which / is mounted. With an argument, a disk that nobody uses, which is written, too.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

#include "children.h"

#define ROOT_DISK	"/dev/vda"
#define SECTOR		512

static unsigned char buffer[65536], again[sizeof(buffer)];

/* Bytes that stand nowhere else on the disk. */
static void
draw(unsigned char *data, size_t length)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	srandom((unsigned)(now.tv_nsec ^ now.tv_sec));
	for (size_t i = 0; i < length; i++)
		data[i] = (unsigned char)(random() >> 7);
}

static int
is_listed(const char *name)
{
	DIR *dir = opendir("/dev");
	struct dirent *d;
	int found = 0;

	while (dir != NULL && (d = readdir(dir)) != NULL)
		found |= strcmp(d->d_name, name) == 0 && d->d_type == DT_BLK;
	if (dir != NULL)
		closedir(dir);
	return found;
}

static void
what_it_is(const char *path, dev_t number)
{
	struct stat st, open_st;
	int fd = open(path, O_RDONLY);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	off_t size;

	CHECK(fd >= 0);
	EQUAL(stat(path, &st), 0);
	CHECK(S_ISBLK(st.st_mode));
	EQUAL(st.st_mode & 07777, 0600);
	EQUAL(st.st_uid, 0);
	EQUAL(st.st_rdev, number);
	CHECK(is_listed(path + 5));
	size = lseek(fd, 0, SEEK_END);
	CHECK(size > 0 && size % SECTOR == 0);
	EQUAL(st.st_size, size);
	EQUAL(fstat(fd, &open_st), 0);
	EQUAL(open_st.st_ino, st.st_ino);
	EQUAL(read(fd, buffer, 1), 0);
	EQUAL(pread(fd, buffer, sizeof(buffer), size - 100), 100);
	EQUAL(pread(fd, buffer, 10, size + 5), 0);
	FAILS(pread(fd, buffer, 10, -1), EINVAL);
	FAILS(lseek(fd, -1, SEEK_SET), EINVAL);
	EQUAL(poll(&p, 1, 0), 1);
	EQUAL(p.revents, POLLIN);
	CHECK(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0) == MAP_FAILED);
	EQUAL(errno, ENODEV);
	FAILS(write(fd, buffer, 1), EBADF);
	EQUAL(fsync(fd), 0);
	EQUAL(close(fd), 0);
}

/* The magic number of ext2, at any offset that it may be read from. */
static void
bytes_at_any_offset(void)
{
	int fd = open(ROOT_DISK, O_RDONLY);

	EQUAL(pread(fd, buffer, 6000, 0), 6000);
	CHECK(buffer[1080] == 0x53 && buffer[1081] == 0xef);
	for (int i = 0; i < 1100; i += 7) {
		EQUAL(pread(fd, again, 3000, i), 3000);
		CHECK(memcmp(again, buffer + i, 3000) == 0);
	}
	close(fd);
}

static int
nobody_else(void)
{
	if (setgid(100) != 0 || setuid(1000) != 0)
		return 1;
	FAILS(open(ROOT_DISK, O_RDONLY), EACCES);
	FAILS(open(ROOT_DISK, O_WRONLY), EACCES);
	return checks_failed != 0;
}

static void
not_while_it_is_mounted(void)
{
	int fd;

	FAILS(open(ROOT_DISK, O_WRONLY), EBUSY);
	FAILS(open(ROOT_DISK, O_RDWR | O_TRUNC), EBUSY);
	FAILS(open(ROOT_DISK, O_RDWR | O_CREAT | O_EXCL, 0600), EEXIST);
	fd = open(ROOT_DISK, O_RDONLY | O_CREAT, 0600);
	CHECK(fd >= 0);
	close(fd);
	FAILS(unlink(ROOT_DISK), EPERM);
	FAILS(chmod(ROOT_DISK, 0666), EPERM);
}

/* Returns how often a sector stands on the disk. */
static int
count_on_disk(const unsigned char *sector)
{
	int fd = open(ROOT_DISK, O_RDONLY), found = 0;
	ssize_t got;

	while ((got = read(fd, buffer, sizeof(buffer))) > 0)
		for (ssize_t i = 0; i + SECTOR <= got; i += SECTOR)
			found += memcmp(buffer + i, sector, SECTOR) == 0;
	EQUAL(got, 0);
	close(fd);
	return found;
}

/* What a file has just got is seen on its disk, whether or not it has been written there yet. */
static void
files_are_seen(void)
{
	static unsigned char sector[SECTOR];
	int fd = open("/tmp/on_disk", O_RDWR | O_CREAT | O_TRUNC, 0600);

	for (int i = 0; i < 2; i++) {
		draw(sector, sizeof(sector));
		EQUAL(pwrite(fd, sector, SECTOR, 512), SECTOR);
		EQUAL(count_on_disk(sector), 1);
		if (i == 0)
			EQUAL(fsync(fd), 0);
	}
	close(fd);
	unlink("/tmp/on_disk");
}

/* A disk of nobody's is written at any offset, up to its end. */
static void
spare(const char *path)
{
	int fd = open(path, O_RDWR);
	off_t size = lseek(fd, 0, SEEK_END);

	CHECK(fd >= 0);
	FAILS(write(fd, buffer, 1), ENOSPC);
	FAILS(ftruncate(fd, 0), EINVAL);
	draw(buffer, sizeof(buffer));
	EQUAL(pwrite(fd, buffer, 10000, 777), 10000);
	EQUAL(pwrite(fd, buffer + 10000, 3, 10777), 3);
	EQUAL(pread(fd, again, 10003, 777), 10003);
	CHECK(memcmp(again, buffer, 10003) == 0);
	EQUAL(pwrite(fd, buffer, 1000, size - 600), 600);
	EQUAL(pread(fd, again, 1000, size - 600), 600);
	CHECK(memcmp(again, buffer, 600) == 0);
	EQUAL(fsync(fd), 0);
	EQUAL(fdatasync(fd), 0);
	close(fd);
	fd = open(path, O_WRONLY | O_APPEND);
	FAILS(write(fd, buffer, 1), ENOSPC);
	close(fd);
}

int
main(int argc, char **argv)
{
	what_it_is(ROOT_DISK, 0xfe00);
	bytes_at_any_offset();
	EQUAL(in_child(nobody_else), 0);
	not_while_it_is_mounted();
	files_are_seen();
	if (argc > 1) {
		what_it_is(argv[1], 0xfe10);
		spare(argv[1]);
	}
	return check_report("disk");
}
