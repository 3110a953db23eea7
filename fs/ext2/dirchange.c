/*
 * Changing directories: adding, removing and replacing entries.
 *
 * An entry owns the bytes up to the next one. A new name takes the end of an entry that has room; a
 * removed one is swallowed by the entry before it, or, being the first of its block, becomes
 * unused:
 *
 *	| a  . . . . . . | b  . |	+ c:	| a  . | c  . . . | b  . |
 *
 * Without a journal a block reaches the disk by sectors, in any order, and power cut may leave some of them. So what one change writes
 * lies in one sector: a new block begins as an unused entry in each, an entry is not put across a border, nor swallowed from beyond it.
 * What others have put there may cross it; room behind such an entry is left alone.
 *
 * We do not keep the index of large directories up: adding a name takes the flag away, and the
 * index is then what it always looked like to others, unused space.
 */
#include "ext2.h"

#include <errno.h>
#include <string.h>

/* Bytes of a block that reach the disk together. */
static uint32_t
whole(const struct ext2_fs *fs)
{
	return fs->trans.journal ? fs->block_size : BLOCKDEV_SECTOR;
}

/* Bytes an entry with a name of this length needs. */
static uint32_t
entry_size(size_t length)
{
	return (uint32_t)(EXT2_DIRENT_HEADER + length + 3) & ~3u;
}

static uint8_t
type_of(const struct ext2_fs *fs, uint16_t mode)
{
	static const uint8_t types[16] = {
		[EXT2_S_IFREG >> 12] = EXT2_FT_REG, [EXT2_S_IFDIR >> 12] = EXT2_FT_DIR,
		[EXT2_S_IFCHR >> 12] = EXT2_FT_CHR, [EXT2_S_IFBLK >> 12] = EXT2_FT_BLK,
		[EXT2_S_IFIFO >> 12] = EXT2_FT_FIFO, [EXT2_S_IFSOCK >> 12] = EXT2_FT_SOCK,
		[EXT2_S_IFLNK >> 12] = EXT2_FT_LNK,
	};

	return fs->has_filetype ? types[mode >> 12] : EXT2_FT_UNKNOWN;
}

static void
entry_put(uint8_t *at, uint32_t ino, uint32_t rec_len, const char *name, size_t length, uint8_t type)
{
	struct ext2_disk_dirent e = {
		.inode = ino, .rec_len = (uint16_t)rec_len, .name_len = (uint8_t)length,
		.file_type = type,
	};

	memcpy(at, &e, sizeof(e));
	memcpy(at + EXT2_DIRENT_HEADER, name, length);
}

/* Returns 0 and a directory's block, one that may be changed; EIO. */
static int
get_block(struct ext2_inode *dir, uint64_t index, struct buf **b)
{
	bool data = false;
	int error = ext2_dir_block(dir, index, b);

	if (error)
		return error;
	error = ext2_is_data(dir->fs, (uint32_t)(*b)->block, 1, &data);
	if (!error && !data)
		error = ext2_damaged(dir->fs, "metadata as directory", dir->ino);
	if (error)
		bcache_release(dir->fs->cache, *b);
	return error;
}

/* The sector of the disk that a byte of a block is in. */
static uint64_t
sector(const struct ext2_fs *fs, const struct buf *b, uint32_t offset)
{
	return (b->block * fs->block_size + offset) / BLOCKDEV_SECTOR;
}

/* A place for a name: an entry with room behind what it uses. */
struct room {
	uint32_t offset;		/* of the entry */
	uint32_t used;			/* bytes of it, 0 if it is unused */
	uint32_t length;
};

/* Returns 0; ENOSPC when the block has no room; EIO. */
static int
find_room(struct ext2_inode *dir, const uint8_t *block, uint32_t need, struct room *room)
{
	uint32_t length, unit = whole(dir->fs);

	for (uint32_t at = 0; at < dir->fs->block_size; at += length) {
		struct ext2_disk_dirent e;

		length = ext2_dir_entry(dir->fs, block, at, &e);
		if (length == 0)
			return ext2_damaged(dir->fs, "entries of directory", dir->ino);
		*room = (struct room){ at, e.inode ? entry_size(e.name_len) : 0, length };
		if (room->used + need <= length && at / unit == (at + room->used + need - 1) / unit)
			return 0;
	}
	return ENOSPC;
}

