/*
 * glob: alternatives in braces are patterns one after the other, a tilde becomes the folder it stands for; then the pattern is taken apart
 * at its slashes. Parts without special characters are only looked up, for the others the folder is read.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <glob.h>
#include <limits.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct search {
	int flags, result;
	int (*error)(const char *path, int number);
	glob_t *found;
	size_t offset;			/* NULLs in front */
	size_t before;			/* paths found for the patterns so far */
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

/* Status by the program's functions or ours. */
static int
status_of(const struct search *s, const char *path, struct stat *status, bool follow)
{
	if ((s->flags & GLOB_ALTDIRFUNC) != 0)
		return follow ? s->found->gl_stat(path, status) : s->found->gl_lstat(path, status);
	return follow ? stat(path, status) : lstat(path, status);
}

/* The path is complete, or a part of it with slashes to follow. */
static void
arrived(struct search *s, size_t length, const char *rest)
{
	struct stat status;
	size_t slashes = strspn(rest, "/");
	bool folder = false;

	if (*rest != 0) {
		if (extend(s, &length, rest, slashes))
			search(s, length, rest + slashes);
		return;
	}
	if (status_of(s, s->path, &status, false) < 0)
		return;
	if ((s->flags & (GLOB_MARK | GLOB_ONLYDIR)) != 0)
		folder = status_of(s, s->path, &status, true) == 0 && S_ISDIR(status.st_mode);
	if (folder || (s->flags & GLOB_ONLYDIR) == 0)
		add(s, s->path, (s->flags & GLOB_MARK) != 0 && folder && s->path[length - 1] != '/');
}

/* The path ends with slashes, which are no part of the folder's name. What is not there is no error; of others the program is told. */
static void *
open_folder(struct search *s, size_t length)
{
	const char *name = length == 0 ? "." : s->path;
	size_t end = length;
	char slash;
	void *dir;

	while (end > 1 && s->path[end - 1] == '/')
		end--;
	slash = s->path[end];
	s->path[end] = 0;
	dir = (s->flags & GLOB_ALTDIRFUNC) != 0 ? s->found->gl_opendir(name) : opendir(name);
	if (dir == NULL && errno != ENOENT && errno != ENOTDIR &&
	    ((s->error != NULL && s->error(name, errno) != 0) || (s->flags & GLOB_ERR) != 0))
		s->result = GLOB_ABORTED;
	s->path[end] = slash;
	return dir;
}

