/*
 * Indexes of large directories, in memory: from the hash of a name to the places of the entries whose
 * names have it, so that a lookup reads one block instead of all.
 *
 * An index is made by the first lookup, by reading the directory once, and kept up to date by whoever
 * adds and removes names. It only tells where to look: the entry there is read and compared as ever.
 * Indexes are kept by inode number, the one used last in front; the last ones go when all together
 * would use more memory than index_room. A directory that is too large for that, or cannot be read
 * to its end, gets an index without slots, and is searched from the beginning.
 *
 * The slots are an open hash table:
 *
 *	| hash, place | 0 | hash, place | hash, GONE | ...	place: position / 4 + 1; 0: never used
 *
 * A directory's vnode lock keeps its names from changing while its index is made; the lock of the
 * indexes is held for moments, and over nothing.
 */
#include "ext2.h"

#include <errno.h>
#include <string.h>

#define BLOCKS_MIN	4u		/* of a directory that gets an index */
#define SLOTS_MIN	512u
#define INDEXES_MAX	32u
#define ROOM_MIN	(64u << 10)	/* bytes */
#define CACHE_PART	8u		/* of the block cache's memory */
#define GONE		UINT32_MAX

struct slot {
	uint32_t hash, place;
};

struct ext2_index {
	struct ext2_index *next;
	uint32_t ino;
	uint32_t used;			/* slots that are not 0, GONE included */
	uint32_t size;			/* slots, a power of two; 0: there is no index */
	struct slot *slots;
};

void
ext2_indexes_init(struct ext2_fs *fs)
{
	uint64_t room = (uint64_t)bcache_size(fs->cache) * fs->block_size / CACHE_PART;

	os_mutex_init(&fs->index_lock);
	fs->index_room = room > ROOM_MIN ? (size_t)room : ROOM_MIN;
	fs->index_seed = (uint32_t)(os_now() >> 10) ^ (uint32_t)(uintptr_t)fs;
}

static size_t
bytes_of(uint32_t slots)
{
	return (size_t)slots * sizeof(struct slot);
}

/* --- one index --- */

/* FNV-1a, mixed; the seed keeps names that collide from being made up beforehand. */
static uint32_t
hash_of(const struct ext2_fs *fs, const char *name, size_t length)
{
	uint32_t hash = 2166136261u ^ fs->index_seed;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (uint8_t)name[i]) * 16777619u;
	hash = (hash ^ hash >> 15) * 0x2c1b3c6du;
	return hash ^ hash >> 13;
}

static uint32_t
place_of(uint64_t position)
{
	return (uint32_t)(position / 4) + 1;
}

static void
put(struct ext2_index *index, uint32_t hash, uint32_t place)
{
	uint32_t i = hash & (index->size - 1);

	while (index->slots[i].place != 0)
		i = (i + 1) & (index->size - 1);
	index->slots[i] = (struct slot){ hash, place };
	index->used++;
}

static void
slots_free(struct ext2_index *index)
{
	if (index->slots)
		os_pages_free(index->slots, bytes_of(index->size));
	index->slots = NULL;
	index->size = index->used = 0;
}

/* Makes a table with room for twice the names there are. Returns false: it cannot be had, the old one stays. */
static bool
grow(const struct ext2_fs *fs, struct ext2_index *index)
{
	struct ext2_index larger = { .size = SLOTS_MIN };
	uint32_t names = 0;

	for (uint32_t i = 0; i < index->size; i++)
		names += index->slots[i].place != 0 && index->slots[i].place != GONE;
	while (larger.size < 2 * (names + 1))
		larger.size *= 2;
	if (bytes_of(larger.size) > fs->index_room)
		return false;
	larger.slots = os_pages_alloc(bytes_of(larger.size));
	if (!larger.slots)
		return false;
	for (uint32_t i = 0; i < index->size; i++)
		if (index->slots[i].place != 0 && index->slots[i].place != GONE)
			put(&larger, index->slots[i].hash, index->slots[i].place);
	slots_free(index);
	index->slots = larger.slots;
	index->size = larger.size;
	index->used = larger.used;
	return true;
}

/* Returns false: no room. */
static bool
add(const struct ext2_fs *fs, struct ext2_index *index, uint32_t hash, uint32_t place)
{
	if (index->used + 1 > index->size / 4 * 3 && !grow(fs, index))
		return false;
	put(index, hash, place);
	return true;
}

static void
places_add(struct ext2_places *places, uint64_t position)
{
	unsigned i = places->count++;

	for (; i > 0 && places->positions[i - 1] > position; i--)
		places->positions[i] = places->positions[i - 1];
	places->positions[i] = position;
}

/* Returns false: more places than are worth looking at. */
static bool
collect(const struct ext2_index *index, uint32_t hash, struct ext2_places *places)
{
	uint32_t i = hash & (index->size - 1);

	places->count = 0;
	for (; index->slots[i].place != 0; i = (i + 1) & (index->size - 1)) {
		if (index->slots[i].hash != hash || index->slots[i].place == GONE)
			continue;
		if (places->count == EXT2_PLACES_MAX)
			return false;
		places_add(places, (uint64_t)(index->slots[i].place - 1) * 4);
	}
	return true;
}

