// SOURCES: grade/unit/vfs_host.c fs/vfs/bcache.c fs/vfs/bcache_grow.c fs/vfs/bcache_write.c fs/vfs/rwlock.c
// SOURCES: fs/ext2/super.c fs/ext2/inode.c fs/ext2/map.c fs/ext2/file.c fs/ext2/dir.c fs/ext2/dirindex.c
// SOURCES: fs/ext2/alloc.c fs/ext2/dirchange.c fs/ext2/journal.c fs/ext2/order.c
// SOURCES: fs/ext2/orphan.c fs/ext2/replay.c fs/ext2/trans.c fs/ext2/truncate.c
// SOURCES: fs/ext2/write.c fs/vfs/vnode.c fs/vfs/mount.c fs/vfs/ops.c fs/vfs/attr.c
// SOURCES: fs/vfs/change.c fs/vfs/walk.c fs/vfs/file.c fs/devfs/devfs.c fs/devfs/disk.c fs/ext2/names.c
// SOURCES: fs/devfs/random.c fs/ext2/vnode.c
// CFLAGS: -pthread
/*
 * Power cuts: files are changed at random, with every write to the disk noted; then the disk is made
 * as a cut after the n-th write leaves it, the writes since the last flush there or lost at random,
 * and recovered:
 *
 *	ext3	by mounting it (replay): e2fsck -fn is content, the names are as they were at one
 *		moment since the last sync, what was synced is there, no file shows another's bytes.
 *		Now and then power is cut during the replay too, or the host's e2fsck replays.
 *	ext2	by e2fsck -p: it asks nothing, and no synced file is lost. Only while a directory moves to
 *		another one it may ask (ext2/names.c), and -y loses nothing. Sectors are there or lost one by one.
 *
 * STRESS=n makes n times as many cuts.
 */
#include "fs_history.h"

#include <pthread.h>

#define WORKERS_MAX 3u
#define STEPS 150u

struct format {
	const char *arguments;		/* of mke2fs */
	bool journal;
	size_t unit;			/* bytes that reach the disk whole */
	unsigned workers;
};

static struct worker workers[WORKERS_MAX];
static struct host_log history;
static const struct format *format;
static unsigned cuts_wanted;
static uint64_t history_seed = 1;

/* --- what happens --- */

static void *
work(void *argument)
{
	struct worker *w = argument;

	for (unsigned i = 0; i < STEPS && !w->error; i++)
		worker_step(w);
	return NULL;
}

/* Fills the history: mounts a new disk, has the workers work, unmounts. */
static bool
make_history(uint64_t seed)
{
	pthread_t threads[WORKERS_MAX];

	if (!mount_new(format->arguments))
		return false;
	for (unsigned i = 0; i < format->workers; i++) {
		worker_begin(&workers[i], i, seed, &history);
		if (do_mkdir(workers[i].folder))
			return false;
	}
	CHECK_EQ(vfs_sync(), 0);
	host_log_begin(&history, &disk, format->unit);
	for (unsigned i = 0; i < format->workers; i++)
		worker_note(&workers[i], true);
	for (unsigned i = 0; i < format->workers; i++)
		pthread_create(&threads[i], NULL, work, &workers[i]);
	for (unsigned i = 0; i < format->workers; i++) {
		pthread_join(threads[i], NULL);
		CHECK_EQ(workers[i].error, 0);
	}
	unmount_disk();
	disk.log = NULL;
	CHECK_CLEAN();
	return true;
}

/* --- what must be there --- */

/* A cut: after how many writes, and whether the flush that came next was done. */
struct cut {
	size_t position;
	bool flushed;
};

struct span {
	const struct worker *w;
	unsigned from, to;
};

