/* mkdir [-p] [-m MODE] directory...: makes directories; -p: also those above them, and none of them has to be new. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static mode_t mode = 0777;

static int
make(const char *path)
{
	if (mkdir(path, mode) == 0)
		return 0;
	fprintf(stderr, "mkdir: %s: %s\n", path, strerror(errno));
	return 1;
}

/* Whether it is there, or is made now. */
static bool
exists(const char *path, mode_t with)
{
	struct stat status;

	return mkdir(path, with) == 0 || (errno == EEXIST && stat(path, &status) == 0 && S_ISDIR(status.st_mode));
}

/* The directories above it, then itself. */
static int
make_all(char *path)
{
	for (char *slash = path + strspn(path, "/"); (slash = strchr(slash, '/')) != NULL; slash += strspn(slash, "/")) {
		*slash = 0;
		if (!exists(path, 0777)) {
			fprintf(stderr, "mkdir: %s: %s\n", path, strerror(errno));
			return 1;
		}
		*slash = '/';
	}
	if (exists(path, mode))
		return 0;
	fprintf(stderr, "mkdir: %s: %s\n", path, strerror(errno));
	return 1;
}

int
main(int argc, char **argv)
{
	bool parents = false;
	int option, status = 0;
	char *end;

	while ((option = getopt(argc, argv, "pm:")) != -1)
		switch (option) {
		case 'p':
			parents = true;
			break;
		case 'm':
			mode = (mode_t)strtoul(optarg, &end, 8);
			if (*end != 0 || mode > 07777)
				return fprintf(stderr, "mkdir: %s: not an octal mode\n", optarg), 2;
			break;
		default:
			return 2;
		}
	if (optind == argc)
		return fprintf(stderr, "usage: mkdir [-p] [-m MODE] directory...\n"), 2;
	for (; optind < argc; optind++)
		status |= parents ? make_all(argv[optind]) : make(argv[optind]);
	return status;
}