/* Puts a new entry where there is room. */
static void
fill_room(uint8_t *block, const struct room *room, uint32_t ino, const char *name, size_t length,
	uint8_t type)
{
	uint8_t *at = block + room->offset;
	uint16_t used = (uint16_t)room->used;

	if (used > 0)
		memcpy(at + offsetof(struct ext2_disk_dirent, rec_len), &used, sizeof(used));
	entry_put(at + used, ino, room->length - used, name, length, type);
}

/* Gives a directory another block, without names. Returns 0 and its referenced buffer. */
static int
grow(struct ext2_handle *h, struct ext2_inode *dir, struct buf **b)
{
	struct ext2_fs *fs = dir->fs;
	uint32_t block;
	int error;

	if (dir->size + fs->block_size > INT32_MAX)
		return ENOSPC;
	error = ext2_map_add(h, dir, dir->size >> fs->block_shift, true, &block);
	if (error == EEXIST)
		error = ext2_damaged(fs, "block past the end of directory", dir->ino);
	if (!error)
		error = bcache_get_new(fs->cache, block, b);
	if (error)
		return error;
	ext2_change(h, *b, EXT2_NEW);
	for (uint32_t at = 0; at < fs->block_size; at += whole(fs))
		entry_put((*b)->data + at, 0, whole(fs), "", 0, 0);
	dir->size += fs->block_size;
	return 0;
}

int
ext2_dir_add(struct ext2_handle *h, struct ext2_inode *dir, const char *name, size_t length,
	uint32_t ino, uint16_t mode, uint64_t *where)
{
	struct ext2_fs *fs = dir->fs;
	uint64_t blocks = dir->size >> fs->block_shift, i = dir->dir_hint;
	struct room room = { 0, 0, 0 };
	struct buf *b = NULL;
	int error = ENOSPC;

	for (; i < blocks && error == ENOSPC; i++) {
		error = get_block(dir, i, &b);
		if (error)
			return error;
		error = find_room(dir, b->data, entry_size(length), &room);
		if (error)
			bcache_release(fs->cache, b);
		else
			dir->dir_hint = i;
	}
	if (error == ENOSPC) {
		error = grow(h, dir, &b);
		if (!error)
			error = find_room(dir, b->data, entry_size(length), &room);
		dir->dir_hint = blocks;
	}
	if (error)
		return error;
	ext2_change(h, b, EXT2_DIR);
	fill_room(b->data, &room, ino, name, length, type_of(fs, mode));
	ext2_index_add(dir, name, length, (dir->dir_hint << fs->block_shift) + room.offset + room.used);
	dir->flags &= ~EXT2_INDEX_FLAG;
	if (where)
		*where = sector(fs, b, room.offset);
	bcache_release(fs->cache, b);
	return 0;
}

/* An entry found. */
struct found {
	struct buf *b;			/* referenced */
	uint64_t index;			/* of its block in the directory */
	uint32_t offset, previous;	/* in the block; previous == offset: it is the first */
};

/* Returns 0 with *offset and *previous; ENOENT; EIO. */
static int
find_in_block(struct ext2_inode *dir, const char *name, size_t length, struct found *f)
{
	uint32_t step;

	f->previous = 0;
	for (f->offset = 0; f->offset < dir->fs->block_size; f->offset += step) {
		struct ext2_disk_dirent e;

		step = ext2_dir_entry(dir->fs, f->b->data, f->offset, &e);
		if (step == 0)
			return ext2_damaged(dir->fs, "entries of directory", dir->ino);
		if (e.inode != 0 && e.name_len == length
		    && memcmp(f->b->data + f->offset + EXT2_DIRENT_HEADER, name, length) == 0)
			return 0;
		f->previous = f->offset;
	}
	return ENOENT;
}

/* As find_in_block, for the block f->index. Returns 0 with a reference to it. */
static int
find_in(struct ext2_inode *dir, const char *name, size_t length, struct found *f)
{
	int error = get_block(dir, f->index, &f->b);

	if (error)
		return error;
	error = find_in_block(dir, name, length, f);
	if (error)
		bcache_release(dir->fs->cache, f->b);
	return error;
}

