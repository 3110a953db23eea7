/*
 * Files changed at random in a folder, and what they were like after each change, for tests that cut
 * the power: what must be there afterwards, and what may.
 *
 * A worker changes files in a folder of its own and notes each change in its history: which names
 * there are, which file (id) each stands for, its content, and between which writes to the disk the
 * change happened. After power was cut, `from` is the last change that sync or fsync acknowledged
 * before, `to` the last that had begun.
 */
#ifndef GRADE_UNIT_FS_HISTORY_H
#define GRADE_UNIT_FS_HISTORY_H

#include "fs_calls.h"

#define NAMES_MAX 28u

struct blob {				/* a content, never changed; zeros where data is 0 */
	size_t size;
	uint8_t *data;
	struct blob *next;		/* of the worker's, to be freed at the end */
};

struct name {
	char path[80];			/* "" : unused */
	unsigned id;			/* which file */
	bool directory;
	const struct blob *blob;
};

struct moment {
	size_t begin, end;		/* writes to the disk before and after the change */
	bool acknowledged;		/* all so far is on stable storage at `end` */
	struct name names[NAMES_MAX];
};

struct worker {
	char folder[16];
	uint64_t state;			/* of its random numbers */
	struct host_log *log;
	struct moment *moments;
	unsigned count, room;
	unsigned next_id;
	struct moment now;
	struct blob *blobs;
	int error;			/* of the first change that failed: a defect */
};

static inline uint32_t
worker_random(struct worker *w, uint32_t below)
{
	w->state = w->state * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(w->state >> 33) % below;
}

/* Notes how things are after a change. */
static inline void
worker_note(struct worker *w, bool acknowledged)
{
	if (w->count == w->room) {
		w->room = w->room ? 2 * w->room : 256;
		w->moments = realloc(w->moments, w->room * sizeof(*w->moments));
	}
	w->now.end = host_log_position(w->log);
	w->now.acknowledged = acknowledged;
	w->moments[w->count++] = w->now;
}

/* --- the model --- */

/* Returns a name in use chosen at random, of the kind; NULL. */
static inline struct name *
name_choose(struct worker *w, bool directory)
{
	unsigned at = worker_random(w, NAMES_MAX);

	for (unsigned i = 0; i < NAMES_MAX; i++) {
		struct name *n = &w->now.names[(at + i) % NAMES_MAX];

		if (n->path[0] && n->directory == directory)
			return n;
	}
	return NULL;
}

static inline struct name *
name_unused(struct worker *w)
{
	for (unsigned i = 0; i < NAMES_MAX; i++)
		if (!w->now.names[i].path[0])
			return &w->now.names[i];
	return NULL;
}

/* Makes up a new path: in the worker's folder or in a directory of it. */
static inline void
path_new(struct worker *w, char *path, size_t size)
{
	struct name *dir = worker_random(w, 2) ? name_choose(w, true) : NULL;

	if (dir && strlen(dir->path) > 20)
		dir = NULL;
	snprintf(path, size, "%.30s/n%u", dir ? dir->path : w->folder, w->next_id++);
}

/* A content like another, with `length` bytes of a seed put at an offset, then cut to `size`. */
static inline const struct blob *
blob_make(struct worker *w, const struct blob *old, unsigned seed, size_t offset, size_t length, size_t size)
{
	struct blob *b = malloc(sizeof(*b));

	b->next = w->blobs;
	w->blobs = b;
	b->size = size;
	b->data = calloc(1, size + 1);
	for (size_t i = 0; old && i < old->size && i < size; i++)
		b->data[i] = old->data[i];
	for (size_t i = offset; i < offset + length && i < size; i++)
		b->data[i] = tree_byte(seed, i);
	return b;
}

/* All names of a file have the same content. */
static inline void
blob_set(struct worker *w, unsigned id, const struct blob *blob)
{
	for (unsigned i = 0; i < NAMES_MAX; i++)
		if (w->now.names[i].path[0] && w->now.names[i].id == id)
			w->now.names[i].blob = blob;
}

/* --- changes: each is done, put into the model and noted --- */

static inline void
finish(struct worker *w, int error, bool acknowledged)
{
	if (error && !w->error)
		w->error = error;
	worker_note(w, acknowledged);
}

static inline void
change_write(struct worker *w, struct name *n, bool sync)
{
	size_t old = n->blob ? n->blob->size : 0, length = 1 + worker_random(w, 9000);
	size_t offset = worker_random(w, 3) ? old : worker_random(w, 20000);
	unsigned seed = ++w->next_id;

	if (old > 60000)
		offset = worker_random(w, 50000);
	if (n->blob && offset > old + 5000)
		offset = old;
	blob_set(w, n->id, blob_make(w, n->blob, seed, offset, length,
		offset + length > old ? offset + length : old));
	finish(w, do_fill(n->path, seed, offset, length, 3000, sync), sync);
}

