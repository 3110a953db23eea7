/*
 * glob: the pattern is taken apart at its slashes; parts without special characters are only looked up, for the others
 * the folder is read.
 */
#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <glob.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct search {
	int flags, result;
	int (*error)(const char *path, int number);
	glob_t *found;
	size_t offset;			/* NULLs in front */
	char path[PATH_MAX];
};

static void search(struct search *s, size_t length, const char *rest);

static void
add(struct search *s, const char *path, bool mark)
{
	glob_t *g = s->found;
	char **more = realloc(g->gl_pathv, (s->offset + g->gl_pathc + 2) * sizeof(*more));
	size_t length = strlen(path);
	char *copy = malloc(length + 2);

	if (more != NULL)
		g->gl_pathv = more;
	if (more == NULL || copy == NULL) {
		free(copy);
		s->result = GLOB_NOSPACE;
		return;
	}
	memcpy(copy, path, length + 1);
	if (mark)
		strcpy(copy + length, "/");
	more[s->offset + g->gl_pathc++] = copy;
	more[s->offset + g->gl_pathc] = NULL;
}

static bool
is_special(const struct search *s, const char *part, size_t length)
{
	for (; length > 0; length--, part++)
		if (*part == '*' || *part == '?' || *part == '[' || (*part == '\\' && (s->flags & GLOB_NOESCAPE) == 0))
			return true;
	return false;
}

/* Appends bytes to the path; false when it grows too long. */
static bool
extend(struct search *s, size_t *length, const char *bytes, size_t count)
{
	if (*length + count >= sizeof(s->path))
		return false;
	memcpy(s->path + *length, bytes, count);
	*length += count;
	s->path[*length] = 0;
	return true;
}

/* The path is complete, or a part of it with slashes to follow. */
static void
arrived(struct search *s, size_t length, const char *rest)
{
	struct stat status;
	size_t slashes = strspn(rest, "/");

	if (*rest != 0) {
		if (extend(s, &length, rest, slashes))
			search(s, length, rest + slashes);
		return;
	}
	if (lstat(s->path, &status) < 0)
		return;
	add(s, s->path, (s->flags & GLOB_MARK) != 0 && s->path[length - 1] != '/' && stat(s->path, &status) == 0 &&
	    S_ISDIR(status.st_mode));
}

static void
read_folder(struct search *s, size_t length, const char *part, const char *rest)
{
	DIR *dir = opendir(length == 0 ? "." : s->path);
	int flags = FNM_PERIOD | ((s->flags & GLOB_NOESCAPE) != 0 ? FNM_NOESCAPE : 0);
	struct dirent *entry;

	if (dir == NULL) {
		if (errno != ENOENT && errno != ENOTDIR &&
		    ((s->error != NULL && s->error(s->path, errno) != 0) || (s->flags & GLOB_ERR) != 0))
			s->result = GLOB_ABORTED;
		return;
	}
	while (s->result == 0 && (entry = readdir(dir)) != NULL) {
		size_t longer = length;

		if (fnmatch(part, entry->d_name, flags) == 0 && extend(s, &longer, entry->d_name, strlen(entry->d_name)))
			arrived(s, longer, rest);
		s->path[length] = 0;
	}
	closedir(dir);
}

static void
search(struct search *s, size_t length, const char *rest)
{
	size_t count = strcspn(rest, "/");
	char part[NAME_MAX * 2 + 1];

	if (s->result != 0 || (count == 0 && length == 0 && *rest == 0))
		return;
	if (!is_special(s, rest, count)) {
		if (extend(s, &length, rest, count))
			arrived(s, length, rest + count);
	} else if (count < sizeof(part)) {
		memcpy(part, rest, count);
		part[count] = 0;
		read_folder(s, length, part, rest + count);
	}
}

static int
by_name(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

int
glob(const char *restrict pattern, int flags, int (*error)(const char *path, int number), glob_t *restrict found)
{
	struct search *s = malloc(sizeof(*s));
	size_t before;
	int result;

	if (s == NULL)
		return GLOB_NOSPACE;
	*s = (struct search){ flags, 0, error, found, (flags & GLOB_DOOFFS) != 0 ? found->gl_offs : 0, "" };
	if ((flags & GLOB_APPEND) == 0) {
		found->gl_pathc = 0;
		found->gl_pathv = calloc(s->offset + 1, sizeof(char *));
		if (found->gl_pathv == NULL)
			s->result = GLOB_NOSPACE;
	}
	before = found->gl_pathc;
	search(s, 0, pattern);
	if (s->result == 0 && found->gl_pathc == before) {
		if ((flags & GLOB_NOCHECK) != 0)
			add(s, pattern, false);
		else
			s->result = GLOB_NOMATCH;
	}
	if ((flags & GLOB_NOSORT) == 0 && found->gl_pathc > before)
		qsort(found->gl_pathv + s->offset + before, found->gl_pathc - before, sizeof(char *), by_name);
	result = s->result;
	free(s);
	return result;
}

void
globfree(glob_t *found)
{
	size_t i = 0;

	if (found->gl_pathv == NULL)
		return;
	while (found->gl_pathc > 0 && found->gl_pathv[i] == NULL)
		i++;
	for (size_t left = found->gl_pathc; left > 0; left--)
		free(found->gl_pathv[i++]);
	free(found->gl_pathv);
	found->gl_pathv = NULL;
	found->gl_pathc = 0;
}