static struct span
span_at(const struct worker *w, const struct cut *cut)
{
	struct span s = { w, 0, 0 };
	size_t end = cut->flushed ? cut->position + 1 : cut->position;

	for (unsigned i = 0; i < w->count; i++) {
		if (w->moments[i].acknowledged && w->moments[i].end < end)
			s.from = i;
		if (w->moments[i].begin <= cut->position)
			s.to = i;
	}
	return s;
}

static const struct name *
name_at(const struct span *s, unsigned moment, const char *path)
{
	for (unsigned i = 0; i < NAMES_MAX; i++)
		if (strcmp(s->w->moments[moment].names[i].path, path) == 0)
			return &s->w->moments[moment].names[i];
	return NULL;
}

/* Returns whether a file is there at a path with these bytes; the blob may be NULL: any. */
static bool
is_there(const char *path, const struct blob *blob)
{
	static uint8_t data[131072];
	struct vfs_attr attr;
	struct file *file;
	size_t done = 0;
	bool same;

	if (do_stat(path, &attr))
		return false;
	if (!blob)
		return true;
	if (attr.size != blob->size || do_open(path, FILE_READ_ONLY, 0, &file))
		return false;
	same = file_read(file, 0, data, sizeof(data), &done) == 0 && done == blob->size
	       && memcmp(data, blob->data, done) == 0;
	file_close(file);
	return same;
}

/* What a file was all through a span: *blob NULL if it changed. Returns false if it was not there all the time. */
static bool
lived_through(const struct span *s, unsigned id, const struct blob **blob)
{
	for (unsigned m = s->from; m <= s->to; m++) {
		const struct name *found = NULL;

		for (unsigned i = 0; i < NAMES_MAX && !found; i++)
			if (s->w->moments[m].names[i].path[0] && s->w->moments[m].names[i].id == id)
				found = &s->w->moments[m].names[i];
		if (!found)
			return false;
		if (m == s->from)
			*blob = found->blob;
		else if (*blob != found->blob)
			*blob = NULL;
	}
	return true;
}

/* Returns whether a file is at one of the paths it had in a span, as it was. */
static bool
is_somewhere(const struct span *s, unsigned id, const struct blob *blob)
{
	for (unsigned m = s->from; m <= s->to; m++)
		for (unsigned i = 0; i < NAMES_MAX; i++) {
			const struct name *n = &s->w->moments[m].names[i];

			if (n->path[0] && n->id == id && is_there(n->path, blob))
				return true;
		}
	return false;
}

/* What was synced and not changed since is there. */
static void
check_kept(const struct span *s)
{
	for (unsigned i = 0; i < NAMES_MAX; i++) {
		const struct name *n = &s->w->moments[s->from].names[i];
		const struct blob *blob;
		bool stayed = n->path[0] != 0;

		if (!stayed || !lived_through(s, n->id, &blob))
			continue;
		for (unsigned m = s->from; m <= s->to && stayed; m++) {
			const struct name *now = name_at(s, m, n->path);

			stayed = now && now->id == n->id;
		}
		if (stayed ? is_there(n->path, blob) : is_somewhere(s, n->id, blob))
			continue;
		unit_complain(__FILE__, __LINE__, n->path);
	}
}

/* A name that a file had all the time, this one or that, is there: one takes it from another without it being gone. */
static void
check_replaced(const struct span *s)
{
	for (unsigned i = 0; i < NAMES_MAX; i++) {
		const struct name *n = &s->w->moments[s->from].names[i];
		bool stayed = n->path[0] && !n->directory;

		for (unsigned m = s->from; m <= s->to && stayed; m++)
			stayed = name_at(s, m, n->path) != NULL;
		if (stayed && !is_there(n->path, NULL))
			unit_complain(__FILE__, __LINE__, n->path);
	}
}

/* --- with a journal: all names are as at one moment --- */

struct seen {
	const struct span *s;
	char folder[80];
	bool fits[STEPS * 2 + 2];	/* for each moment of the span */
	unsigned count;			/* names found */
};

