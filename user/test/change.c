/*
 * change COMMAND , COMMAND ...: changes files at a grader's word. The first command that fails is reported, and ends it with status 1.
 *
 * Contents are made of a seed and the place in the file (byte_at); the host makes the same bytes.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECOND	1000000000ll		/* ns */

static unsigned char buffer[32768];

static unsigned char
byte_at(uint32_t seed, uint64_t offset)
{
	return (unsigned char)(((uint32_t)offset * 2654435761u + seed * 40503u) >> 13);
}

static int
complain(const char *path)
{
	fprintf(stderr, "change: %s: %s\n", path, strerror(errno));
	return 1;
}

static unsigned long
number(const char *word)
{
	return strtoul(word, NULL, 0);
}

/* Writes `length` bytes at an offset; flags as of open. Returns 0, or 1 with errno set. */
static int
put(const char *path, int flags, uint32_t seed, uint64_t offset, uint64_t length)
{
	int fd = open(path, O_WRONLY | flags, 0644);

	while (fd >= 0 && length > 0) {
		size_t n = length < sizeof(buffer) ? length : sizeof(buffer);
		ssize_t done;

		for (size_t i = 0; i < n; i++)
			buffer[i] = byte_at(seed, offset + i);
		done = flags & O_APPEND ? write(fd, buffer, n) : pwrite(fd, buffer, n, (off_t)offset);
		if (done <= 0) {
			close(fd);
			return 1;
		}
		offset += (uint64_t)done;
		length -= (uint64_t)done;
	}
	return fd < 0 || close(fd) != 0;
}

static int
fill(char **a)
{
	return put(a[0], O_CREAT, number(a[1]), number(a[2]), number(a[3])) ? complain(a[0]) : 0;
}

/* As fill, and it is on the disk when the write returns. */
static int
fill_through(char **a)
{
	return put(a[0], O_CREAT | O_SYNC, number(a[1]), number(a[2]), number(a[3])) ? complain(a[0]) : 0;
}

/* As fill, within a file as long as it is, through a shared mapping; the mapping's own sync is all there is. */
static int
store(char **a)
{
	uint64_t offset = number(a[2]), length = number(a[3]), first = offset & ~4095ull;
	int fd = open(a[0], O_RDWR);
	unsigned char *p = fd < 0 ? MAP_FAILED
				  : mmap(NULL, offset + length - first, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)first);

	if (p == MAP_FAILED)
		return complain(a[0]);
	close(fd);
	for (uint64_t i = 0; i < length; i++)
		p[offset - first + i] = byte_at(number(a[1]), offset + i);
	if (msync(p, offset + length - first, MS_SYNC) != 0)
		return complain(a[0]);
	return munmap(p, offset + length - first) != 0 ? complain(a[0]) : 0;
}

/* Adds bytes at the end: as far as the file goes so far is for the size to say. */
static int
append(char **a)
{
	struct stat st = { .st_size = 0 };

	if (stat(a[0], &st) != 0 && errno != ENOENT)
		return complain(a[0]);
	return put(a[0], O_CREAT | O_APPEND, number(a[1]), (uint64_t)st.st_size, number(a[2])) ? complain(a[0]) : 0;
}

/* Whether a range of a file holds the bytes of a seed, 0: zeros. */
static int
compare(char **a)
{
	uint64_t offset = number(a[2]), end = offset + number(a[3]);
	int fd = open(a[0], O_RDONLY);

	while (fd >= 0 && offset < end) {
		size_t n = end - offset < sizeof(buffer) ? end - offset : sizeof(buffer);
		ssize_t done = pread(fd, buffer, n, (off_t)offset);

		for (ssize_t i = 0; i < done; i++, offset++)
			if (buffer[i] != (number(a[1]) ? byte_at(number(a[1]), offset) : 0)) {
				fprintf(stderr, "change: %s: byte %llu is %d\n", a[0], (unsigned long long)offset, buffer[i]);
				close(fd);
				return 1;
			}
		if (done <= 0) {
			fprintf(stderr, "change: %s: ends at %llu\n", a[0], (unsigned long long)offset);
			close(fd);
			return 1;
		}
	}
	return fd < 0 || close(fd) != 0 ? complain(a[0]) : 0;
}

static int
sync_file(char **a)
{
	int fd = open(a[0], O_RDONLY), failed = fd < 0 || fsync(fd) != 0;

	if (failed)
		complain(a[0]);
	if (fd >= 0)
		close(fd);
	return failed;
}

static int
sync_all(char **a)
{
	(void)a;
	sync();
	return 0;
}

/* Appends COUNT records of SIZE bytes, none before the one in front of it is safe on the disk. */
static int
keep_log(char **a)
{
	unsigned long count = number(a[2]), size = number(a[3]);
	int fd = open(a[0], O_WRONLY | O_CREAT, 0644);
	unsigned long i;

	for (i = 0; fd >= 0 && i < count; i++)
		if (put(a[0], O_CREAT, number(a[1]), (uint64_t)i * size, size) || fsync(fd) != 0)
			break;
	return fd < 0 || i < count || close(fd) != 0 ? complain(a[0]) : 0;
}

