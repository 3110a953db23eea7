/*
 * The block map: from a block of a file to a block of the disk.
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