static inline void
change_create(struct worker *w)
{
	struct name *n = name_unused(w);

	if (!n)
		return;
	*n = (struct name){ .id = ++w->next_id, .blob = blob_make(w, NULL, 0, 0, 0, 0) };
	path_new(w, n->path, sizeof(n->path));
	finish(w, do_create(n->path), false);
	w->now.begin = host_log_position(w->log);
	change_write(w, n, worker_random(w, 3) == 0);
}

static inline void
change_mkdir(struct worker *w)
{
	struct name *n = name_unused(w);

	if (!n)
		return;
	*n = (struct name){ .id = ++w->next_id, .directory = true };
	path_new(w, n->path, sizeof(n->path));
	finish(w, do_mkdir(n->path), false);
}

static inline void
change_truncate(struct worker *w, struct name *n)
{
	size_t size = worker_random(w, (uint32_t)n->blob->size + 3000);

	blob_set(w, n->id, blob_make(w, n->blob, 0, 0, 0, size));
	finish(w, do_truncate(n->path, size), false);
}

static inline void
change_unlink(struct worker *w, struct name *n)
{
	char path[80];

	memcpy(path, n->path, sizeof(path));
	n->path[0] = 0;
	finish(w, do_unlink(path), false);
}

static inline void
change_link(struct worker *w, const struct name *old)
{
	struct name *n = name_unused(w);

	if (!n)
		return;
	*n = *old;
	path_new(w, n->path, sizeof(n->path));
	finish(w, do_link(old->path, n->path), false);
}

/* Whether a path is a directory's or below it. */
static inline bool
is_below(const char *path, const char *dir)
{
	size_t length = strlen(dir);

	return strncmp(path, dir, length) == 0 && (path[length] == '/' || path[length] == 0);
}

/* Gives all names below a path the new one. Returns false, with nothing changed, if one got too long. */
static inline bool
names_move(struct worker *w, const char *from, const char *to)
{
	for (unsigned i = 0; i < NAMES_MAX; i++)
		if (is_below(w->now.names[i].path, from)
			&& strlen(w->now.names[i].path) + strlen(to) > 70)
			return false;
	for (unsigned i = 0; i < NAMES_MAX; i++) {
		char old[80];

		memcpy(old, w->now.names[i].path, sizeof(old));
		if (is_below(old, from))
			snprintf(w->now.names[i].path, sizeof(old), "%.39s%.39s", to,
				old + strlen(from));
	}
	return true;
}

/* Renames a file or a directory to a new name, or a file over another one. */
static inline void
change_rename(struct worker *w, struct name *n)
{
	struct name *victim = n->directory || worker_random(w, 2) ? NULL : name_choose(w, false);
	char from[80], to[80];

	memcpy(from, n->path, sizeof(from));
	if (victim && (victim == n || victim->id == n->id))
		victim = NULL;
	if (victim)
		memcpy(to, victim->path, sizeof(to));
	else
		path_new(w, to, sizeof(to));
	if (is_below(to, from))
		return;
	if (victim)
		victim->path[0] = 0;
	if (!names_move(w, from, to))
		return;
	finish(w, do_rename(from, to), false);
}

static inline void
change_rmdir(struct worker *w, struct name *n)
{
	char path[80];

	memcpy(path, n->path, sizeof(path));
	for (unsigned i = 0; i < NAMES_MAX; i++)
		if (&w->now.names[i] != n && w->now.names[i].path[0]
			&& is_below(w->now.names[i].path, path))
			return;
	n->path[0] = 0;
	finish(w, do_rmdir(path), false);
}

/* Does one change; what cannot be done now is left. */
static inline void
worker_step(struct worker *w)
{
	struct name *file = name_choose(w, false), *dir = name_choose(w, true);

	w->now.begin = host_log_position(w->log);
	switch (worker_random(w, 16)) {
	case 0: case 1: case 2:
		change_create(w);
		break;
	case 3:
		change_mkdir(w);
		break;
	case 4: case 5: case 6: case 7:
		if (file)
			change_write(w, file, worker_random(w, 4) == 0);
		break;
	case 8:
		if (file)
			change_truncate(w, file);
		break;
	case 9: case 10:
		if (file)
			change_unlink(w, file);
		break;
	case 11:
		if (file)
			change_link(w, file);
		break;
	case 12: case 13:
		if (file)
			change_rename(w, dir && worker_random(w, 3) == 0 ? dir : file);
		break;
	case 14:
		if (dir)
			change_rmdir(w, dir);
		break;
	default:
		finish(w, vfs_sync(), true);
	}
}

/* Begins with an empty folder that is on the disk. */
static inline void
worker_begin(struct worker *w, unsigned number, uint64_t seed, struct host_log *log)
{
	*w = (struct worker){ .state = seed * 977 + number, .log = log };
	snprintf(w->folder, sizeof(w->folder), "w%u", number);
}

static inline void
worker_end(struct worker *w)
{
	for (struct blob *b = w->blobs, *next; b; b = next) {
		next = b->next;
		free(b->data);
		free(b);
	}
	free(w->moments);
}

#endif
