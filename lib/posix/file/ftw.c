/*
 * Walking through file trees (POSIX.1-2017 ftw, nftw). A directory is read as a whole and closed before its files are visited, so that the walk
 * holds at most two descriptors, however deep it goes: one to read, one for the way back with FTW_CHDIR.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The directories around a file: one of them seen again through a link is not entered. */
struct around {
	const struct around *out;
	dev_t device;
	ino_t file;
};

struct walk {
	int (*visit)(const char *, const struct stat *, int);
	int (*nvisit)(const char *, const struct stat *, int, struct FTW *);
	int flags;
	int start;			/* the first working directory; -1 without FTW_CHDIR */
	dev_t device;
	char path[PATH_MAX];
};

static int
tell(struct walk *walk, const struct stat *status, int type, struct FTW where)
{
	return walk->visit != NULL ? walk->visit(walk->path, status, type) : walk->nvisit(walk->path, status, type, &where);
}

static bool
seen(const struct around *around, const struct stat *status)
{
	for (; around != NULL; around = around->out)
		if (around->file == status->st_ino && around->device == status->st_dev)
			return true;
	return false;
}

/* FTW_*, or -1: an error that ends the walk. */
static int
examine(const struct walk *walk, const char *name, struct stat *status)
{
	if ((walk->flags & FTW_PHYS) != 0 ? lstat(name, status) < 0 : stat(name, status) < 0) {
		if (errno == ENOENT || errno == ELOOP) {
			if (lstat(name, status) == 0 && S_ISLNK(status->st_mode))
				return walk->visit != NULL ? FTW_SL : FTW_SLN;
			return -1;
		}
		memset(status, 0, sizeof(*status));
		return errno == EACCES ? FTW_NS : -1;
	}
	return S_ISDIR(status->st_mode) ? FTW_D : S_ISLNK(status->st_mode) ? FTW_SL : FTW_F;
}

static int
no_dots(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

/* Makes a directory of the walk the working directory. Paths are as the first working directory sees them. */
static int
enter(struct walk *walk, size_t length)
{
	char kept = walk->path[length];
	int result = fchdir(walk->start);

	walk->path[length] = 0;
	if (result == 0 && length > 0)
		result = chdir(walk->path);
	walk->path[length] = kept;
	return result;
}

/* Whether a visit asked for this, with FTW_ACTIONRETVAL. */
static bool
asked(const struct walk *walk, int result, int action)
{
	return (walk->flags & FTW_ACTIONRETVAL) != 0 && result == action;
}

static int step(struct walk *walk, size_t length, struct FTW where, const struct around *around);

/* What is in the directory `path`, whose length is `length`. */
static int
inside(struct walk *walk, struct dirent **entries, int count, size_t length, int level, const struct around *around)
{
	size_t base = length > 0 && walk->path[length - 1] == '/' ? length : length + 1;
	int result = 0;

	for (int i = 0; i < count && result == 0; i++) {
		size_t name = strlen(entries[i]->d_name);

		if (base + name + 1 > sizeof(walk->path)) {
			errno = ENAMETOOLONG;
			result = -1;
			break;
		}
		walk->path[base - 1] = '/';
		memcpy(walk->path + base, entries[i]->d_name, name + 1);
		if (walk->start >= 0)
			result = enter(walk, length);
		if (result == 0)
			result = step(walk, base + name, (struct FTW){ (int)base, level }, around);
	}
	walk->path[length] = 0;
	return asked(walk, result, FTW_SKIP_SIBLINGS) ? 0 : result;
}

static int
directory(struct walk *walk, const char *name, const struct stat *status, size_t length, struct FTW where, const struct around *around)
{
	struct around here = { around, status->st_dev, status->st_ino };
	bool after = (walk->flags & FTW_DEPTH) != 0;
	struct dirent **entries;
	int result = 0, count = scandir(name, &entries, no_dots, NULL);

	if (count < 0)
		return errno == EACCES ? tell(walk, status, FTW_DNR, where) : -1;
	if (!after)
		result = tell(walk, status, FTW_D, where);
	if (result == 0)
		result = inside(walk, entries, count, length, where.level + 1, &here);
	while (count > 0)
		free(entries[--count]);
	free(entries);
	if (result == 0 && walk->start >= 0)
		result = enter(walk, (size_t)where.base);
	return result == 0 && after ? tell(walk, status, FTW_DP, where) : result;
}

/* The file whose path, `length` bytes long, stands in walk->path. */
static int
step(struct walk *walk, size_t length, struct FTW where, const struct around *around)
{
	const char *name = walk->start >= 0 && where.base < (int)length ? walk->path + where.base : walk->path;
	struct stat status;
	int type = examine(walk, name, &status), result = 0;

	if (type < 0)
		return -1;
	if (where.level == 0)
		walk->device = status.st_dev;
	else if ((walk->flags & FTW_MOUNT) != 0 && type != FTW_NS && status.st_dev != walk->device)
		return 0;
	if (type != FTW_D)
		result = tell(walk, &status, type, where);
	else if (!seen(around, &status))
		result = directory(walk, name, &status, length, where, around);
	return asked(walk, result, FTW_SKIP_SUBTREE) ? 0 : result;
}

static int
begin(struct walk *walk, const char *path, int most_open)
{
	size_t length = strlen(path), base = length;
	int result = -1, error;

	walk->start = -1;
	if (length == 0 || most_open < 1) {
		errno = length == 0 ? ENOENT : EINVAL;
		return -1;
	}
	if (length >= sizeof(walk->path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(walk->path, path, length + 1);
	while (length > 1 && walk->path[length - 1] == '/')
		walk->path[--length] = 0;
	for (base = length; base > 0 && walk->path[base - 1] != '/';)
		base--;
	if ((walk->flags & FTW_CHDIR) != 0 && (walk->start = open(".", O_SEARCH | O_DIRECTORY | O_CLOEXEC)) < 0)
		return -1;
	if (walk->start < 0 || enter(walk, base) == 0)
		result = step(walk, length, (struct FTW){ (int)base, 0 }, NULL);
	if (asked(walk, result, FTW_SKIP_SIBLINGS))
		result = 0;
	if (walk->start >= 0) {
		error = errno;
		if (fchdir(walk->start) < 0 && result == 0)
			result = -1;
		else
			errno = error;
		close(walk->start);
	}
	return result;
}

int
ftw(const char *path, int (*visit)(const char *, const struct stat *, int), int most_open)
{
	struct walk *walk = malloc(sizeof(*walk));
	int result;

	if (walk == NULL)
		return -1;
	walk->visit = visit;
	walk->flags = 0;
	result = begin(walk, path, most_open);
	free(walk);
	return result;
}

int
nftw(const char *path, int (*visit)(const char *, const struct stat *, int, struct FTW *), int most_open, int flags)
{
	struct walk *walk = malloc(sizeof(*walk));
	int result;

	if (walk == NULL)
		return -1;
	walk->visit = NULL;
	walk->nvisit = visit;
	walk->flags = flags;
	result = begin(walk, path, most_open);
	free(walk);
	return result;
}
