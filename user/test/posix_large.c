/*
 * The names of large files (_LARGEFILE64_SOURCE), without _GNU_SOURCE: every file is one.
 */
#define _LARGEFILE64_SOURCE
#define _XOPEN_SOURCE 700
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "check.h"

#define PATH	"/tmp/large"
#define FAR	(5ll << 30)

_Static_assert(sizeof(off64_t) == 8 && sizeof(ino64_t) == 8 && sizeof(blkcnt64_t) == 8, "<sys/types.h>");
_Static_assert(sizeof(fsblkcnt64_t) == 8 && sizeof(fsfilcnt64_t) == 8 && sizeof(rlim64_t) == 8, "<sys/types.h>, <sys/resource.h>");
_Static_assert(_LFS64_LARGEFILE == 1 && _LFS64_STDIO == 1 && _LFS_LARGEFILE == 1, "<unistd.h>");

static void
descriptors(void)
{
	int fd = open64(PATH, O_RDWR | O_CREAT | O_TRUNC | O_LARGEFILE, 0600);
	struct flock64 lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = FAR, .l_len = 1 };
	struct stat64 status, same;
	char *mapped, byte = 0;

	EQUAL(ftruncate64(fd, FAR), 0);
	EQUAL(pwrite64(fd, "x", 1, FAR), 1);
	EQUAL(pread64(fd, &byte, 1, FAR), 1);
	EQUAL(byte, 'x');
	EQUAL(lseek64(fd, 0, SEEK_END), FAR + 1);
	EQUAL(fstat64(fd, &status), 0);
	EQUAL(status.st_size, FAR + 1);
	CHECK(stat64(PATH, &same) == 0 && same.st_ino == status.st_ino && lstat64(PATH, &same) == 0 && same.st_ino == status.st_ino);
	CHECK(fstatat64(AT_FDCWD, PATH, &same, 0) == 0 && same.st_ino == status.st_ino);
	mapped = mmap64(NULL, 4096, PROT_READ, MAP_SHARED, fd, FAR);
	CHECK(mapped != MAP_FAILED && mapped[0] == 'x' && munmap(mapped, 4096) == 0);
	EQUAL(fcntl(fd, F_SETLK64, &lock), 0);
	EQUAL(lockf64(fd, F_ULOCK, 0), 0);
	EQUAL(posix_fadvise64(fd, 0, 0, POSIX_FADV_NORMAL), 0);
	EQUAL(close(fd), 0);
	EQUAL(truncate64(PATH, 3), 0);
	fd = openat64(AT_FDCWD, PATH, O_RDONLY);
	CHECK(fd >= 0 && close(fd) == 0);
	fd = creat64(PATH, 0600);
	CHECK(fd >= 0 && close(fd) == 0);
}

static void
streams(void)
{
	char path[] = "/tmp/largeXXXXXX";
	int fd = mkstemp64(path);
	FILE *stream = fopen64(path, "w+");
	fpos64_t position;

	CHECK(fd >= 0 && close(fd) == 0 && stream != NULL);
	EQUAL(fseeko64(stream, FAR, SEEK_SET), 0);
	EQUAL(ftello64(stream), FAR);
	EQUAL(fgetpos64(stream, &position), 0);
	EQUAL(fseeko64(stream, 0, SEEK_SET), 0);
	EQUAL(fsetpos64(stream, &position), 0);
	EQUAL(ftello64(stream), FAR);
	stream = freopen64(path, "r", stream);
	CHECK(stream != NULL && fclose(stream) == 0);
	stream = tmpfile64();
	CHECK(stream != NULL && fclose(stream) == 0);
	EQUAL(unlink(path), 0);
}

static int
visit(const char *path, const struct stat64 *status, int kind)
{
	(void)path, (void)status;
	return kind != FTW_F;
}

static void
folders_and_limits(void)
{
	struct dirent64 *entry, **list;
	struct statvfs64 whole;
	struct rlimit64 limit;
	DIR *dir = opendir("/tmp");
	glob64_t found;
	bool there = false;
	int count;

	while ((entry = readdir64(dir)) != NULL)
		there |= strcmp(entry->d_name, "large") == 0;
	CHECK(there && closedir(dir) == 0);
	count = scandir64("/tmp", &list, NULL, alphasort64);
	CHECK(count >= 3);
	for (int i = 0; i < count; i++)
		free(list[i]);
	free(list);
	EQUAL(statvfs64("/tmp", &whole), 0);
	EQUAL(getrlimit64(RLIMIT_FSIZE, &limit), 0);
	EQUAL(limit.rlim_cur, RLIM64_INFINITY);
	EQUAL(setrlimit64(RLIMIT_FSIZE, &limit), 0);
	EQUAL(glob64("/tmp/larg*", 0, NULL, &found), 0);
	EQUAL(found.gl_pathc, 1);
	globfree64(&found);
	EQUAL(ftw64(PATH, visit, 5), 0);
}

int
main(void)
{
	descriptors();
	streams();
	folders_and_limits();
	EQUAL(unlink(PATH), 0);
	return check_report("large");
}