/* A name that the disk has: moments at which it was not there do not fit. */
static int
see_name(void *context, const struct vfs_dirent *e)
{
	struct seen *seen = context;
	char path[512];

	if (e->name[0] == '.')
		return 0;
	seen->count++;
	snprintf(path, sizeof(path), "%s/%.*s", seen->folder, (int)e->length, e->name);
	for (unsigned m = seen->s->from; m <= seen->s->to; m++) {
		const struct name *n = strlen(path) < 80 ? name_at(seen->s, m, path) : NULL;

		if (!n || n->directory != (e->type == VFS_S_IFDIR))
			seen->fits[m - seen->s->from] = false;
	}
	return 0;
}

static void
see_folder(struct seen *seen, const char *path)
{
	uint64_t position = 0;
	struct walk_start start = from_root();
	struct vnode *vn;

	if (vfs_walk(&start, path, 0, &vn))
		return;
	snprintf(seen->folder, sizeof(seen->folder), "%s", path);
	CHECK_EQ(vfs_readdir(vn, &position, see_name, seen), 0);
	vnode_put(vn);
}

/* Which paths are folders at any moment of a span is known: each is looked at once. */
static void
see_all(struct seen *seen)
{
	const struct span *s = seen->s;

	see_folder(seen, s->w->folder);
	for (unsigned m = s->from; m <= s->to; m++)
		for (unsigned i = 0; i < NAMES_MAX; i++) {
			const struct name *n = &s->w->moments[m].names[i], *before;
			bool again = false;

			if (!n->path[0] || !n->directory)
				continue;
			for (unsigned k = s->from; k < m && !again; k++) {
				before = name_at(s, k, n->path);
				again = before && before->directory;
			}
			if (!again)
				see_folder(seen, n->path);
		}
}

static unsigned
names_in(const struct moment *m)
{
	unsigned count = 0;

	for (unsigned i = 0; i < NAMES_MAX; i++)
		count += m->names[i].path[0] != 0;
	return count;
}

static void
check_names(const struct span *s)
{
	struct seen seen = { .s = s };

	memset(seen.fits, 1, sizeof(seen.fits));
	see_all(&seen);
	for (unsigned m = s->from; m <= s->to; m++)
		if (seen.fits[m - s->from] && names_in(&s->w->moments[m]) == seen.count)
			return;
	unit_complain(__FILE__, __LINE__, "the names are those of one moment");
}

/* Every byte of a file is one that somebody wrote there in the span, or zero: no file shows another's. */
static void
check_bytes(const struct span *s)
{
	static uint8_t data[131072];

	for (unsigned i = 0; i < NAMES_MAX; i++) {
		const struct name *n = &s->w->moments[s->to].names[i], *then;
		struct file *file;
		size_t done = 0, bad = 0;

		if (!n->path[0] || n->directory || do_open(n->path, FILE_READ_ONLY, 0, &file))
			continue;
		CHECK_EQ(file_read(file, 0, data, sizeof(data), &done), 0);
		file_close(file);
		for (size_t at = 0; at < done; at++) {
			bool known = data[at] == 0;

			for (unsigned m = s->from; m <= s->to && !known; m++) {
				then = name_at(s, m, n->path);
				known = then && then->blob && at < then->blob->size
					&& then->blob->data[at] == data[at];
			}
			bad += !known;
		}
		CHECK_EQ(bad, 0);
	}
}

/* Looks at the mounted disk after a cut. */
static void
check_recovered(const struct cut *cut)
{
	for (unsigned i = 0; i < format->workers; i++) {
		struct span s = span_at(&workers[i], cut);

		check_kept(&s);
		check_replaced(&s);
		if (!format->journal)
			continue;
		check_names(&s);
		check_bytes(&s);
	}
}

/* --- recovering --- */

/* Mounts the disk, looks, and unmounts. */
static void
mount_and_look(const struct cut *cut)
{
	REQUIRE(ext2_mount_on(&disk.dev, 512, 1, NULL, &root_mount) == 0);
	CHECK(!root_mount->read_only);
	check_recovered(cut);
	unmount_disk();
}

