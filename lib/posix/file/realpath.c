/*
 * The absolute path of a file without symbolic links, "." and "..": links are put in textually, from the left.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINKS_MOST	40

struct walk {
	char done[PATH_MAX];		/* resolved so far, absolute, without a slash at the end; empty: the root */
	char left[PATH_MAX];		/* still to do */
	unsigned links;
};

static int
fail(int error)
{
	errno = error;
	return -1;
}

static void
go_up(struct walk *walk)
{
	char *slash = strrchr(walk->done, '/');

	if (slash != NULL)
		*slash = 0;
}

/* Puts a link's target in front of what is left: nothing, or a slash and more. */
static int
put_in(struct walk *walk, const char *rest)
{
	char target[PATH_MAX];
	ssize_t length = readlink(walk->done, target, sizeof(target) - 1);
	size_t rest_length = strlen(rest);

	if (length < 0)
		return -1;
	if (++walk->links > LINKS_MOST)
		return fail(ELOOP);
	if ((size_t)length + rest_length >= sizeof(walk->left))
		return fail(ENAMETOOLONG);
	go_up(walk);
	if (target[0] == '/')
		walk->done[0] = 0;
	memmove(walk->left + length, rest, rest_length + 1);
	memcpy(walk->left, target, (size_t)length);
	return 0;
}

/* Goes down one name. Returns -1 with errno. */
static int
go_down(struct walk *walk, const char *name, size_t length, char *rest)
{
	size_t used = strlen(walk->done);
	struct stat status;

	if (used + 1 + length >= sizeof(walk->done))
		return fail(ENAMETOOLONG);
	walk->done[used] = '/';
	memcpy(walk->done + used + 1, name, length);
	walk->done[used + 1 + length] = 0;
	if (lstat(walk->done, &status) < 0)
		return -1;
	if (S_ISLNK(status.st_mode))
		return put_in(walk, rest);
	if (*rest != 0 && !S_ISDIR(status.st_mode))
		return fail(ENOTDIR);
	memmove(walk->left, rest, strlen(rest) + 1);
	return 0;
}

static int
resolve(struct walk *walk)
{
	while (walk->left[0] != 0) {
		char *name = walk->left + strspn(walk->left, "/");
		size_t length = strcspn(name, "/");

		if (length == 0)
			return 0;
		if (length == 1 && name[0] == '.') {
			memmove(walk->left, name + 1, strlen(name + 1) + 1);
		} else if (length == 2 && name[0] == '.' && name[1] == '.') {
			go_up(walk);
			memmove(walk->left, name + 2, strlen(name + 2) + 1);
		} else if (go_down(walk, name, length, name + length) < 0) {
			return -1;
		}
	}
	return 0;
}

static int
start(struct walk *walk, const char *path)
{
	walk->links = 0;
	walk->done[0] = 0;
	if (path == NULL)
		return fail(EINVAL);
	if (path[0] == 0)
		return fail(ENOENT);
	if (strlcpy(walk->left, path, sizeof(walk->left)) >= sizeof(walk->left))
		return fail(ENAMETOOLONG);
	if (path[0] == '/')
		return 0;
	if (getcwd(walk->done, sizeof(walk->done)) == NULL)
		return -1;
	if (walk->done[1] == 0)
		walk->done[0] = 0;
	return 0;
}

char *
realpath(const char *restrict path, char *restrict result)
{
	struct walk walk;

	if (start(&walk, path) < 0 || resolve(&walk) < 0)
		return NULL;
	if (walk.done[0] == 0)
		strcpy(walk.done, "/");
	return result != NULL ? strcpy(result, walk.done) : strdup(walk.done);
}
