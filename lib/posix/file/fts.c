/*
 * Walking through file trees, a file at a time (4.4BSD fts). A directory is read as a whole when the walk enters it, so that no descriptor is open
 * between two calls.
 *
 * Entries are in lists, linked by fts_link: what is left to visit in a directory. They hang from their parents; the paths given hang from an entry
 * of level -1. What has been visited is freed when the walk goes on.
 */
#include <dirent.h>
#include <errno.h>
#include <fts.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define OPTIONS \
	(FTS_COMFOLLOW | FTS_LOGICAL | FTS_NOCHDIR | FTS_NOSTAT | FTS_PHYSICAL | FTS_SEEDOT | FTS_XDEV | FTS_WHITEOUT)

struct __fts {
	FTSENT *top;			/* of level -1 */
	FTSENT *first;			/* the paths given, before the first call of fts_read */
	FTSENT *current;		/* what fts_read returned last */
	FTSENT *children;		/* of the current one, from fts_children */
	bool children_known, names_only;
	bool over;
	dev_t device;			/* of the path given that it is in */
	int options;
	int (*compare)(const FTSENT **, const FTSENT **);
};

/* --- entries --- */

/* Its path is behind its name. in NULL: the name is the path. */
static FTSENT *
entry_new(FTSENT *parent, const char *in, const char *name)
{
	size_t before = in != NULL ? strlen(in) : 0, length = strlen(name);
	bool slash = before > 0 && in[before - 1] != '/';
	FTSENT *entry = calloc(1, sizeof(*entry) + length + 1 + before + slash + length + 1);

	if (entry == NULL)
		return NULL;
	memcpy(entry->fts_name, name, length);
	entry->fts_namelen = length;
	entry->fts_path = entry->fts_accpath = entry->fts_name + length + 1;
	if (before > 0)
		memcpy(entry->fts_path, in, before);
	if (slash)
		entry->fts_path[before] = '/';
	memcpy(entry->fts_path + before + slash, name, length);
	entry->fts_pathlen = before + slash + length;
	entry->fts_parent = parent;
	entry->fts_level = parent != NULL ? (short)(parent->fts_level + 1) : FTS_ROOTPARENTLEVEL;
	entry->fts_info = FTS_INIT;
	entry->fts_instr = FTS_NOINSTR;
	entry->fts_statp = &entry->__status;
	return entry;
}

static void
free_list(FTSENT *entry)
{
	while (entry != NULL) {
		FTSENT *next = entry->fts_link;

		free(entry);
		entry = next;
	}
}

/* The last name of a path that was given, unless it ends with a slash. Comparisons have seen the whole. */
static void
shorten(FTSENT *entry)
{
	const char *slash = strrchr(entry->fts_name, '/');

	if (slash == NULL || slash[1] == 0)
		return;
	entry->fts_namelen = strlen(slash + 1);
	memmove(entry->fts_name, slash + 1, entry->fts_namelen + 1);
}

