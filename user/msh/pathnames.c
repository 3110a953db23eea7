/*
 * The names of files that a pattern stands for (XCU 2.13.3): part by part from the left, directories are read where a part has * ? or [.
 */
#include "expand.h"
#include "mach/heap.h"
#include "shell.h"
#include <fnmatch.h>
#include <string.h>

/* A list of names. */
struct name {
	struct name *next;
	char text[];
};

static bool lost;			/* there was no memory for a name */

static void
name_add(struct name **list, const char *text)
{
	struct name *name = heap_alloc(sizeof(*name) + strlen(text) + 1);

	lost |= name == NULL;
	if (name == NULL)
		return;
	strcpy(name->text, text);
	name->next = *list;
	*list = name;
}

static struct name *
name_take(struct name **list)
{
	struct name *name = *list;

	*list = name->next;
	return name;
}

/* Takes the first `count` names of *rest. Returns them in order. */
static struct name *
names_sorted(struct name **rest, size_t count)
{
	struct name *left, *right, *sorted = NULL, **end = &sorted;

	if (count == 1) {
		sorted = name_take(rest);
		sorted->next = NULL;
		return sorted;
	}
	left = names_sorted(rest, count / 2);
	right = names_sorted(rest, count - count / 2);
	while (left != NULL && right != NULL) {
		*end = name_take(strcmp(left->text, right->text) <= 0 ? &left : &right);
		end = &(*end)->next;
	}
	*end = left != NULL ? left : right;
	return sorted;
}

/* --- one directory --- */

static const char *part;		/* what the names shall fit */
static struct name *found;

static void
look_at(const char *name)
{
	if (fnmatch(part, name, FNM_PERIOD) == 0)
		name_add(&found, name);
}

/* The names in a directory, "" for the working directory, that fit the first `length` bytes of a pattern. */
static struct name *
names_in(const char *directory, const char *pattern, size_t length)
{
	static char copy[PATTERN_MAX];

	memcpy(copy, pattern, length);
	copy[length] = 0;
	part = copy;
	found = NULL;
	directory_visit(directory[0] != 0 ? directory : ".", look_at);
	return found;
}

/* --- all parts --- */

static bool
has_special(const char *pattern, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (pattern[i] == '\\')
			i++;
		else if (strchr("*?[", pattern[i]) != NULL)
			return true;
	}
	return false;
}

static struct name *results;

static void
walk(char path[PATH_SIZE], size_t used, const char *pattern);

/* Goes on behind a part, `used` bytes of the path, with the rest of the pattern. */
static void
walk_on(char path[PATH_SIZE], size_t used, const char *rest)
{
	for (; *rest == '/' && used + 1 < PATH_SIZE; rest++)
		path[used++] = '/';
	path[used] = 0;
	if (used + 1 < PATH_SIZE)
		walk(path, used, rest);
}

/* A part that is a name. */
static void
walk_plain(char path[PATH_SIZE], size_t used, const char *pattern, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		i += pattern[i] == '\\';
		if (used + 1 == PATH_SIZE)
			return;
		path[used++] = pattern[i];
	}
	walk_on(path, used, pattern + length);
}

/* Adds to `results` what is in the directory `path` ("" or with a slash at its end) and fits. */
static void
walk(char path[PATH_SIZE], size_t used, const char *pattern)
{
	size_t length = strcspn(pattern, "/");
	struct name *names;

	if (pattern[0] == 0) {
		if (file_exists(path))
			name_add(&results, path);
		return;
	}
	if (!has_special(pattern, length)) {
		walk_plain(path, used, pattern, length);
		return;
	}
	path[used] = 0;
	names = names_in(path, pattern, length);
	while (names != NULL) {
		struct name *one = name_take(&names);
		size_t name_length = strlen(one->text);

		if (used + name_length + 1 < PATH_SIZE) {
			strcpy(path + used, one->text);
			if (pattern[length] == 0)
				name_add(&results, path);
			else
				walk_on(path, used + name_length, pattern + length);
		}
		heap_free(one);
	}
}

void
pathnames_add(struct expansion *e, const char *pattern)
{
	char path[PATH_SIZE] = "";
	size_t count = 0;

	results = NULL;
	lost = false;
	walk(path, 0, pattern);
	for (const struct name *one = results; one != NULL; one = one->next)
		count++;
	if (count > 0)
		results = names_sorted(&results, count);
	while (results != NULL) {
		struct name *one = name_take(&results);

		expand_add(e, one->text);
		heap_free(one);
	}
	e->no_memory |= lost;
}
