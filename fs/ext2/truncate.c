/*
 * Cutting files, and letting them grow without data.
 *
 * Blocks are freed from the end, a handle's worth at a time; meanwhile the file, whose size is
 * already the new one, is on the orphan list, so that after a crash the rest is freed too.
 */
#include "ext2.h"

#include <errno.h>
#include <string.h>

/* A walk through a map from its end. */
struct trim {
	struct ext2_handle *h;
	struct ext2_inode *inode;
	uint64_t keep;			/* file blocks below this stay */
	bool metadata;			/* the blocks of a directory: a journal may know them */
	unsigned maps_freed;		/* blocks a journal has to revoke */
};

#define MAPS_MAX 200u			/* under one handle */

/* Whether the handle still has credits for a block in yet another group, and its map block. */
static bool
can_go_on(const struct trim *t)
{
	return ext2_credits_left(t->h) >= 8 && t->maps_freed < MAPS_MAX;
}

static int
free_one(struct trim *t, uint32_t block, bool metadata)
{
	int error = ext2_block_free(t->h, block, 1);
	uint32_t sectors = t->inode->fs->block_size / 512;

	if (error)
		return error;
	ext2_forget(t->h, block, metadata);
	t->maps_freed += metadata;
	t->inode->sectors -= t->inode->sectors < sectors ? t->inode->sectors : sectors;
	return 0;
}

static int trim_table(struct trim *t, uint32_t block, unsigned depth, uint64_t first, bool *empty);

/*
 * Purpose: free what hangs on a pointer to a tree of `depth` levels of tables, which maps file
 * blocks from `first` on.
 * Returns: 0, with *pointer 0 if all of it is gone; EAGAIN when credits are used up; EIO.
 */
static int
trim_pointer(struct trim *t, uint32_t *pointer, unsigned depth, uint64_t first)
{
	bool empty = true;
	int error = 0;

	if (*pointer == 0)
		return 0;
	if (!can_go_on(t))
		return EAGAIN;
	if (depth > 0)
		error = trim_table(t, *pointer, depth, first, &empty);
	if (!error && empty) {
		error = free_one(t, *pointer, depth > 0 || t->metadata);
		if (!error)
			*pointer = 0;
	}
	return error;
}

/* As trim_pointer, for a block of pointers; *empty tells that it holds none any more. */
static int
trim_table(struct trim *t, uint32_t block, unsigned depth, uint64_t first, bool *empty)
{
	struct ext2_fs *fs = t->inode->fs;
	uint64_t below = 1ull << fs->pointers_shift * (depth - 1);	/* blocks under a pointer */
	uint32_t i = 1u << fs->pointers_shift;
	struct buf *b;
	bool data = false;
	int error = 0;

	if (!ext2_block_valid(fs, block))
		return ext2_damaged(fs, "indirect block of inode", t->inode->ino);
	error = ext2_is_data(fs, block, 1, &data);
	if (!error && !data)
		error = ext2_damaged(fs, "metadata as map of inode", t->inode->ino);
	if (!error)
		error = bcache_get(fs->cache, block, &b);
	if (error)
		return error;
	while (i > 0 && !error && first + i * below > t->keep) {
		uint32_t *pointer = (uint32_t *)b->data + i - 1, value = *pointer;

		error = trim_pointer(t, &value, depth - 1, first + (i - 1) * below);
		if (value != *pointer) {
			ext2_change(t->h, b, EXT2_MAP);
			*pointer = value;
		}
		if (!error)
			i--;
	}
	*empty = i == 0;
	bcache_release(fs->cache, b);
	return error;
}

int
ext2_map_trim(struct ext2_handle *h, struct ext2_inode *inode, uint64_t keep, bool *done)
{
	struct trim t = {
		h, inode, keep, (inode->mode & EXT2_S_IFMT) == EXT2_S_IFDIR, 0,
	};
	uint64_t first[EXT2_BLOCK_POINTERS], p = 1ull << inode->fs->pointers_shift;
	int error = 0;

	for (unsigned i = 0; i <= EXT2_DIRECT_BLOCKS; i++)
		first[i] = i;
	first[EXT2_DIRECT_BLOCKS + 1] = first[EXT2_DIRECT_BLOCKS] + p;
	first[EXT2_DIRECT_BLOCKS + 2] = first[EXT2_DIRECT_BLOCKS + 1] + p * p;
	for (unsigned i = EXT2_BLOCK_POINTERS; i-- > 0 && !error;) {
		unsigned depth = i < EXT2_DIRECT_BLOCKS ? 0 : i - EXT2_DIRECT_BLOCKS + 1;
		uint64_t end = i + 1 < EXT2_BLOCK_POINTERS ? first[i + 1] : UINT64_MAX;

		if (end <= keep)
			break;
		error = trim_pointer(&t, &inode->block[i], depth, first[i]);
	}
	*done = !error;
	return error == EAGAIN ? 0 : error;
}

/* Zeros the last block of the file beyond its end: it may grow again. Returns 0 or EIO. */
static int
clear_tail(struct ext2_inode *inode, uint64_t size)
{
	struct ext2_fs *fs = inode->fs;
	size_t used = size & (fs->block_size - 1);
	struct ext2_run run;
	struct buf *b;
	bool data = false;
	int error;

	if (used == 0)
		return 0;
	error = ext2_map(inode, size >> fs->block_shift, 1, &run);
	if (error || run.block == 0)
		return error;
	error = ext2_is_data(fs, run.block, 1, &data);
	if (!error && !data)
		error = ext2_damaged(fs, "metadata as data of inode", inode->ino);
	if (!error)
		error = bcache_get(fs->cache, run.block, &b);
	if (error)
		return error;
	memset(b->data + used, 0, fs->block_size - used);
	bcache_dirty(fs->cache, b, inode->ino);
	bcache_release(fs->cache, b);
	return 0;
}

/* Returns the first file block that nothing of `size` bytes needs. */
static uint64_t
blocks_of(const struct ext2_fs *fs, uint64_t size)
{
	return (size + fs->block_size - 1) >> fs->block_shift;
}

int
ext2_trim(struct ext2_inode *inode)
{
	bool done = false;
	int error = 0;

	while (!done && !error) {
		struct ext2_handle h;

		error = ext2_begin(inode->fs, EXT2_CREDITS_TRIM, &h);
		if (error)
			break;
		error = ext2_map_trim(&h, inode, blocks_of(inode->fs, inode->size), &done);
		if (!error && done && inode->links > 0)
			error = ext2_orphan_remove(&h, inode);
		if (ext2_inode_write(&h, inode) && !error)
			error = EIO;
		ext2_end(&h);
	}
	if (error && inode->links > 0)		/* its vnode may go at any time; those without a name end in reclaim */
		ext2_orphan_leave(inode);
	return error;
}

int
ext2_truncate(struct ext2_inode *inode, uint64_t size)
{
	struct ext2_fs *fs = inode->fs;
	bool shrinks = size < inode->size;
	struct ext2_handle h;
	int error = size > fs->max_file_size ? EFBIG : ext2_begin(fs, 4, &h);

	if (error)
		return error;
	if (shrinks)
		error = clear_tail(inode, size);
	if (!error) {
		inode->size = size;
		inode->mtime = inode->ctime = ext2_now(inode->fs);
		inode->goal_block = 0;
		if (shrinks)
			error = ext2_orphan_add(&h, inode);
	}
	if (!error)
		error = ext2_inode_write(&h, inode);
	ext2_end(&h);
	return error || !shrinks ? error : ext2_trim(inode);
}
