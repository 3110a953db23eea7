/*
 * Free blocks and inodes: the bitmaps.
 *
 * A bit says in use, in the bitmap on the disk. A second bit in memory, in fs->busy_*, says that a
 * free one is not to be used yet: the transaction that freed it is not on the disk, and until it is
 * the old owner may come back.
 *
 *	bitmap busy
 *	  1     0	in use
 *	  0     1	freed by a transaction not yet committed
 *	  0     0	free
 *
 * Blocks of a file are wanted one after the other, the first of them in the group of its inode; a
 * file's inode in the group of its directory; directories spread over the emptier groups.
 *
 * fs->alloc_lock guards bits and counts. It is not held while the disk is read: the blocks are got
 * first.
 */
#include "ext2.h"

#include <errno.h>

#define NONE 0xffffffffu

static bool
bit_get(const uint8_t *bits, uint32_t n)
{
	return bits[n / 8] >> (n % 8) & 1;
}

static void
bit_set(uint8_t *bits, uint32_t n)
{
	bits[n / 8] |= (uint8_t)(1u << (n % 8));
}

static void
bit_clear(uint8_t *bits, uint32_t n)
{
	bits[n / 8] &= (uint8_t)~(1u << (n % 8));
}

/* A group's bitmap and descriptor, about to be changed. */
struct group {
	uint32_t number;
	struct ext2_group_desc desc;	/* as it was */
	struct buf *bitmap, *table;
};

static void
group_close(struct ext2_fs *fs, struct group *g)
{
	bcache_release(fs->cache, g->bitmap);
	bcache_release(fs->cache, g->table);
}

/* Gets the blocks. Returns 0; EIO. */
static int
group_open(struct ext2_fs *fs, uint32_t number, bool inodes, struct group *g)
{
	int error;

	g->number = number;
	error = ext2_group_read(fs, number, &g->desc);
	if (!error)
		error = bcache_get(fs->cache, ext2_group_block(fs, number), &g->table);
	if (error)
		return error;
	error = bcache_get(fs->cache, inodes ? g->desc.bg_inode_bitmap : g->desc.bg_block_bitmap,
		&g->bitmap);
	if (error)
		bcache_release(fs->cache, g->table);
	return error;
}

static void
group_change(struct ext2_handle *h, struct group *g)
{
	ext2_change(h, g->bitmap, EXT2_BITMAP);
	ext2_change(h, g->table, EXT2_BITMAP);
}

/* --- blocks --- */

/*
 * Returns 0 if the bitmap marks the group's own metadata as in use, as far as it lies in the group:
 * otherwise allocating from it would destroy the file system.
 */
static int
check_bitmap(struct ext2_fs *fs, struct group *g)
{
	uint32_t count, first = ext2_group_first(fs, g->number, &count);
	uint32_t tables = fs->super.s_inodes_per_group / (fs->block_size / fs->inode_size);
	const uint8_t *bits = g->bitmap->data;
	bool bad = false;

	if (bit_get(fs->checked_groups, g->number))
		return 0;
	if (g->desc.bg_block_bitmap - first < count)
		bad |= !bit_get(bits, g->desc.bg_block_bitmap - first);
	if (g->desc.bg_inode_bitmap - first < count)
		bad |= !bit_get(bits, g->desc.bg_inode_bitmap - first);
	for (uint32_t i = 0; i < tables; i++)
		if (g->desc.bg_inode_table + i - first < count)
			bad |= !bit_get(bits, g->desc.bg_inode_table + i - first);
	if (bad)
		return ext2_damaged(fs, "block bitmap of group", g->number);
	os_mutex_lock(&fs->alloc_lock);
	bit_set(fs->checked_groups, g->number);
	os_mutex_unlock(&fs->alloc_lock);
	return 0;
}

/* Returns a free bit of [from, to), whole bytes in use skipped; NONE. Conditions: alloc_lock held. */
static uint32_t
find_free(const uint8_t *bits, const uint8_t *busy, uint32_t busy_from, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i++) {
		if (i % 8 == 0 && bits[i / 8] == 0xff)
			i += 7;
		else if (!bit_get(bits, i) && !bit_get(busy, busy_from + i))
			return i;
	}
	return NONE;
}

