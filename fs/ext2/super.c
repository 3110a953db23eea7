/*
 * Mounting: the checks that make all later arithmetic safe, and group descriptors.
 *
 * After ext2_mount succeeded these hold: the block size is 1-4 KB, every block below s_blocks_count
 * is on the disk, every inode number 1..s_inodes_count has a group below group_count, and a group's
 * inode table is a whole number of blocks.
 */
#include "ext2.h"
#include "../vfs/os.h"

#include <errno.h>
#include <string.h>

#define COMPLAINTS_MAX 20u		/* damage reports per mount */

int
ext2_damaged(struct ext2_fs *fs, const char *what, uint64_t where)
{
	if (__atomic_fetch_add(&fs->complaints, 1, __ATOMIC_RELAXED) < COMPLAINTS_MAX)
		os_report("ext2: damaged disk: %s (%llu)", what, (unsigned long long)where);
	return EIO;
}

static int
refuse(const char *why, uint32_t value)
{
	os_report("ext2: not mounted: %s (0x%x)", why, value);
	return EINVAL;
}

/* Returns 0 if we know every feature that must be known for reading. */
static int
check_features(struct ext2_fs *fs)
{
	const struct ext2_super_block *sb = &fs->super;
	uint32_t unknown;

	if (sb->s_rev_level == EXT2_REV_OLD)
		return 0;
	unknown = sb->s_feature_incompat & ~EXT2_INCOMPAT_SUPPORTED;
	if (unknown & EXT2_INCOMPAT_RECOVER)
		return refuse("the journal must be replayed first, features",
			sb->s_feature_incompat);
	if (unknown)
		return refuse("unknown incompatible features", unknown);
	fs->has_filetype = sb->s_feature_incompat & EXT2_INCOMPAT_FILETYPE;
	unknown = sb->s_feature_ro_compat & ~EXT2_RO_COMPAT_SUPPORTED;
	if (unknown) {
		os_report("ext2: mounted read-only: unknown features (0x%x)", unknown);
		fs->read_only = true;
	}
	return 0;
}

/* Returns 0 and sets the sizes in fs if blocks and inodes have sizes we can handle. */
static int
check_sizes(struct ext2_fs *fs)
{
	const struct ext2_super_block *sb = &fs->super;

	if (sb->s_magic != EXT2_MAGIC)
		return refuse("no ext2 magic number", sb->s_magic);
	if (sb->s_rev_level > EXT2_REV_DYNAMIC)
		return refuse("unknown revision", sb->s_rev_level);
	if (sb->s_log_block_size > 2)
		return refuse("block size is not 1, 2 or 4 KB: shift", sb->s_log_block_size);
	fs->block_shift = 10 + sb->s_log_block_size;
	fs->block_size = 1u << fs->block_shift;
	fs->pointers_shift = fs->block_shift - 2;
	fs->inode_size = EXT2_OLD_INODE_SIZE;
	fs->first_ino = EXT2_OLD_FIRST_INO;
	if (sb->s_rev_level == EXT2_REV_DYNAMIC) {
		fs->inode_size = sb->s_inode_size;
		fs->first_ino = sb->s_first_ino;
	}
	if (fs->inode_size < EXT2_OLD_INODE_SIZE || fs->inode_size > fs->block_size ||
		(fs->inode_size & (fs->inode_size - 1)))
		return refuse("bad inode size", fs->inode_size);
	if (fs->first_ino <= EXT2_ROOT_INO)
		return refuse("bad first inode", fs->first_ino);
	return 0;
}