/* --- all of them; conditions: the lock held --- */

static void
unlink_index(struct ext2_index **link)
{
	struct ext2_index *index = *link;

	*link = index->next;
	slots_free(index);
	os_free(index);
}

/* Returns a directory's index, now the first; NULL. */
static struct ext2_index *
find(struct ext2_fs *fs, uint32_t ino)
{
	for (struct ext2_index **link = &fs->indexes; *link; link = &(*link)->next) {
		struct ext2_index *index = *link;

		if (index->ino != ino)
			continue;
		*link = index->next;
		index->next = fs->indexes;
		fs->indexes = index;
		return index;
	}
	return NULL;
}

/* Lets those used longest ago go, while there are too many or they use too much; never the first. */
static void
shrink(struct ext2_fs *fs)
{
	struct ext2_index **link = &fs->indexes;
	size_t bytes = 0;
	unsigned count = 0;

	while (*link) {
		bytes += bytes_of((*link)->size);
		if (++count > 1 && (bytes > fs->index_room || count > INDEXES_MAX)) {
			bytes -= bytes_of((*link)->size);
			unlink_index(link);
			count--;
		} else {
			link = &(*link)->next;
		}
	}
}

void
ext2_indexes_destroy(struct ext2_fs *fs)
{
	while (fs->indexes)
		unlink_index(&fs->indexes);
}

void
ext2_index_drop(struct ext2_inode *dir)
{
	struct ext2_fs *fs = dir->fs;

	os_mutex_lock(&fs->index_lock);
	if (find(fs, dir->ino))
		unlink_index(&fs->indexes);
	os_mutex_unlock(&fs->index_lock);
}

/* --- making one --- */

struct making {
	struct ext2_fs *fs;
	struct ext2_index *index;
};

/* Stops where there is no room. */
static int
note(void *context, const struct ext2_dirent *e)
{
	struct making *m = context;
	uint32_t hash = hash_of(m->fs, e->name, e->name_length);

	return !add(m->fs, m->index, hash, place_of(e->position));
}

/* Makes an index and puts it in front, unless somebody else was faster, or all of the directory cannot be read now. */
static void
make(struct ext2_inode *dir)
{
	struct ext2_fs *fs = dir->fs;
	struct ext2_index *index = os_alloc(sizeof(*index));
	struct making m = { fs, index };
	uint64_t position = 0;
	int error;

	if (!index)
		return;
	index->ino = dir->ino;
	error = ext2_dir_walk(dir, &position, note, &m);
	if (error || position < dir->size)
		slots_free(index);
	os_mutex_lock(&fs->index_lock);
	if (error == OS_LATER || find(fs, dir->ino)) {
		slots_free(index);
		os_free(index);
	} else {
		index->next = fs->indexes;
		fs->indexes = index;
	}
	shrink(fs);
	os_mutex_unlock(&fs->index_lock);
}

bool
ext2_index_find(struct ext2_inode *dir, const char *name, size_t length, struct ext2_places *places)
{
	struct ext2_fs *fs = dir->fs;
	bool found = false, known = false;

	/* What a failed file system has in memory and on the disk may differ: the disk counts then. */
	if (dir->size >> fs->block_shift < BLOCKS_MIN || __atomic_load_n(&fs->failed, __ATOMIC_RELAXED))
		return false;
	for (unsigned try = 0; try < 2 && !known; try++) {
		struct ext2_index *index;

		if (try == 1)
			make(dir);
		os_mutex_lock(&fs->index_lock);
		index = find(fs, dir->ino);
		known = index != NULL;
		found = known && index->slots && collect(index, hash_of(fs, name, length), places);
		os_mutex_unlock(&fs->index_lock);
	}
	return found;
}

void
ext2_index_add(struct ext2_inode *dir, const char *name, size_t length, uint64_t position)
{
	struct ext2_fs *fs = dir->fs;
	struct ext2_index *index;

	os_mutex_lock(&fs->index_lock);
	index = find(fs, dir->ino);
	if (index && index->slots) {
		if (!add(fs, index, hash_of(fs, name, length), place_of(position)))
			slots_free(index);
		shrink(fs);
	}
	os_mutex_unlock(&fs->index_lock);
}

void
ext2_index_remove(struct ext2_inode *dir, const char *name, size_t length, uint64_t position)
{
	struct ext2_fs *fs = dir->fs;
	uint32_t hash = hash_of(fs, name, length), place = place_of(position), i;
	struct ext2_index *index;

	os_mutex_lock(&fs->index_lock);
	index = find(fs, dir->ino);
	if (index && index->slots) {
		i = hash & (index->size - 1);
		while (index->slots[i].place != 0 && index->slots[i].place != place)
			i = (i + 1) & (index->size - 1);
		if (index->slots[i].place == place)
			index->slots[i].place = GONE;
	}
	os_mutex_unlock(&fs->index_lock);
}
