/* The last argument of cp and mv: a name for one file, or a directory in which each keeps its own. */
#ifndef USER_BIN_TARGETS_H
#define USER_BIN_TARGETS_H

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static inline int
complain(const char *program, const char *path, int error)
{
	fprintf(stderr, "%s: %s: %s\n", program, path, strerror(error));
	return 1;
}

static inline int
act_inside(const char *program, const char *from, const char *directory, int (*act)(const char *from, const char *to))
{
	char name[PATH_MAX], to[PATH_MAX];

	if (strlen(from) >= sizeof(name) || snprintf(to, sizeof(to), "%s/%s", directory, basename(strcpy(name, from))) >= (int)sizeof(to))
		return complain(program, directory, ENAMETOOLONG);
	return act(from, to);
}

/* Calls act for each file and its target, and tells of wrong arguments. Returns the program's status. */
static inline int
for_each_target(const char *program, int argc, char **argv, int (*act)(const char *from, const char *to))
{
	const char *target = argc > 0 ? argv[argc - 1] : "";
	struct stat info;
	bool directory;
	int status = 0;

	if (argc < 3 || argv[1][0] == '-') {
		fprintf(stderr, "usage: %s file... target\n", program);
		return 2;
	}
	directory = stat(target, &info) == 0 && S_ISDIR(info.st_mode);
	if (argc > 3 && !directory)
		return complain(program, target, ENOTDIR);
	for (int i = 1; i < argc - 1; i++)
		status |= directory ? act_inside(program, argv[i], target, act) : act(argv[i], target);
	return status;
}

#endif