static bool
is_dot(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* FTS_D, or FTS_DC in a directory that is the same, by a link or a mount. */
static unsigned short
directory(FTSENT *entry)
{
	for (FTSENT *around = entry->fts_parent; around->fts_level >= FTS_ROOTLEVEL; around = around->fts_parent)
		if (around->fts_ino == entry->fts_ino && around->fts_dev == entry->fts_dev) {
			entry->fts_cycle = around;
			return FTS_DC;
		}
	return FTS_D;
}

static unsigned short
kind(FTSENT *entry)
{
	mode_t mode = entry->__status.st_mode;

	if (S_ISDIR(mode) && entry->fts_level > FTS_ROOTLEVEL && is_dot(entry->fts_name))
		return FTS_DOT;
	if (S_ISDIR(mode))
		return directory(entry);
	return S_ISLNK(mode) ? FTS_SL : S_ISREG(mode) ? FTS_F : FTS_DEFAULT;
}

/* Asks for the file's status. */
static void
examine(const FTS *walk, FTSENT *entry, bool follow)
{
	struct stat *status = &entry->__status;
	int result;

	follow |= (walk->options & FTS_LOGICAL) != 0 || ((walk->options & FTS_COMFOLLOW) != 0 && entry->fts_level == FTS_ROOTLEVEL);
	entry->fts_errno = 0;
	result = follow ? stat(entry->fts_path, status) : lstat(entry->fts_path, status);
	if (result < 0) {
		entry->fts_errno = errno;
		if (follow && lstat(entry->fts_path, status) == 0 && S_ISLNK(status->st_mode)) {
			entry->fts_errno = 0;
			entry->fts_info = FTS_SLNONE;
			return;
		}
		memset(status, 0, sizeof(*status));
		entry->fts_info = FTS_NS;
		return;
	}
	entry->fts_dev = status->st_dev;
	entry->fts_ino = status->st_ino;
	entry->fts_nlink = status->st_nlink;
	entry->fts_info = kind(entry);
}

/* --- lists --- */

static size_t
length_of(const FTSENT *list)
{
	size_t length = 0;

	for (; list != NULL; list = list->fts_link)
		length++;
	return length;
}

/* Without the memory for it they stay as they are. */
static FTSENT *
sorted(const FTS *walk, FTSENT *list)
{
	size_t length = length_of(list), n = 0;
	FTSENT **all = length > 1 && walk->compare != NULL ? malloc(length * sizeof(FTSENT *)) : NULL;

	if (all == NULL)
		return list;
	for (FTSENT *entry = list; entry != NULL; entry = entry->fts_link)
		all[n++] = entry;
	qsort(all, length, sizeof(FTSENT *), (int (*)(const void *, const void *))walk->compare);
	for (n = 0; n < length; n++)
		all[n]->fts_link = n + 1 < length ? all[n + 1] : NULL;
	list = all[0];
	free(all);
	return list;
}

static bool
needs_no_stat(const FTS *walk, const struct dirent *found)
{
	return (walk->options & (FTS_NOSTAT | FTS_LOGICAL)) == FTS_NOSTAT && found->d_type != DT_DIR && found->d_type != DT_UNKNOWN;
}

/* Reads on to the next file; NULL with errno 0: there are no more. */
static FTSENT *
next_file(const FTS *walk, FTSENT *parent, DIR *stream, bool names_only)
{
	struct dirent *found;
	FTSENT *entry;

	do {
		errno = 0;
		found = readdir(stream);
		if (found == NULL)
			return NULL;
	} while ((walk->options & FTS_SEEDOT) == 0 && is_dot(found->d_name));
	entry = entry_new(parent, parent->fts_path, found->d_name);
	if (entry == NULL)
		return NULL;
	entry->fts_ino = found->d_ino;
	if (names_only || needs_no_stat(walk, found))
		entry->fts_info = FTS_NSOK;
	else
		examine(walk, entry, false);
	return entry;
}

/* What is in a directory. Returns an errno value. */
static int
read_directory(const FTS *walk, FTSENT *parent, bool names_only, FTSENT **list)
{
	DIR *stream = opendir(parent->fts_path);
	FTSENT **end = list;
	int error;

	*list = NULL;
	if (stream == NULL)
		return errno;
	while ((*end = next_file(walk, parent, stream, names_only)) != NULL)
		end = &(*end)->fts_link;
	error = errno;
	closedir(stream);
	if (error != 0) {
		free_list(*list);
		*list = NULL;
	}
	*list = sorted(walk, *list);
	return error;
}

/* --- the walk --- */

static void
forget_children(FTS *walk)
{
	free_list(walk->children);
	walk->children = NULL;
	walk->children_known = false;
}

static FTSENT *
finish(FTS *walk)
{
	walk->current = NULL;
	walk->over = true;
	errno = 0;
	return NULL;
}

/* Comes to an entry, past those that shall be skipped; NULL: there is none on this level. */
static FTSENT *
arrive(FTS *walk, FTSENT *entry)
{
	while (entry != NULL && entry->fts_instr == FTS_SKIP) {
		FTSENT *next = entry->fts_link;

		free(entry);
		entry = next;
	}
	if (entry == NULL)
		return NULL;
	if (entry->fts_instr == FTS_FOLLOW || entry->fts_instr == FTS_AGAIN)
		examine(walk, entry, entry->fts_instr == FTS_FOLLOW);
	entry->fts_instr = FTS_NOINSTR;
	if (entry->fts_level == FTS_ROOTLEVEL) {
		walk->device = entry->fts_dev;
		shorten(entry);
	}
	walk->current = entry;
	return entry;
}

/* Back to the directory that everything in has been visited of. */
static FTSENT *
go_up(FTS *walk, FTSENT *parent)
{
	if (parent->fts_level == FTS_ROOTPARENTLEVEL)
		return finish(walk);
	parent->fts_info = FTS_DP;
	walk->current = parent;
	return parent;
}

static FTSENT *
go_on(FTS *walk, FTSENT *entry)
{
	FTSENT *parent = entry->fts_parent, *next = arrive(walk, entry->fts_link);

	free(entry);
	return next != NULL ? next : go_up(walk, parent);
}

static FTSENT *
go_down(FTS *walk, FTSENT *entry)
{
	FTSENT *list, *next;
	int error = 0;

	if (walk->children_known && !walk->names_only) {
		list = walk->children;
		walk->children = NULL;
	} else {
		error = read_directory(walk, entry, false, &list);
	}
	forget_children(walk);
	if (error != 0) {
		entry->fts_info = FTS_DNR;
		entry->fts_errno = error;
		return entry;
	}
	next = arrive(walk, list);
	return next != NULL ? next : go_up(walk, entry);
}

FTSENT *
fts_read(FTS *walk)
{
	FTSENT *entry = walk->current, *next = walk->first;
	unsigned short instruction;

	if (walk->over)
		return finish(walk);
	if (entry == NULL) {
		walk->first = NULL;
		next = arrive(walk, next);
		return next != NULL ? next : finish(walk);
	}
	instruction = entry->fts_instr;
	entry->fts_instr = FTS_NOINSTR;
	if (instruction == FTS_AGAIN || (instruction == FTS_FOLLOW && (entry->fts_info == FTS_SL || entry->fts_info == FTS_SLNONE))) {
		forget_children(walk);
		examine(walk, entry, instruction == FTS_FOLLOW);
		return entry;
	}
	if (entry->fts_info != FTS_D)
		return go_on(walk, entry);
	if (instruction == FTS_SKIP || ((walk->options & FTS_XDEV) != 0 && entry->fts_dev != walk->device)) {
		forget_children(walk);
		return go_up(walk, entry);
	}
	return go_down(walk, entry);
}

FTSENT *
fts_children(FTS *walk, int what)
{
	int error;

	if (what != 0 && what != FTS_NAMEONLY) {
		errno = EINVAL;
		return NULL;
	}
	errno = 0;
	if (walk->current == NULL)
		return walk->first;
	if (walk->current->fts_info != FTS_D)
		return NULL;
	forget_children(walk);
	walk->names_only = what == FTS_NAMEONLY;
	error = read_directory(walk, walk->current, walk->names_only, &walk->children);
	walk->children_known = error == 0;
	errno = error;
	return walk->children;
}

int
fts_set(FTS *walk, FTSENT *entry, int instruction)
{
	(void)walk;
	if (instruction < 0 || instruction > FTS_SKIP) {
		errno = EINVAL;
		return -1;
	}
	entry->fts_instr = instruction == 0 ? FTS_NOINSTR : (unsigned short)instruction;
	return 0;
}

/* --- beginning and end --- */

/* The paths given, in a list. Returns an errno value. */
static int
take_paths(FTS *walk, char *const *paths)
{
	FTSENT **end = &walk->first;

	for (; *paths != NULL; paths++) {
		if (**paths == 0)
			return ENOENT;
		*end = entry_new(walk->top, NULL, *paths);
		if (*end == NULL)
			return ENOMEM;
		examine(walk, *end, false);
		end = &(*end)->fts_link;
	}
	walk->first = sorted(walk, walk->first);
	return 0;
}

FTS *
fts_open(char *const *paths, int options, int (*compare)(const FTSENT **, const FTSENT **))
{
	FTS *walk = calloc(1, sizeof(*walk));
	int error = (options & ~OPTIONS) != 0 ? EINVAL : 0;

	if (walk == NULL)
		return NULL;
	walk->options = options;
	walk->compare = compare;
	walk->top = entry_new(NULL, NULL, "");
	if (error == 0)
		error = walk->top != NULL ? take_paths(walk, paths) : ENOMEM;
	if (error == 0)
		return walk;
	fts_close(walk);
	errno = error;
	return NULL;
}

int
fts_close(FTS *walk)
{
	FTSENT *entry = walk->current;

	forget_children(walk);
	free_list(walk->first);
	while (entry != NULL && entry != walk->top) {
		FTSENT *parent = entry->fts_parent;

		free_list(entry);
		entry = parent;
	}
	free(walk->top);
	free(walk);
	return 0;
}