/* Cuts power again, somewhere in a replay of the image. */
static void
cut_replay(uint64_t seed)
{
	struct host_log replay;
	size_t position;

	host_log_begin(&replay, &disk, format->unit);
	REQUIRE(ext2_mount_on(&disk.dev, 512, 1, NULL, &root_mount) == 0);
	unmount_disk();
	position = seed * 7919 % (host_log_position(&replay) + 1);
	host_log_cut(&replay, position, seed & 4, seed, disk.data);
	host_log_end(&replay, &disk);
}

/* Whether a directory was on its way from one directory to another. */
static bool
is_moving(const struct worker *w, size_t position)
{
	for (unsigned m = 1; m < w->count; m++)
		for (unsigned i = 0; i < NAMES_MAX; i++) {
			const struct name *n = &w->moments[m].names[i], *before = &w->moments[m - 1].names[i];

			if (w->moments[m].begin <= position && position <= w->moments[m].end
				&& n->path[0] && n->directory && n->id == before->id
				&& strcmp(n->path, before->path) != 0)
				return true;
		}
	return false;
}

/* Has the host repair. It may not have to ask. */
static void
host_repairs(size_t position)
{
	bool moving = false;
	int status;

	for (unsigned i = 0; i < format->workers && !format->journal; i++)
		moving |= is_moving(&workers[i], position);
	status = host_check(moving ? "-fy" : "-fp");

	CHECK(status == 0 || status == 1);
	if (status > 1)
		tree_run("head -20 %s/log >&2");
	REQUIRE(host_disk_reload(&disk, tree_path("image")));
}

/* Makes the disk as it is after a cut, recovers it and looks. Returns whether all was well. */
static bool
cut_at(const struct cut *cut, uint64_t seed)
{
	size_t position = cut->position;
	int bad = unit_bad;

	host_log_cut(&history, position, cut->flushed, seed, disk.data);
	host_damage_reports = 0;
	if (format->journal && seed % 4 == 1)
		cut_replay(seed);
	if (!format->journal || seed % 8 == 2)
		host_repairs(position);
	mount_and_look(cut);
	CHECK_CLEAN();
	CHECK_EQ(host_damage_reports, 0);
	if (unit_bad != bad)
		fprintf(stderr, "\tafter write %zu of %zu, seed %llu: %s\n", position,
			history.count, (unsigned long long)seed, format->arguments);
	return unit_bad == bad;
}

static int
in_order(const void *a, const void *b)
{
	const struct cut *x = a, *y = b;

	return x->position != y->position ? (x->position > y->position) - (x->position < y->position)
					  : x->flushed - y->flushed;
}

static void
power_is_cut_anywhere(void)
{
	struct cut *cuts = malloc((cuts_wanted + 1) * sizeof(*cuts));
	unsigned failed = 0;

	REQUIRE(cuts != NULL);
	REQUIRE(make_history(history_seed++));
	for (unsigned i = 0; i <= cuts_wanted && failed < 5; i++) {
		struct cut cut = { history.count * i / cuts_wanted, i % 2 };

		/* Every other one right before a flush: all that it is for may be lost. */
		if (!cut.flushed)
			cut.position = history.flushes[(history.flush_count - 1) * i / cuts_wanted];
		cuts[i] = cut;
	}
	qsort(cuts, cuts_wanted + 1, sizeof(*cuts), in_order);
	for (unsigned i = 0; i <= cuts_wanted && failed < 5; i++)
		failed += !cut_at(&cuts[i], i + 1);
	free(cuts);
	for (unsigned i = 0; i < format->workers; i++)
		worker_end(&workers[i]);
	host_log_end(&history, &disk);
	free(disk.data);
}

/* --- without a journal: one block of names, of which a cut leaves some sectors --- */