/* Takes a block of an open group, from `at` on and around. Returns it, or 0. */
static uint32_t
take_block(struct ext2_handle *h, struct group *g, uint32_t at)
{
	struct ext2_fs *fs = h->fs;
	uint32_t count, first = ext2_group_first(fs, g->number, &count), bit;
	struct ext2_group_desc *d = ext2_group_at(fs, g->table, g->number);

	os_mutex_lock(&fs->alloc_lock);
	bit = find_free(g->bitmap->data, fs->busy_blocks, first, at, count);
	if (bit == NONE)
		bit = find_free(g->bitmap->data, fs->busy_blocks, first, 0, at < count ? at : count);
	if (bit != NONE) {
		bit_set(g->bitmap->data, bit);
		if (d->bg_free_blocks_count > 0)
			d->bg_free_blocks_count--;
		if (fs->super.s_free_blocks_count > 0)
			fs->super.s_free_blocks_count--;
	}
	os_mutex_unlock(&fs->alloc_lock);
	return bit == NONE ? 0 : first + bit;
}

/* Returns whether one who is not privileged may have another block. */
static bool
above_reserve(struct ext2_fs *fs, bool privileged)
{
	bool enough;

	os_mutex_lock(&fs->alloc_lock);
	enough = fs->super.s_free_blocks_count > (privileged ? 0 : fs->super.s_r_blocks_count);
	os_mutex_unlock(&fs->alloc_lock);
	return enough;
}

/* Tries one group. Returns 0 with *block, which is 0 if there is none; EIO. */
static int
alloc_in(struct ext2_handle *h, uint32_t group, uint32_t at, uint32_t *block)
{
	struct ext2_fs *fs = h->fs;
	struct ext2_group_desc desc;
	struct group g;
	int error = ext2_group_read(fs, group, &desc);

	*block = 0;
	if (error || desc.bg_free_blocks_count == 0)
		return error;
	error = group_open(fs, group, false, &g);
	if (error)
		return error;
	error = check_bitmap(fs, &g);
	if (!error && ext2_credits_left(h) >= 2) {
		group_change(h, &g);
		*block = take_block(h, &g, at);
	}
	group_close(fs, &g);
	return error;
}

int
ext2_block_alloc(struct ext2_handle *h, uint32_t goal, bool privileged, uint32_t *block)
{
	struct ext2_fs *fs = h->fs;
	uint32_t start, at = 0;
	int error = 0;

	if (!above_reserve(fs, privileged))
		return ENOSPC;
	if (!ext2_block_valid(fs, goal))
		goal = fs->super.s_first_data_block + 1;
	start = (goal - fs->super.s_first_data_block) / fs->super.s_blocks_per_group;
	at = (goal - fs->super.s_first_data_block) % fs->super.s_blocks_per_group;
	for (uint32_t i = 0; i < fs->group_count; i++) {
		bool data = false;

		error = alloc_in(h, (start + i) % fs->group_count, i == 0 ? at : 0, block);
		if (error)
			return error;
		if (*block == 0)
			continue;
		if (ext2_block_valid(fs, *block))
			error = ext2_is_data(fs, *block, 1, &data);
		if (!error && !data)
			error = ext2_damaged(fs, "block bitmap frees metadata block", *block);
		return error;
	}
	return ENOSPC;
}

/* Notes that blocks are free but not to be used again yet. Conditions: alloc_lock held. */
static void
note_freed(struct ext2_handle *h, uint32_t block, uint32_t count)
{
	struct ext2_trans *t = &h->fs->trans;
	struct ext2_list *list = &t->lists.freed_blocks;

	for (uint32_t i = 0; i < count; i++)
		bit_set(h->fs->busy_blocks, block + i);
	os_mutex_lock(&t->lock);
	/* Without memory for the note they stay unused until the next mount. */
	if (ext2_list_add(list, block) == 0 && ext2_list_add(list, count) != 0)
		list->count--;
	os_mutex_unlock(&t->lock);
}

