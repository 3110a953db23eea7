/* rm [-f] [-r] file...: removes files; -r: directories with what is in them; -f: what is not there is no error. */
#define _XOPEN_SOURCE 700
#include <errno.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DIRECTORIES_OPEN	8

static bool force, recursive;
static int status;

static void
complain(const char *path)
{
	fprintf(stderr, "rm: %s: %s\n", path, strerror(errno));
	status = 1;
}

static int
remove_one(const char *path, const struct stat *info, int type, struct FTW *walk)
{
	(void)info, (void)walk;
	if ((type == FTW_DP ? rmdir(path) : unlink(path)) != 0)
		complain(path);
	return 0;
}

static bool
is_dots(const char *path)
{
	const char *last = strrchr(path, '/');

	last = last != NULL ? last + 1 : path;
	return strcmp(last, ".") == 0 || strcmp(last, "..") == 0;
}

static void
remove_named(const char *path)
{
	struct stat info;

	if (is_dots(path)) {
		errno = EINVAL;
		complain(path);
	} else if (lstat(path, &info) != 0) {
		if (!force || (errno != ENOENT && errno != ENOTDIR))
			complain(path);
	} else if (!S_ISDIR(info.st_mode)) {
		remove_one(path, &info, FTW_F, NULL);
	} else if (!recursive) {
		errno = EISDIR;
		complain(path);
	} else if (nftw(path, remove_one, DIRECTORIES_OPEN, FTW_DEPTH | FTW_PHYS) != 0) {
		complain(path);
	}
}

int
main(int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "frR")) != -1)
		switch (option) {
		case 'f':
			force = true;
			break;
		case 'r':
		case 'R':
			recursive = true;
			break;
		default:
			return 2;
		}
	if (optind == argc && !force) {
		fprintf(stderr, "usage: rm [-f] [-r] file...\n");
		return 2;
	}
	for (; optind < argc; optind++)
		remove_named(argv[optind]);
	return status;
}