#define FULL	60u		/* names in the directory */
#define CHANGES	4u		/* of each kind */
#define MORE	20u		/* names that come at the end */
#define SEEDS	8u		/* for each flush */

static const char *
path_of(unsigned n)
{
	static char paths[2][64];
	static unsigned next;

	snprintf(paths[next ^= 1], sizeof(paths[0]), "/d/a-name-of-some-length-%02u", n);
	return paths[next];
}

/* Files take the names of others, and get names and lose others; then there are more of them. */
static void
change_names(void)
{
	for (unsigned i = 0; i < CHANGES; i++) {
		CHECK_EQ(do_rename(path_of(i), path_of(FULL - 1 - i)), 0);
		CHECK_EQ(do_unlink(path_of(20 + i)), 0);
		CHECK_EQ(do_link(path_of(30 + i), path_of(FULL + i)), 0);
		CHECK_EQ(do_unlink(path_of(30 + i)), 0);
	}
	CHECK_EQ(vfs_sync(), 0);
	for (unsigned i = 0; i < MORE; i++)
		CHECK_EQ(do_create(path_of(FULL + CHANGES + i)), 0);
	CHECK_EQ(vfs_sync(), 0);
}

/* The names that others took, in order, are there, and stand for the file from before or for the one that took it. */
static void
check_taken_names(void)
{
	REQUIRE(ext2_mount_on(&disk.dev, 512, 1, NULL, &root_mount) == 0);
	for (unsigned i = 0; i < CHANGES; i++) {
		const char *path = path_of(FULL - 1 - i);

		CHECK(do_compare(path, i + 1, 0, 10) == 0 || do_compare(path, FULL - i, 0, 10) == 0);
	}
	unmount_disk();
}

static void
no_file_loses_its_name(void)
{
	static const struct format plain = { "-t ext2 -b 4096 -N 400 %s/image 4M", false, BLOCKDEV_SECTOR, 0 };
	int bad = unit_bad;

	format = &plain;
	REQUIRE(mount_new(format->arguments));
	CHECK_EQ(do_mkdir("/d"), 0);
	for (unsigned i = 0; i < FULL; i++)
		CHECK_EQ(do_fill(path_of(i), i + 1, 0, 10, 10, false), 0);
	CHECK_EQ(vfs_sync(), 0);
	host_log_begin(&history, &disk, format->unit);
	change_names();
	unmount_disk();
	disk.log = NULL;
	for (size_t i = 0; i < history.flush_count * SEEDS && unit_bad == bad; i++) {
		host_log_cut(&history, history.flushes[i / SEEDS], false, i + 1, disk.data);
		host_repairs(history.flushes[i / SEEDS]);
		check_taken_names();
	}
	host_log_end(&history, &disk);
	free(disk.data);
}

int
main(void)
{
	static const struct format formats[] = {
		{ "-t ext3 -b 1024 -J size=1 -N 400 %s/image 6M", true, 512, 1 },
		{ "-t ext3 -b 1024 -J size=1 -N 400 %s/image 6M", true, 1024, 3 },
		{ "-t ext3 -b 2048 -J size=2 -N 400 %s/image 8M", true, 2048, 1 },
		{ "-t ext3 -b 4096 -J size=4 -N 400 %s/image 12M", true, 512, 2 },
		{ "-t ext2 -b 1024 -N 400 %s/image 6M", false, 512, 1 },
		{ "-t ext2 -b 1024 -N 400 -I 128 %s/image 6M", false, 1024, 3 },
		{ "-t ext2 -b 4096 -N 400 %s/image 8M", false, 512, 2 },
	};

	if (!tree_begin())
		return 1;
	cuts_wanted = 40 * unit_stress();
	TEST(no_file_loses_its_name);
	for (unsigned i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		format = &formats[i];
		TEST(power_is_cut_anywhere);
	}
	tree_end();
	return unit_done();
}
