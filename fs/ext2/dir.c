/*
 * Directories: chains of entries, one chain per block, always walked from the block's start so that
 * a position from outside is never taken for an entry.
 */
#include "ext2.h"

#include <errno.h>
#include <string.h>

uint32_t
ext2_dir_entry(const struct ext2_fs *fs, const uint8_t *block, uint32_t offset,
	struct ext2_disk_dirent *entry)
{
	uint32_t left = fs->block_size - offset;

	if (left < EXT2_DIRENT_HEADER)
		return 0;
	memcpy(entry, block + offset, sizeof(*entry));
	if (entry->rec_len % 4 != 0 || entry->rec_len > left || entry->rec_len < EXT2_DIRENT_HEADER)
		return 0;
	if (entry->inode != 0 &&
		(entry->name_len == 0 || EXT2_DIRENT_HEADER + entry->name_len > entry->rec_len))
		return 0;
	return entry->rec_len;
}

/*
 * Purpose: visit the entries of one block from `*offset` on.
 * Returns: 0 with *offset at the block's end, or at the entry where the visitor stopped and
 * *stopped set; EIO.
 */
static int
walk_block(struct ext2_inode *dir, const uint8_t *block, uint64_t base, uint32_t *offset,
	bool *stopped, ext2_dir_visit_t *visit, void *context)
{
	struct ext2_fs *fs = dir->fs;
	uint32_t at = 0, length;

	for (; at < fs->block_size; at += length) {
		struct ext2_disk_dirent e;
		struct ext2_dirent view;

		length = ext2_dir_entry(fs, block, at, &e);
		if (length == 0)
			return ext2_damaged(fs, "entries of directory", dir->ino);
		if (at < *offset || e.inode == 0)
			continue;
		view.ino = e.inode;
		view.type = fs->has_filetype ? e.file_type : EXT2_FT_UNKNOWN;
		view.name_length = e.name_len;
		view.name = (const char *)block + at + EXT2_DIRENT_HEADER;
		view.next = base + at + length;
		if (visit(context, &view)) {
			*stopped = true;
			break;
		}
	}
	*offset = at;
	return 0;
}

int
ext2_dir_block(struct ext2_inode *dir, uint64_t index, struct buf **b)
{
	uint64_t left = (dir->size >> dir->fs->block_shift) - index;
	struct ext2_run run;
	int error;

	error = ext2_map(dir, index, left < 16 ? left : 16, &run);
	if (error)
		return error;
	if (run.block == 0)
		return ext2_damaged(dir->fs, "hole in directory", dir->ino);
	bcache_prefetch(dir->fs->cache, run.block, 1, run.count);
	return bcache_get(dir->fs->cache, run.block, b);
}

int
ext2_dir_walk(struct ext2_inode *dir, uint64_t *position, ext2_dir_visit_t *visit, void *context)
{
	struct ext2_fs *fs = dir->fs;
	bool stopped = false;

	if ((dir->mode & EXT2_S_IFMT) != EXT2_S_IFDIR)
		return ENOTDIR;
	while (*position < dir->size && !stopped) {
		uint32_t offset = *position & (fs->block_size - 1);
		uint64_t base = *position - offset;
		struct buf *b;
		int error;

		error = ext2_dir_block(dir, base >> fs->block_shift, &b);
		if (error)
			return error;
		error = walk_block(dir, b->data, base, &offset, &stopped, visit, context);
		bcache_release(fs->cache, b);
		if (error)
			return error;
		*position = base + offset;
	}
	return 0;
}

/*
 * Purpose: look for a name in one block.
 * Conditions: length is not 0.
 * Returns: 0, with *ino if it stands there, else 0; EIO.
 */
static int
find_in_block(struct ext2_inode *dir, const uint8_t *block, const char *name, size_t length,
	uint32_t *ino)
{
	uint32_t step;

	for (uint32_t at = 0; at < dir->fs->block_size; at += step) {
		const char *here = (const char *)block + at + EXT2_DIRENT_HEADER;
		struct ext2_disk_dirent e;

		step = ext2_dir_entry(dir->fs, block, at, &e);
		if (step == 0)
			return ext2_damaged(dir->fs, "entries of directory", dir->ino);
		if (e.name_len != length || e.inode == 0)
			continue;
		/* Names in a directory often begin alike; the last byte tells most apart. */
		if (here[length - 1] == name[length - 1] && memcmp(here, name, length) == 0) {
			*ino = e.inode;
			break;
		}
	}
	return 0;
}

int
ext2_dir_lookup(struct ext2_inode *dir, const char *name, size_t length, uint32_t *ino)
{
	uint64_t blocks = dir->size >> dir->fs->block_shift;
	int error = 0;

	if ((dir->mode & EXT2_S_IFMT) != EXT2_S_IFDIR)
		return ENOTDIR;
	if (length == 0 || length > EXT2_NAME_MAX)
		return ENOENT;
	*ino = 0;
	for (uint64_t i = 0; i < blocks && *ino == 0 && !error; i++) {
		struct buf *b;

		error = ext2_dir_block(dir, i, &b);
		if (error)
			break;
		error = find_in_block(dir, b->data, name, length, ino);
		bcache_release(dir->fs->cache, b);
	}
	return error ? error : *ino ? 0 : ENOENT;
}
