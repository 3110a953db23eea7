/*
 * The block map: from a block of a file to a block of the disk, and filling its holes.
 *
 * A file block number is turned into a path: which of the inode's pointers, then one index per
 * indirect block. Reading follows the path; whoever allocates blocks follows the same one.
 *
 *	index            depth   indexes
 *	0 .. 11            0     { index }
 *	.. + P             1     { 12, i }
 *	.. + P*P           2     { 13, i, j }
 *	.. + P*P*P         3     { 14, i, j, k }
 */
#include "ext2.h"

#include <errno.h>
#include <string.h>

struct map_path {
	unsigned depth;			/* indirect blocks on the way */
	uint32_t index[4];
};

/* Returns 0; EFBIG when the map does not reach that far. */
static int
path_find(const struct ext2_fs *fs, uint64_t index, struct map_path *path)
{
	unsigned shift = fs->pointers_shift;
	uint64_t reach = EXT2_DIRECT_BLOCKS;

	for (path->depth = 0; index >= reach; path->depth++) {
		if (path->depth == 3)
			return EFBIG;
		index -= reach;
		reach = 1ull << shift * (path->depth + 1);
	}
	if (path->depth == 0) {
		path->index[0] = index;
		return 0;
	}
	path->index[0] = EXT2_DIRECT_BLOCKS + path->depth - 1;
	for (unsigned i = path->depth; i > 0; i--) {
		path->index[i] = index & ((1u << shift) - 1);
		index >>= shift;
	}
	return 0;
}

/*
 * Counts how many of the pointers from table[0] on (at most `limit`) continue the run. Returns 0 or
 * EIO.
 */
static int
run_measure(struct ext2_inode *inode, const uint32_t *table, uint32_t limit, struct ext2_run *run)
{
	uint32_t first = table[0];
	uint32_t n = 1;

	if (first != 0 && !ext2_block_valid(inode->fs, first))
		return ext2_damaged(inode->fs, "block number in inode", inode->ino);
	while (n < limit && table[n] == (first ? first + n : 0) &&
		(first == 0 || ext2_block_valid(inode->fs, first + n)))
		n++;
	run->block = first;
	run->count = n;
	return 0;
}

static uint32_t
min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* A hole at this level of the path: everything below the missing pointer is absent. */
static void
run_hole(const struct ext2_fs *fs, const struct map_path *path, unsigned level, uint32_t want,
	struct ext2_run *run)
{
	uint64_t below = 1, position = 0;

	for (unsigned i = level; i <= path->depth; i++) {
		below <<= fs->pointers_shift;
		position = (position << fs->pointers_shift) | path->index[i];
	}
	run->block = 0;
	run->count = min_u64(below - position, want);
}

int
ext2_map(struct ext2_inode *inode, uint64_t index, uint32_t want, struct ext2_run *run)
{
	struct ext2_fs *fs = inode->fs;
	uint32_t per_block = 1u << fs->pointers_shift;
	struct map_path path;
	struct buf *b;
	uint32_t block;
	int error;

	error = path_find(fs, index, &path);
	if (error)
		return error;
	if (path.depth == 0)
		return run_measure(inode, &inode->block[path.index[0]],
			min_u64(want, EXT2_DIRECT_BLOCKS - path.index[0]), run);
	block = inode->block[path.index[0]];
	for (unsigned level = 1; ; level++) {
		const uint32_t *table;

		if (block == 0) {
			run_hole(fs, &path, level, want, run);
			return 0;
		}
		if (!ext2_block_valid(fs, block))
			return ext2_damaged(fs, "indirect block of inode", inode->ino);
		error = bcache_get(fs->cache, block, &b);
		if (error)
			return error;
		table = (const uint32_t *)b->data + path.index[level];
		block = *table;
		if (level == path.depth)
			error = run_measure(inode, table,
				min_u64(want, per_block - path.index[level]), run);
		bcache_release(fs->cache, b);
		if (level == path.depth)
			return error;
	}
}

/* --- adding a block --- */