static int
find(struct ext2_inode *dir, const char *name, size_t length, struct found *f)
{
	uint64_t blocks = dir->size >> dir->fs->block_shift;
	struct ext2_places places;
	int error = ENOENT;

	if (ext2_index_find(dir, name, length, &places))
		for (unsigned i = 0; i < places.count && error == ENOENT; i++) {
			f->index = places.positions[i] >> dir->fs->block_shift;
			error = find_in(dir, name, length, f);
		}
	else
		for (uint64_t i = 0; i < blocks && error == ENOENT; i++) {
			f->index = i;
			error = find_in(dir, name, length, f);
		}
	return error;
}

/* Whether an entry is taken away by marking it as unused: none before it may swallow it. */
static bool
stays(const struct ext2_inode *dir, const struct found *f)
{
	return f->offset % whole(dir->fs) == 0;
}

int
ext2_dir_locate(struct ext2_inode *dir, const char *name, size_t length, bool removal, uint64_t *where)
{
	struct found f;
	int error = find(dir, name, length, &f);

	if (error)
		return error;
	*where = sector(dir->fs, f.b, removal && !stays(dir, &f) ? f.previous + offsetof(struct ext2_disk_dirent, rec_len) : f.offset);
	bcache_release(dir->fs->cache, f.b);
	return 0;
}

int
ext2_dir_remove(struct ext2_handle *h, struct ext2_inode *dir, const char *name, size_t length)
{
	struct ext2_disk_dirent e, before;
	struct found f;
	int error = find(dir, name, length, &f);

	if (error)
		return error;
	ext2_change(h, f.b, EXT2_DIR);
	memcpy(&e, f.b->data + f.offset, sizeof(e));
	if (stays(dir, &f)) {
		e.inode = 0;
		memcpy(f.b->data + f.offset, &e, sizeof(e));
	} else {
		memcpy(&before, f.b->data + f.previous, sizeof(before));
		before.rec_len = (uint16_t)(before.rec_len + e.rec_len);
		memcpy(f.b->data + f.previous, &before, sizeof(before));
	}
	ext2_index_remove(dir, name, length, (f.index << dir->fs->block_shift) + f.offset);
	if (f.index < dir->dir_hint)
		dir->dir_hint = f.index;
	bcache_release(dir->fs->cache, f.b);
	return 0;
}

int
ext2_dir_replace(struct ext2_handle *h, struct ext2_inode *dir, const char *name, size_t length,
	uint32_t ino, uint16_t mode)
{
	struct ext2_disk_dirent e;
	struct found f;
	int error = find(dir, name, length, &f);

	if (error)
		return error;
	ext2_change(h, f.b, EXT2_DIR);
	memcpy(&e, f.b->data + f.offset, sizeof(e));
	e.inode = ino;
	e.file_type = type_of(dir->fs, mode);
	memcpy(f.b->data + f.offset, &e, sizeof(e));
	bcache_release(dir->fs->cache, f.b);
	return 0;
}

/* Stops at anything but "." and "..". */
static int
stop_at_name(void *context, const struct ext2_dirent *e)
{
	bool *found = context;

	*found = !(e->name[0] == '.'
		   && (e->name_length == 1 || (e->name_length == 2 && e->name[1] == '.')));
	return *found;
}

int
ext2_dir_is_empty(struct ext2_inode *dir)
{
	uint64_t position = 0;
	bool found = false;
	int error = ext2_dir_walk(dir, &position, stop_at_name, &found);

	return error ? error : found ? ENOTEMPTY : 0;
}

int
ext2_dir_begin(struct ext2_handle *h, struct ext2_inode *dir, uint32_t parent)
{
	struct ext2_fs *fs = dir->fs;
	uint32_t own = entry_size(1);
	struct buf *b;
	int error;

	ext2_index_drop(dir);
	error = grow(h, dir, &b);
	if (error)
		return error;
	entry_put(b->data, dir->ino, own, ".", 1, type_of(fs, EXT2_S_IFDIR));
	entry_put(b->data + own, parent, whole(fs) - own, "..", 2, type_of(fs, EXT2_S_IFDIR));
	bcache_release(fs->cache, b);
	return 0;
}
