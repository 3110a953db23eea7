/*
 * Writing the bytes of files.
 *
 * Blocks that exist are changed in the cache; a hole gets a block, and the map and the size change
 * with it under one handle. Data always reach the disk before a transaction that refers to them.
 */
#include "ext2.h"

#include <errno.h>
#include <string.h>

/* Waits until file data that is not written yet leaves room in the cache for others. */
static int
make_room(struct ext2_fs *fs)
{
	unsigned most = bcache_size(fs->cache) / 8;

	if (bcache_dirty_count(fs->cache, BCACHE_DATA) < most)
		return 0;
	if (bcache_write_back(fs->cache, BCACHE_DATA, most / 2) == 0)
		return 0;
	ext2_abort(fs, "cannot write file data");
	return EIO;
}

/* Puts bytes into a block of the disk. fresh: it held nothing before. */
static int
write_block(struct ext2_inode *inode, uint32_t block, bool fresh, size_t offset, const void *data,
	size_t length)
{
	struct ext2_fs *fs = inode->fs;
	struct buf *b;
	int error = length == fs->block_size ? bcache_get_whole(fs->cache, block, &b)
		    : fresh ? bcache_get_new(fs->cache, block, &b)
			    : bcache_get(fs->cache, block, &b);

	if (error)
		return error;
	memcpy(b->data + offset, data, length);
	bcache_dirty(fs->cache, b, inode->ino);
	bcache_release(fs->cache, b);
	return 0;
}

/* A part of a write that lies in one block of the file. */
struct piece {
	uint64_t offset;		/* in the file */
	const uint8_t *data;
	size_t length;
	bool privileged;
};

/* Writes a piece into a hole. Returns 0; ENOSPC; EIO. */
static int
write_hole(struct ext2_inode *inode, const struct piece *p)
{
	struct ext2_fs *fs = inode->fs;
	struct ext2_handle h;
	uint32_t block;
	int error = ext2_begin(fs, EXT2_CREDITS_MAP, &h);

	if (error)
		return error;
	error = ext2_map_add(&h, inode, p->offset >> fs->block_shift, p->privileged, &block);
	if (!error) {
		error = write_block(inode, block, true, p->offset & (fs->block_size - 1), p->data,
			p->length);
		if (!error && p->offset + p->length > inode->size)
			inode->size = p->offset + p->length;
		if (ext2_inode_write(&h, inode) && !error)
			error = EIO;
	}
	ext2_end(&h);
	return error;
}

/* What was freed lately can be had once that is on the disk. */
static int
fill_hole(struct ext2_inode *inode, const struct piece *p)
{
	int error = write_hole(inode, p);

	if (error == ENOSPC && ext2_commit(inode->fs) == 0)
		error = write_hole(inode, p);
	return error;
}

static int
write_piece(struct ext2_inode *inode, const struct piece *p)
{
	struct ext2_fs *fs = inode->fs;
	struct ext2_run run;
	bool data = false;
	int error = make_room(fs);

	if (!error)
		error = ext2_map(inode, p->offset >> fs->block_shift, 1, &run);
	if (error)
		return error;
	if (run.block == 0)
		return fill_hole(inode, p);
	error = ext2_is_data(fs, run.block, 1, &data);
	if (!error && !data)
		error = ext2_damaged(fs, "metadata as data of inode", inode->ino);
	if (!error)
		error = write_block(inode, run.block, false, p->offset & (fs->block_size - 1), p->data,
			p->length);
	if (!error && p->offset + p->length > inode->size)
		inode->size = p->offset + p->length;
	return error;
}

/* Sets the times, once for all pieces. */
static int
touch(struct ext2_inode *inode)
{
	struct ext2_handle h;
	int error = ext2_begin(inode->fs, 1, &h);

	if (error)
		return error;
	inode->mtime = inode->ctime = ext2_now(inode->fs);
	error = ext2_inode_write(&h, inode);
	ext2_end(&h);
	return error;
}

int
ext2_write(struct ext2_inode *inode, uint64_t offset, const void *data, size_t length,
	bool privileged, size_t *done)
{
	struct ext2_fs *fs = inode->fs;
	int error;

	*done = 0;
	if (ext2_is_read_only(fs))
		return EROFS;
	if (length == 0)
		return 0;
	if (offset >= fs->max_file_size)
		return EFBIG;
	error = os_wait_place();
	if (error)
		return error;
	if (length > fs->max_file_size - offset)
		length = fs->max_file_size - offset;
	while (*done < length && !error) {
		size_t in_block = (offset + *done) & (fs->block_size - 1);
		struct piece p = { offset + *done, (const uint8_t *)data + *done,
			fs->block_size - in_block, privileged };

		if (p.length > length - *done)
			p.length = length - *done;
		error = write_piece(inode, &p);
		if (!error)
			*done += p.length;
	}
	if (*done > 0) {
		int failed = touch(inode);

		error = failed ? failed : 0;
	}
	return error;
}

int
ext2_reserve(struct ext2_inode *inode, uint64_t offset, size_t length)
{
	struct ext2_fs *fs = inode->fs;
	uint64_t end = offset + length;
	int error = ext2_is_read_only(fs) ? EROFS : os_wait_place();

	while (offset < end && !error) {
		struct piece nothing = { offset, (const uint8_t *)"", 0, false };
		struct ext2_run run;

		error = make_room(fs);
		if (!error)
			error = ext2_map(inode, offset >> fs->block_shift, 1, &run);
		if (!error && run.block == 0)
			error = fill_hole(inode, &nothing);
		offset = (offset | (fs->block_size - 1)) + 1;
	}
	return error ? error : touch(inode);
}