/* Clears the bits. Returns false if one was clear already. */
static bool
give_blocks(struct ext2_handle *h, struct group *g, uint32_t block, uint32_t count)
{
	struct ext2_fs *fs = h->fs;
	struct ext2_group_desc *d = ext2_group_at(fs, g->table, g->number);
	uint32_t in_group, bit = block - ext2_group_first(fs, g->number, &in_group);
	bool ok = true;

	os_mutex_lock(&fs->alloc_lock);
	for (uint32_t i = 0; i < count; i++)
		ok &= bit_get(g->bitmap->data, bit + i);
	for (uint32_t i = 0; ok && i < count; i++)
		bit_clear(g->bitmap->data, bit + i);
	if (ok) {
		d->bg_free_blocks_count = (uint16_t)(d->bg_free_blocks_count + count);
		fs->super.s_free_blocks_count += count;
		note_freed(h, block, count);
	}
	os_mutex_unlock(&fs->alloc_lock);
	return ok;
}

int
ext2_block_free(struct ext2_handle *h, uint32_t block, uint32_t count)
{
	struct ext2_fs *fs = h->fs;
	struct group g;
	bool data;
	int error;

	if (!ext2_block_valid(fs, block) || !ext2_block_valid(fs, block + count - 1))
		return ext2_damaged(fs, "block to be freed", block);
	error = ext2_is_data(fs, block, count, &data);
	if (!error && !data)
		error = ext2_damaged(fs, "a file has metadata block", block);
	if (!error)
		error = group_open(fs, (block - fs->super.s_first_data_block)
			/ fs->super.s_blocks_per_group, false, &g);
	if (error)
		return error;
	group_change(h, &g);
	if (!give_blocks(h, &g, block, count))
		error = ext2_damaged(fs, "block freed twice", block);
	group_close(fs, &g);
	return error;
}

/* --- inodes --- */

/*
 * Purpose: which group a new inode had best be in.
 * A file: its parent's. A directory: the one with the most free blocks among those with an average
 * share of free inodes; the parent's, if that is one of the better half.
 */
static uint32_t
choose_group(struct ext2_fs *fs, uint32_t parent, bool directory)
{
	uint32_t own = (parent - 1) / fs->super.s_inodes_per_group, best = own;
	uint32_t average = fs->super.s_free_inodes_count / fs->group_count;
	uint32_t most = 0;

	if (!directory)
		return own;
	for (uint32_t i = 0; i < fs->group_count; i++) {
		uint32_t group = (own + i) % fs->group_count;
		struct ext2_group_desc d;

		if (ext2_group_read(fs, group, &d) || d.bg_free_inodes_count < average
		    || d.bg_free_inodes_count == 0 || d.bg_free_blocks_count <= most)
			continue;
		best = group;
		most = d.bg_free_blocks_count;
		if (i == 0)
			most += most / 2;	/* moving away has to be worth it */
	}
	return best;
}

/* Takes an inode of an open group. Returns it, or 0. */
static uint32_t
take_inode(struct ext2_handle *h, struct group *g, bool directory)
{
	struct ext2_fs *fs = h->fs;
	uint32_t first = g->number * fs->super.s_inodes_per_group;	/* number of bit 0, minus 1 */
	uint32_t from = first + 1 >= fs->first_ino ? 0 : fs->first_ino - 1 - first, bit;
	struct ext2_group_desc *d = ext2_group_at(fs, g->table, g->number);

	if (from >= fs->super.s_inodes_per_group)
		return 0;
	os_mutex_lock(&fs->alloc_lock);
	bit = find_free(g->bitmap->data, fs->busy_inodes, first, from, fs->super.s_inodes_per_group);
	if (bit != NONE) {
		bit_set(g->bitmap->data, bit);
		if (d->bg_free_inodes_count > 0)
			d->bg_free_inodes_count--;
		if (fs->super.s_free_inodes_count > 0)
			fs->super.s_free_inodes_count--;
		if (directory)
			d->bg_used_dirs_count++;
	}
	os_mutex_unlock(&fs->alloc_lock);
	return bit == NONE ? 0 : first + bit + 1;
}

