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
		view.position = base + at;
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

/* Returns whether the entry at `at` of a block, with its head in *e, is one with this name. */
static bool
is_named(const uint8_t *block, uint32_t at, const struct ext2_disk_dirent *e, const char *name,
	size_t length)
{
	const char *here = (const char *)block + at + EXT2_DIRENT_HEADER;

	if (e->name_len != length || e->inode == 0)
		return false;
	/* Names in a directory often begin alike; the last byte tells most apart. */
	return here[length - 1] == name[length - 1] && memcmp(here, name, length) == 0;
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
		struct ext2_disk_dirent e;

		step = ext2_dir_entry(dir->fs, block, at, &e);
		if (step == 0)
			return ext2_damaged(dir->fs, "entries of directory", dir->ino);
		if (is_named(block, at, &e, name, length)) {
			*ino = e.inode;
			break;
		}
	}
	return 0;
}

static int
find_from_start(struct ext2_inode *dir, const char *name, size_t length, uint32_t *ino)
{
	uint64_t blocks = dir->size >> dir->fs->block_shift;
	int error = 0;

	for (uint64_t i = 0; i < blocks && *ino == 0 && !error; i++) {
		struct buf *b;

		error = ext2_dir_block(dir, i, &b);
		if (error)
			break;
		error = find_in_block(dir, b->data, name, length, ino);
		bcache_release(dir->fs->cache, b);
	}
	return error;
}

/* Looks only where the name can stand. */
static int
find_at_places(struct ext2_inode *dir, const struct ext2_places *places, const char *name,
	size_t length, uint32_t *ino)
{
	struct ext2_fs *fs = dir->fs;
	int error = 0;

	for (unsigned i = 0; i < places->count && *ino == 0 && !error; i++) {
		uint32_t at = places->positions[i] & (fs->block_size - 1);
		struct ext2_disk_dirent e;
		struct buf *b;

		error = ext2_dir_block(dir, places->positions[i] >> fs->block_shift, &b);
		if (error)
			break;
		if (ext2_dir_entry(fs, b->data, at, &e) == 0)
			error = ext2_damaged(fs, "entries of directory", dir->ino);
		else if (is_named(b->data, at, &e, name, length))
			*ino = e.inode;
		bcache_release(fs->cache, b);
	}
	return error;
}

int
ext2_dir_lookup(struct ext2_inode *dir, const char *name, size_t length, uint32_t *ino)
{
	struct ext2_places places;
	int error;

	if ((dir->mode & EXT2_S_IFMT) != EXT2_S_IFDIR)
		return ENOTDIR;
	if (length == 0 || length > EXT2_NAME_MAX)
		return ENOENT;
	*ino = 0;
	if (ext2_index_find(dir, name, length, &places))
		error = find_at_places(dir, &places, name, length, ino);
	else
		error = find_from_start(dir, name, length, ino);
	return error ? error : *ino ? 0 : ENOENT;
}