/* Where the next block of a file should lie. */
static uint32_t
goal_of(const struct ext2_inode *inode, uint64_t index)
{
	struct ext2_fs *fs = inode->fs;
	uint32_t group = (inode->ino - 1) / fs->super.s_inodes_per_group, count;

	if (inode->goal_block && index > inode->goal_index && index - inode->goal_index < 1024)
		return inode->goal_block + 1;
	if (inode->goal_block && index == inode->goal_index)
		return inode->goal_block;
	return ext2_group_first(fs, group, &count) + 1;
}

/* The way to a hole: how much of it exists, and the block that ends the existing part. */
struct way {
	struct map_path path;
	unsigned level;			/* of the pointer that is missing: 0 is in the inode */
	struct buf *table;		/* its block, referenced, if level > 0 */
};

/* Follows the path to the first missing pointer. Returns 0; EEXIST; EIO; EFBIG. */
static int
way_find(struct ext2_inode *inode, uint64_t index, struct way *way)
{
	struct ext2_fs *fs = inode->fs;
	uint32_t block;
	int error = path_find(fs, index, &way->path);

	way->table = NULL;
	if (error)
		return error;
	block = inode->block[way->path.index[0]];
	for (way->level = 0; block != 0; way->level++) {
		struct buf *next;
		bool data = false;

		if (way->level == way->path.depth) {
			error = EEXIST;
		} else if (!ext2_block_valid(fs, block)) {
			error = ext2_damaged(fs, "indirect block of inode", inode->ino);
		} else {
			error = ext2_is_data(fs, block, 1, &data);
			if (!error && !data)
				error = ext2_damaged(fs, "metadata as map of inode", inode->ino);
		}
		if (!error)
			error = bcache_get(fs->cache, block, &next);
		if (way->table)
			bcache_release(fs->cache, way->table);
		way->table = NULL;
		if (error)
			return error;
		way->table = next;
		block = ((const uint32_t *)next->data)[way->path.index[way->level + 1]];
	}
	return 0;
}

/* Gives `count` blocks back that were just taken. */
static void
give_back(struct ext2_handle *h, const uint32_t *blocks, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		(void)ext2_block_free(h, blocks[i], 1);
}

/* Takes `count` blocks: the last for data, those before for the map. Returns 0; ENOSPC; EIO. */
static int
take_blocks(struct ext2_handle *h, struct ext2_inode *inode, uint64_t index, bool privileged,
	unsigned count, uint32_t *blocks)
{
	uint32_t goal = goal_of(inode, index);

	for (unsigned i = 0; i < count; i++) {
		int error = ext2_block_alloc(h, goal, privileged, &blocks[i]);

		if (error) {
			give_back(h, blocks, i);
			return error;
		}
		goal = blocks[i] + 1;
	}
	return 0;
}

/* Makes blocks[0..count-1) indirect blocks that lead to blocks[count-1]. Returns 0; EIO. */
static int
chain_make(struct ext2_handle *h, const struct way *way, const uint32_t *blocks, unsigned count)
{
	for (unsigned i = 0; i + 1 < count; i++) {
		struct buf *b;
		int error = bcache_get_new(h->fs->cache, blocks[i], &b);

		if (error)
			return error;
		ext2_change(h, b, EXT2_NEW);
		((uint32_t *)b->data)[way->path.index[way->level + 1 + i]] = blocks[i + 1];
		bcache_release(h->fs->cache, b);
	}
	return 0;
}

int
ext2_map_add(struct ext2_handle *h, struct ext2_inode *inode, uint64_t index, bool privileged,
	uint32_t *block)
{
	struct ext2_fs *fs = inode->fs;
	uint32_t blocks[4];
	struct way way;
	unsigned count;
	int error = way_find(inode, index, &way);

	if (error)
		return error;
	count = way.path.depth - way.level + 1;
	error = take_blocks(h, inode, index, privileged, count, blocks);
	if (!error)
		error = chain_make(h, &way, blocks, count);
	if (!error && way.table) {
		ext2_change(h, way.table, EXT2_MAP);
		((uint32_t *)way.table->data)[way.path.index[way.level]] = blocks[0];
	} else if (!error) {
		inode->block[way.path.index[0]] = blocks[0];
	}
	if (way.table)
		bcache_release(fs->cache, way.table);
	if (error)
		return error;
	inode->sectors += count * (fs->block_size / 512);
	inode->goal_index = index;
	inode->goal_block = *block = blocks[count - 1];
	return 0;
}
