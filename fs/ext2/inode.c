/*
 * Inodes: from their place in a group's table to memory, checked.
 */
#include "ext2.h"

#include <errno.h>
#include <string.h>

/* Bytes of an inode slot that we look at. */
struct inode_image {
	struct ext2_disk_inode base;
	struct ext2_disk_inode_extra extra;	/* zeros where the slot ends earlier */
};

/* Returns 0 and the raw inode, its extension zeroed as far as it is not in use. */
static int
read_image(struct ext2_fs *fs, uint32_t ino, struct inode_image *image)
{
	uint32_t index = (ino - 1) % fs->super.s_inodes_per_group;
	uint32_t per_block = fs->block_size / fs->inode_size;
	size_t wanted = fs->inode_size < sizeof(*image) ? fs->inode_size : sizeof(*image);
	struct ext2_group_desc desc;
	size_t used;
	struct buf *b;
	int error;

	error = ext2_group_read(fs, (ino - 1) / fs->super.s_inodes_per_group, &desc);
	if (!error)
		error = bcache_get(fs->cache, (uint64_t)desc.bg_inode_table + index / per_block,
			&b);
	if (error)
		return error;
	memset(image, 0, sizeof(*image));
	memcpy(image, b->data + index % per_block * fs->inode_size, wanted);
	bcache_release(fs->cache, b);
	used = EXT2_OLD_INODE_SIZE + image->extra.i_extra_isize;
	if (used < sizeof(*image))
		memset((uint8_t *)image + used, 0, sizeof(*image) - used);
	return 0;
}

static struct ext2_time
decode_time(uint32_t seconds, uint32_t extra)
{
	struct ext2_time t = {(int64_t)(int32_t)seconds + ((int64_t)(extra & 3) << 32), extra >> 2};

	if (t.nanoseconds > 999999999)
		t.nanoseconds = 0;
	return t;
}

static bool
type_known(uint16_t mode)
{
	switch (mode & EXT2_S_IFMT) {
	case EXT2_S_IFIFO:
	case EXT2_S_IFCHR:
	case EXT2_S_IFDIR:
	case EXT2_S_IFBLK:
	case EXT2_S_IFREG:
	case EXT2_S_IFLNK:
	case EXT2_S_IFSOCK:
		return true;
	default:
		return false;
	}
}

static void
decode(const struct inode_image *image, struct ext2_inode *inode)
{
	const struct ext2_disk_inode *d = &image->base;

	inode->mode = d->i_mode;
	inode->links = d->i_links_count;
	inode->uid = d->i_uid | (uint32_t)d->i_uid_high << 16;
	inode->gid = d->i_gid | (uint32_t)d->i_gid_high << 16;
	inode->size = d->i_size;
	if ((d->i_mode & EXT2_S_IFMT) == EXT2_S_IFREG)
		inode->size |= (uint64_t)d->i_size_high << 32;
	inode->sectors = d->i_blocks;
	inode->flags = d->i_flags;
	inode->generation = d->i_generation;
	inode->file_acl = d->i_file_acl;
	inode->atime = decode_time(d->i_atime, image->extra.i_atime_extra);
	inode->mtime = decode_time(d->i_mtime, image->extra.i_mtime_extra);
	inode->ctime = decode_time(d->i_ctime, image->extra.i_ctime_extra);
	memcpy(inode->block, d->i_block, sizeof(inode->block));
}

/* Returns 0 if the rest of the code may rely on the inode's fields. */
static int
check(struct ext2_inode *inode)
{
	struct ext2_fs *fs = inode->fs;
	uint64_t disk_size = (uint64_t)fs->super.s_blocks_count << fs->block_shift;

	if (!type_known(inode->mode))
		return ext2_damaged(fs, "type of inode", inode->ino);
	if (inode->links == 0)
		return ext2_damaged(fs, "a name for the free inode", inode->ino);
	if (inode->flags & EXT2_EXTENTS_FLAG)
		return ext2_damaged(fs, "extents without the feature in inode", inode->ino);
	if (inode->size > fs->max_file_size)
		return ext2_damaged(fs, "size of inode", inode->ino);
	if ((inode->mode & EXT2_S_IFMT) == EXT2_S_IFDIR
	    && (inode->size == 0 || inode->size % fs->block_size != 0 || inode->size > disk_size))
		return ext2_damaged(fs, "size of directory", inode->ino);
	return 0;
}

int
ext2_inode_read(struct ext2_fs *fs, uint32_t ino, struct ext2_inode *inode)
{
	struct inode_image image;
	int error;

	if (ino != EXT2_ROOT_INO && (ino < fs->first_ino || ino > fs->super.s_inodes_count))
		return ext2_damaged(fs, "inode number", ino);
	error = read_image(fs, ino, &image);
	if (error)
		return error;
	memset(inode, 0, sizeof(*inode));
	inode->fs = fs;
	inode->ino = ino;
	decode(&image, inode);
	return check(inode);
}