static int
note_born(struct ext2_handle *h, uint32_t ino, bool directory)
{
	struct ext2_trans *t = &h->fs->trans;
	int error;

	if (t->journal)
		return 0;
	os_mutex_lock(&t->lock);
	error = ext2_list_add(&t->lists.born, ino);
	if (!error && directory)
		error = ext2_list_add(&t->lists.new_dirs, ino);
	os_mutex_unlock(&t->lock);
	return error;
}

/* Tries one group. Returns 0 with *ino, which is 0 if there is none; EIO. */
static int
inode_alloc_in(struct ext2_handle *h, uint32_t group, bool directory, uint32_t *ino)
{
	struct ext2_group_desc desc;
	struct group g;
	int error = ext2_group_read(h->fs, group, &desc);

	*ino = 0;
	if (error || desc.bg_free_inodes_count == 0)
		return error;
	error = group_open(h->fs, group, true, &g);
	if (error)
		return error;
	if (ext2_credits_left(h) >= 2) {
		group_change(h, &g);
		*ino = take_inode(h, &g, directory);
	}
	group_close(h->fs, &g);
	return 0;
}

int
ext2_inode_alloc(struct ext2_handle *h, uint32_t parent, bool directory, uint32_t *ino)
{
	struct ext2_fs *fs = h->fs;
	uint32_t start = choose_group(fs, parent, directory);

	for (uint32_t i = 0; i < fs->group_count; i++) {
		int error = inode_alloc_in(h, (start + i) % fs->group_count, directory, ino);

		if (error)
			return error;
		if (*ino == 0)
			continue;
		error = note_born(h, *ino, directory);
		if (error)
			(void)ext2_inode_free(h, *ino, directory);
		return error;
	}
	return ENOSPC;
}

int
ext2_inode_free(struct ext2_handle *h, uint32_t ino, bool directory)
{
	struct ext2_fs *fs = h->fs;
	uint32_t bit = (ino - 1) % fs->super.s_inodes_per_group;
	struct ext2_group_desc *d;
	struct group g;
	bool ok;
	int error = group_open(fs, (ino - 1) / fs->super.s_inodes_per_group, true, &g);

	if (error)
		return error;
	group_change(h, &g);
	d = ext2_group_at(fs, g.table, g.number);
	os_mutex_lock(&fs->alloc_lock);
	ok = bit_get(g.bitmap->data, bit);
	if (ok) {
		bit_clear(g.bitmap->data, bit);
		bit_set(fs->busy_inodes, ino - 1);
		d->bg_free_inodes_count++;
		fs->super.s_free_inodes_count++;
		if (directory && d->bg_used_dirs_count > 0)
			d->bg_used_dirs_count--;
		os_mutex_lock(&fs->trans.lock);
		(void)ext2_list_add(&fs->trans.lists.freed_inodes, ino - 1);	/* else: never reused */
		os_mutex_unlock(&fs->trans.lock);
	}
	os_mutex_unlock(&fs->alloc_lock);
	group_close(fs, &g);
	return ok ? 0 : ext2_damaged(fs, "inode freed twice", ino);
}

void
ext2_freed_reusable(struct ext2_fs *fs, const struct ext2_lists *lists)
{
	os_mutex_lock(&fs->alloc_lock);
	for (size_t i = 0; i + 1 < lists->freed_blocks.count; i += 2)
		for (uint32_t j = 0; j < lists->freed_blocks.items[i + 1]; j++)
			bit_clear(fs->busy_blocks, lists->freed_blocks.items[i] + j);
	for (size_t i = 0; i < lists->freed_inodes.count; i++)
		bit_clear(fs->busy_inodes, lists->freed_inodes.items[i]);
	os_mutex_unlock(&fs->alloc_lock);
}