/* Returns 0 and sets group_count if the groups add up to what the superblock and the disk hold. */
static int
check_geometry(struct ext2_fs *fs)
{
	const struct ext2_super_block *sb = &fs->super;
	uint32_t inodes_per_block = fs->block_size / fs->inode_size;
	uint32_t data_blocks;

	if (sb->s_first_data_block != (fs->block_size == 1024 ? 1u : 0u))
		return refuse("bad first data block", sb->s_first_data_block);
	if (sb->s_blocks_count <= sb->s_first_data_block)
		return refuse("bad block count", sb->s_blocks_count);
	if ((uint64_t)sb->s_blocks_count << fs->block_shift > fs->dev->size)
		return refuse("the disk is smaller than the file system: blocks",
			sb->s_blocks_count);
	if (sb->s_blocks_per_group == 0 || sb->s_blocks_per_group > fs->block_size * 8)
		return refuse("bad blocks per group", sb->s_blocks_per_group);
	if (sb->s_inodes_per_group == 0 || sb->s_inodes_per_group > fs->block_size * 8
	    || sb->s_inodes_per_group % inodes_per_block != 0
	    || sb->s_inodes_per_group / inodes_per_block >= sb->s_blocks_per_group)
		return refuse("bad inodes per group", sb->s_inodes_per_group);
	data_blocks = sb->s_blocks_count - sb->s_first_data_block;
	fs->group_count =
		data_blocks / sb->s_blocks_per_group + (data_blocks % sb->s_blocks_per_group != 0);
	if ((uint64_t)fs->group_count * sb->s_inodes_per_group != sb->s_inodes_count)
		return refuse("bad inode count", sb->s_inodes_count);
	return 0;
}

/* Returns how many bytes of a file the block map reaches. */
static uint64_t
map_reach(const struct ext2_fs *fs)
{
	uint64_t p = 1ull << fs->pointers_shift;

	return (EXT2_DIRECT_BLOCKS + p + p * p + p * p * p) << fs->block_shift;
}

static int
read_super(struct ext2_fs *fs)
{
	struct blockdev_segment segment = { &fs->super, EXT2_SUPER_SIZE };
	int error;

	if (fs->dev->size < EXT2_SUPER_OFFSET + EXT2_SUPER_SIZE)
		return refuse("the disk is too small", (uint32_t)fs->dev->size);
	error = fs->dev->ops->read(fs->dev, EXT2_SUPER_OFFSET, &segment, 1);
	if (error)
		return error;
	error = check_sizes(fs);
	if (!error)
		error = check_features(fs);
	if (!error)
		error = check_geometry(fs);
	return error;
}

int
ext2_mount(struct blockdev *dev, unsigned cache_buffers, struct ext2_fs **result)
{
	struct ext2_fs *fs = os_alloc(sizeof(*fs));
	int error;

	if (!fs)
		return ENOMEM;
	fs->dev = dev;
	fs->read_only = dev->read_only;
	error = read_super(fs);
	if (!error)
		error = bcache_create(dev, fs->block_size, cache_buffers, &fs->cache);
	if (error) {
		os_free(fs);
		return error;
	}
	fs->max_file_size = map_reach(fs);
	*result = fs;
	return 0;
}

void
ext2_unmount(struct ext2_fs *fs)
{
	bcache_destroy(fs->cache);
	os_free(fs);
}

bool
ext2_block_valid(const struct ext2_fs *fs, uint32_t block)
{
	return block > fs->super.s_first_data_block && block < fs->super.s_blocks_count;
}

int
ext2_group_read(struct ext2_fs *fs, uint32_t group, struct ext2_group_desc *desc)
{
	uint32_t per_block = fs->block_size / sizeof(*desc);
	uint32_t table_blocks = fs->super.s_inodes_per_group / (fs->block_size / fs->inode_size);
	struct buf *b;
	int error;

	error = bcache_get(fs->cache,
		(uint64_t)fs->super.s_first_data_block + 1 + group / per_block, &b);
	if (error)
		return error;
	memcpy(desc, b->data + group % per_block * sizeof(*desc), sizeof(*desc));
	bcache_release(fs->cache, b);
	if (!ext2_block_valid(fs, desc->bg_inode_table)
	    || fs->super.s_blocks_count - desc->bg_inode_table < table_blocks)
		return ext2_damaged(fs, "inode table of group", group);
	if (!ext2_block_valid(fs, desc->bg_block_bitmap) ||
		!ext2_block_valid(fs, desc->bg_inode_bitmap))
		return ext2_damaged(fs, "bitmaps of group", group);
	return 0;
}
