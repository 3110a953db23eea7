/* cp file... target: copies files, into a directory under their own names. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char buffer[64 * 1024];

static int
complain(const char *path)
{
	fprintf(stderr, "cp: %s: %s\n", path, strerror(errno));
	return 1;
}

static int
copy_bytes(int in, int out, const char *from, const char *to)
{
	ssize_t n;

	while ((n = read(in, buffer, sizeof(buffer))) > 0)
		for (ssize_t done = 0, part; done < n; done += part) {
			part = write(out, buffer + done, (size_t)(n - done));
			if (part < 0)
				return complain(to);
		}
	return n < 0 ? complain(from) : 0;
}

static int
copy(const char *from, const char *to)
{
	struct stat source, target;
	int in = open(from, O_RDONLY), out, status;

	if (in < 0)
		return complain(from);
	if (fstat(in, &source) != 0 || S_ISDIR(source.st_mode)) {
		errno = EISDIR;
		status = complain(from);
	} else if (stat(to, &target) == 0 && target.st_dev == source.st_dev && target.st_ino == source.st_ino) {
		errno = EEXIST;
		status = complain(to);
	} else if ((out = open(to, O_WRONLY | O_CREAT | O_TRUNC, source.st_mode & 0777)) < 0) {
		status = complain(to);
	} else {
		status = copy_bytes(in, out, from, to);
		if (close(out) != 0)
			status = complain(to);
	}
	close(in);
	return status;
}

static int
copy_into(const char *from, const char *directory)
{
	char name[PATH_MAX], to[PATH_MAX];

	if (strlen(from) >= sizeof(name) || snprintf(to, sizeof(to), "%s/%s", directory, basename(strcpy(name, from))) >= (int)sizeof(to)) {
		errno = ENAMETOOLONG;
		return complain(directory);
	}
	return copy(from, to);
}

int
main(int argc, char **argv)
{
	const char *target = argc > 0 ? argv[argc - 1] : "";
	struct stat info;
	bool directory;
	int status = 0;

	if (argc < 3 || argv[1][0] == '-') {
		fprintf(stderr, "usage: cp file... target\n");
		return 2;
	}
	directory = stat(target, &info) == 0 && S_ISDIR(info.st_mode);
	if (argc > 3 && !directory) {
		errno = ENOTDIR;
		return complain(target);
	}
	for (int i = 1; i < argc - 1; i++)
		status |= directory ? copy_into(argv[i], target) : copy(argv[i], target);
	return status;
}