/* Makes, or removes, the files FOLDER/fFIRST .. up to COUNT, each with SIZE bytes. */
static int
many(char **a)
{
	char path[256];

	for (unsigned long i = number(a[1]), end = i + number(a[2]); i < end; i++) {
		snprintf(path, sizeof(path), "%s/f%lu", a[0], i);
		if (put(path, O_CREAT | O_EXCL, (uint32_t)i + 1, 0, number(a[3])))
			return complain(path);
	}
	return 0;
}

static int
few(char **a)
{
	char path[256];

	for (unsigned long i = number(a[1]), end = i + number(a[2]); i < end; i++) {
		snprintf(path, sizeof(path), "%s/f%lu", a[0], i);
		if (unlink(path) != 0)
			return complain(path);
	}
	return 0;
}

static int
make_folder(char **a)
{
	return mkdir(a[0], 0755) != 0 ? complain(a[0]) : 0;
}

static int
remove_folder(char **a)
{
	return rmdir(a[0]) != 0 ? complain(a[0]) : 0;
}

static int
remove_name(char **a)
{
	return unlink(a[0]) != 0 ? complain(a[0]) : 0;
}

static int
move(char **a)
{
	return rename(a[0], a[1]) != 0 ? complain(a[0]) : 0;
}

static int
add_name(char **a)
{
	return link(a[0], a[1]) != 0 ? complain(a[1]) : 0;
}

static int
make_link(char **a)
{
	return symlink(a[0], a[1]) != 0 ? complain(a[1]) : 0;
}

static int
cut(char **a)
{
	return truncate(a[0], (off_t)number(a[1])) != 0 ? complain(a[0]) : 0;
}

static int
permit(char **a)
{
	return chmod(a[1], (mode_t)number(a[0])) != 0 ? complain(a[1]) : 0;
}

static int
give(char **a)
{
	return chown(a[2], (uid_t)number(a[0]), (gid_t)number(a[1])) != 0 ? complain(a[2]) : 0;
}

/* Removes a file that is open, and writes to it all the same. It stays open until the program ends. */
static int
orphan(char **a)
{
	int fd = open(a[0], O_RDWR);

	if (fd < 0 || unlink(a[0]) != 0 || pwrite(fd, "x", 1, (off_t)number(a[1])) != 1 || fsync(fd) != 0)
		return complain(a[0]);
	return 0;
}

/* Sets the times of access and modification, in nanoseconds since 1970. */
static int
set_times(char **a)
{
	struct timespec times[2];

	for (int i = 0; i < 2; i++) {
		long long ns = strtoll(a[i], NULL, 0);

		times[i].tv_nsec = (ns % SECOND + SECOND) % SECOND;
		times[i].tv_sec = (ns - times[i].tv_nsec) / SECOND;
	}
	return utimensat(AT_FDCWD, a[2], times, AT_SYMLINK_NOFOLLOW) != 0 ? complain(a[2]) : 0;
}

/* Prints them and the time of the last change. */
static int
tell_times(char **a)
{
	struct stat st;

	if (lstat(a[0], &st) != 0)
		return complain(a[0]);
	printf("%s %lld %lld %lld\n", a[0], st.st_atim.tv_sec * SECOND + st.st_atim.tv_nsec, st.st_mtim.tv_sec * SECOND + st.st_mtim.tv_nsec,
		st.st_ctim.tv_sec * SECOND + st.st_ctim.tv_nsec);
	return 0;
}

static const struct command {
	const char *name, *arguments;
	int count;
	int (*run)(char **arguments);
} commands[] = {
	{ "fill", "file seed offset length", 4, fill },
	{ "through", "file seed offset length", 4, fill_through },
	{ "store", "file seed offset length", 4, store },
	{ "append", "file seed length", 3, append },
	{ "compare", "file seed offset length", 4, compare },
	{ "cut", "file size", 2, cut },
	{ "log", "file seed count size", 4, keep_log },
	{ "many", "folder first count size", 4, many },
	{ "few", "folder first count", 3, few },
	{ "mkdir", "folder", 1, make_folder },
	{ "rmdir", "folder", 1, remove_folder },
	{ "rm", "file", 1, remove_name },
	{ "mv", "old new", 2, move },
	{ "ln", "old new", 2, add_name },
	{ "symlink", "target new", 2, make_link },
	{ "chmod", "mode file", 2, permit },
	{ "chown", "uid gid file", 3, give },
	{ "orphan", "file offset", 2, orphan },
	{ "touch", "atime mtime file", 3, set_times },
	{ "times", "file", 1, tell_times },
	{ "fsync", "file", 1, sync_file },
	{ "sync", "", 0, sync_all },
};

static int
usage(void)
{
	fprintf(stderr, "usage: change COMMAND , COMMAND ...\n");
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		fprintf(stderr, "\t%s %s\n", commands[i].name, commands[i].arguments);
	return 2;
}

/* Runs the command that ends before a comma. Returns its status; 2 when there is no such command. */
static int
run(char **words, int count)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (count > 0 && strcmp(words[0], commands[i].name) == 0)
			return count == commands[i].count + 1 ? commands[i].run(words + 1) : usage();
	return usage();
}

int
main(int argc, char **argv)
{
	int status = argc > 1 ? 0 : usage();

	for (int i = 1, n; i < argc && status == 0; i += n + 1) {
		for (n = 0; i + n < argc && strcmp(argv[i + n], ",") != 0; n++)
			continue;
		status = run(argv + i, n);
	}
	return status;
}