static void
read_folder(struct search *s, size_t length, const char *part, const char *rest)
{
	bool theirs = (s->flags & GLOB_ALTDIRFUNC) != 0;
	void *dir = open_folder(s, length);
	int flags = ((s->flags & GLOB_PERIOD) != 0 ? 0 : FNM_PERIOD) | ((s->flags & GLOB_NOESCAPE) != 0 ? FNM_NOESCAPE : 0);
	struct dirent *entry;

	if (dir == NULL)
		return;
	while (s->result == 0 && (entry = theirs ? s->found->gl_readdir(dir) : readdir(dir)) != NULL) {
		size_t longer = length;

		if (fnmatch(part, entry->d_name, flags) == 0 && extend(s, &longer, entry->d_name, strlen(entry->d_name)))
			arrived(s, longer, rest);
		s->path[length] = 0;
	}
	if (theirs)
		s->found->gl_closedir(dir);
	else
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

/* --- tilde, braces --- */

/* The home folder of the user, or for an empty name the caller's; NULL: not known. */
static const char *
home_of(const char *user)
{
	const char *home = *user == 0 ? getenv("HOME") : NULL;
	struct passwd *entry;

	if (home != NULL && *home != 0)
		return home;
	entry = *user == 0 ? getpwuid(getuid()) : getpwnam(user);
	return entry != NULL ? entry->pw_dir : NULL;
}

/* One pattern without braces. What it finds is sorted by itself. */
static void
search_one(struct search *s, const char *pattern)
{
	char user[LOGIN_NAME_MAX] = "";
	size_t length = 0, count;
	const char *home;
	glob_t *found = s->found;

	s->path[0] = 0;
	if (*pattern == '~' && (s->flags & (GLOB_TILDE | GLOB_TILDE_CHECK)) != 0) {
		count = strcspn(pattern, "/");
		if (count <= sizeof(user))
			memcpy(user, pattern + 1, count - 1);
		home = count <= sizeof(user) ? home_of(user) : NULL;
		if (home == NULL && (s->flags & GLOB_TILDE_CHECK) != 0)
			return;
		if (home != NULL && extend(s, &length, home, strlen(home)))
			pattern += count;
	}
	if (is_special(s, pattern, strlen(pattern)))
		found->gl_flags |= GLOB_MAGCHAR;
	if (length > 0)
		arrived(s, length, pattern);
	else
		search(s, 0, pattern);
	if ((s->flags & GLOB_NOSORT) == 0 && found->gl_pathc > s->before)
		qsort(found->gl_pathv + s->offset + s->before, found->gl_pathc - s->before, sizeof(char *), by_name);
	s->before = found->gl_pathc;
}

/* The ',' or '}' that ends an alternative, or NULL. */
static const char *
brace_end(const struct search *s, const char *p)
{
	for (unsigned depth = 0; *p != 0; p++)
		if (*p == '\\' && (s->flags & GLOB_NOESCAPE) == 0 && p[1] != 0)
			p++;
		else if (depth == 0 && (*p == ',' || *p == '}'))
			return p;
		else
			depth += (*p == '{') - (*p == '}');
	return NULL;
}

/* Where braces begin that are closed and not empty, or NULL. */
static const char *
brace_begin(const struct search *s, const char *p)
{
	for (; *p != 0; p++) {
		const char *end = p;

		if (*p == '\\' && (s->flags & GLOB_NOESCAPE) == 0 && p[1] != 0) {
			p++;
			continue;
		}
		while (*p == '{' && p[1] != '}' && end != NULL && *end != '}')
			end = brace_end(s, end + 1);
		if (*p == '{' && p[1] != '}' && end != NULL)
			return p;
	}
	return NULL;
}

static void
search_all(struct search *s, const char *pattern)
{
	const char *open = (s->flags & GLOB_BRACE) != 0 ? brace_begin(s, pattern) : NULL, *end, *close;
	size_t size = strlen(pattern) + 1;
	char *one;

	if (open == NULL) {
		search_one(s, pattern);
		return;
	}
	one = malloc(size);
	if (one == NULL)
		s->result = GLOB_NOSPACE;
	for (close = open; *close != '}';)
		close = brace_end(s, close + 1);
	for (end = open; *end != '}' && s->result == 0;) {
		const char *begin = end + 1;

		end = brace_end(s, begin);
		snprintf(one, size, "%.*s%.*s%s", (int)(open - pattern), pattern, (int)(end - begin), begin, close + 1);
		search_all(s, one);
	}
	free(one);
}

/* Of a pattern that found nothing: itself is a path. */
static bool
is_taken_as_path(const struct search *s, const char *pattern)
{
	return (s->flags & GLOB_NOCHECK) != 0 || ((s->flags & GLOB_NOMAGIC) != 0 && strpbrk(pattern, "*?[") == NULL);
}

int
glob_pattern_p(const char *pattern, int quote)
{
	struct search s = { .flags = quote ? 0 : GLOB_NOESCAPE };

	return is_special(&s, pattern, strlen(pattern));
}

int
glob(const char *restrict pattern, int flags, int (*error)(const char *path, int number), glob_t *restrict found)
{
	struct search *s = malloc(sizeof(*s));
	size_t before;
	int result;

	if (s == NULL)
		return GLOB_NOSPACE;
	*s = (struct search){ flags, 0, error, found, (flags & GLOB_DOOFFS) != 0 ? found->gl_offs : 0, 0, "" };
	if ((flags & GLOB_APPEND) == 0) {
		found->gl_pathc = 0;
		found->gl_pathv = calloc(s->offset + 1, sizeof(char *));
		if (found->gl_pathv == NULL)
			s->result = GLOB_NOSPACE;
	}
	before = s->before = found->gl_pathc;
	found->gl_flags = flags;
	search_all(s, pattern);
	if (s->result == 0 && found->gl_pathc == before) {
		if (is_taken_as_path(s, pattern))
			add(s, pattern, false);
		else
			s->result = GLOB_NOMATCH;
	}
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
