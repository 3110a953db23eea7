/* mv file... target: gives files another name, or moves them into a directory of the same file system. */
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static int
move(const char *from, const char *to)
{
	if (rename(from, to) == 0)
		return 0;
	fprintf(stderr, "mv: %s to %s: %s\n", from, to, strerror(errno));
	return 1;
}

static int
move_into(char *from, const char *directory)
{
	char copy[PATH_MAX], to[PATH_MAX];

	if (strlen(from) >= sizeof(copy) || snprintf(to, sizeof(to), "%s/%s", directory, basename(strcpy(copy, from))) >= (int)sizeof(to)) {
		fprintf(stderr, "mv: %.100s...: %s\n", from, strerror(ENAMETOOLONG));
		return 1;
	}
	return move(from, to);
}

int
main(int argc, char **argv)
{
	const char *target = argc > 0 ? argv[argc - 1] : "";
	struct stat info;
	bool directory;
	int status = 0;

	if (argc < 3 || argv[1][0] == '-') {
		fprintf(stderr, "usage: mv file... target\n");
		return 2;
	}
	directory = stat(target, &info) == 0 && S_ISDIR(info.st_mode);
	if (argc > 3 && !directory) {
		fprintf(stderr, "mv: %s: %s\n", target, strerror(ENOTDIR));
		return 1;
	}
	for (int i = 1; i < argc - 1; i++)
		status |= directory ? move_into(argv[i], target) : move(argv[i], target);
	return status;
}
