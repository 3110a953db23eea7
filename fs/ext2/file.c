/*
 * Reading the bytes of files and symlinks.
 */
#include "ext2.h"

#include <errno.h>
#include <string.h>

#define WINDOW (128u * 1024)		/* bytes fetched at a time for a sequential reader */

static size_t
min_size(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Copies [offset, offset + length) of one cached disk block. Returns 0 or EIO. */
static int
read_block(struct ext2_fs *fs, uint32_t block, size_t offset, void *data, size_t length)
{
	struct buf *b;
	int error = bcache_get(fs->cache, block, &b);

	if (error)
		return error;
	memcpy(data, b->data + offset, length);
	bcache_release(fs->cache, b);
	return 0;
}

/*
 * Copies `length` bytes that begin `skip` bytes into a run and lie within it. *done counts them up,
 * also before an error.
 */
static int
read_run(struct ext2_fs *fs, const struct ext2_run *run, size_t skip, uint8_t *data, size_t length,
	size_t *done)
{
	uint32_t block = run->block;

	if (run->block == 0) {
		memset(data, 0, length);
		*done += length;
		return 0;
	}
	while (length > 0) {
		size_t n = min_size(length, fs->block_size - skip);
		int error = read_block(fs, block++, skip, data, n);

		if (error)
			return error;
		data += n;
		length -= n;
		*done += n;
		skip = 0;
	}
	return 0;
}

/*
 * Reads what one run holds of [offset, offset + length). If the disk must be asked, `window` blocks
 * are fetched.
 */
static int
read_step(struct ext2_inode *inode, uint64_t offset, uint8_t *data, size_t length, uint32_t window,
	size_t *done)
{
	struct ext2_fs *fs = inode->fs;
	size_t skip = offset & (fs->block_size - 1);
	uint32_t need = (skip + length + fs->block_size - 1) >> fs->block_shift;
	struct ext2_run run;
	int error;

	error = ext2_map(inode, offset >> fs->block_shift, need > window ? need : window, &run);
	if (error)
		return error;
	if (run.count < need)
		need = run.count;
	if (run.block != 0 && run.count > 1)
		bcache_prefetch(fs->cache, run.block, need, run.count);
	length = min_size(length, ((uint64_t)need << fs->block_shift) - skip);
	return read_run(fs, &run, skip, data, length, done);
}

int
ext2_read(struct ext2_inode *inode, uint64_t offset, void *data, size_t length, size_t *done)
{
	struct ext2_fs *fs = inode->fs;
	uint32_t window = 0;
	int error = 0;

	*done = 0;
	if (offset >= inode->size)
		return 0;
	length = min_size(length, inode->size - offset);
	length = min_size(length, 1u << 30);
	if (__atomic_load_n(&inode->next_read, __ATOMIC_RELAXED) == offset)
		window = WINDOW >> fs->block_shift;
	while (*done < length && !error)
		error = read_step(inode, offset + *done, (uint8_t *)data + *done, length - *done,
			window, done);
	if (error == OS_LATER)
		return error;
	__atomic_store_n(&inode->next_read, offset + *done, __ATOMIC_RELAXED);
	return *done > 0 ? 0 : error;
}

void
ext2_uncache(struct ext2_inode *inode, uint64_t offset, size_t length)
{
	struct ext2_fs *fs = inode->fs;
	uint64_t block = offset >> fs->block_shift, end = offset + length;
	struct ext2_run run;

	end = (end < inode->size ? end : inode->size) + fs->block_size - 1;
	for (end >>= fs->block_shift; block < end; block += run.count) {
		if (ext2_map(inode, block, (uint32_t)(end - block), &run) != 0)
			return;
		if (run.block != 0)
			bcache_uncache(fs->cache, run.block, run.count);
	}
}

/* A fast symlink has no block: all sectors it counts belong to its extended attributes. */
bool
ext2_symlink_fast(const struct ext2_inode *inode)
{
	uint32_t attributes = inode->file_acl ? inode->fs->block_size / 512 : 0;

	return inode->sectors == attributes && inode->size < sizeof(inode->block);
}

int
ext2_readlink(struct ext2_inode *inode, char *buffer, size_t size, size_t *length)
{
	if ((inode->mode & EXT2_S_IFMT) != EXT2_S_IFLNK)
		return EINVAL;
	if (inode->size == 0 || inode->size > inode->fs->block_size)
		return ext2_damaged(inode->fs, "size of symlink", inode->ino);
	if (inode->size > size)
		return ENAMETOOLONG;
	if (ext2_symlink_fast(inode)) {
		memcpy(buffer, inode->block, inode->size);
		*length = inode->size;
		return 0;
	}
	return ext2_read(inode, 0, buffer, inode->size, length);
}
