/*
 * Committing without a journal: blocks go to their own places in such an order that, wherever power
 * is cut, `e2fsck -p` repairs what is left without asking, and loses nothing that was there before.
 *
 *	1  new map and directory blocks		nothing refers to them yet
 *	2  old map blocks			refer only to blocks of step 1 and data, on the disk
 *	3  inodes, those just made still dead	removed ones die, sizes reach blocks of step 2
 *	4  directories				names of dead inodes are cleared by fsck; a name that
 *						goes leaves an inode that is dead already
 *	5  inodes just made, bitmaps, counts	now the names of step 4 count; fsck computes the rest
 *
 * with a flush after each, since a disk writes what it caches in any order. A live inode without a
 * name, or two files with the same block, would be beyond fsck -p; freed blocks and inodes are used
 * again only by later transactions, so neither appears. For the same reason a directory and what is in
 * it are neither made nor removed by the same transaction, nor does it give an inode a name and take
 * another away (keep_apart in names.c), nor a file's last name to another one (spare_give there), and
 * each change of a directory is within one sector (dirchange.c).
 */
#include "ext2.h"

#include <errno.h>
#include <string.h>

/* Returns how many images from `first` on are consecutive blocks of the kinds. */
static unsigned
run_length(const struct ext2_image *images, unsigned first, unsigned count, unsigned kinds)
{
	unsigned n = 0;

	while (first + n < count && n < BLOCKDEV_SEGMENTS_MAX
	       && images[first + n].block == images[first].block + n
	       && (kinds >> images[first + n].kind & 1))
		n++;
	return n;
}

int
ext2_images_write(struct ext2_fs *fs, const struct ext2_image *images, unsigned count,
	unsigned kinds, unsigned *written)
{
	struct blockdev_segment segments[BLOCKDEV_SEGMENTS_MAX] = { { NULL, 0 } };
	int error = 0;

	for (unsigned i = 0, n; i < count && !error; i += n ? n : 1) {
		n = run_length(images, i, count, kinds);
		for (unsigned j = 0; j < n; j++)
			segments[j] = (struct blockdev_segment){ (void *)images[i + j].data,
								 fs->block_size };
		if (n > 0)
			error = fs->dev->ops->write(fs->dev, images[i].block * fs->block_size,
				segments, n);
		*written += n;
	}
	return error;
}

/* Writes the images of some kinds and sees that they are on the disk. Returns 0 or EIO. */
static int
step(struct ext2_fs *fs, const struct ext2_image *images, unsigned count, unsigned kinds)
{
	unsigned written = 0;
	int error = ext2_images_write(fs, images, count, kinds, &written);

	return error || written == 0 ? error : fs->dev->ops->flush(fs->dev);
}

/*
 * Makes the inodes just made dead, in a copy of a block of an inode table that begins with inode
 * `first`. Returns whether there were any.
 */
static bool
bury(struct ext2_fs *fs, uint8_t *copy, uint32_t first, const struct ext2_list *born)
{
	uint32_t per_block = fs->block_size / fs->inode_size;
	bool any = false;

	for (size_t i = 0; i < born->count; i++) {
		struct ext2_disk_inode *d;

		if (born->items[i] < first || born->items[i] - first >= per_block)
			continue;
		d = (struct ext2_disk_inode *)(copy + (born->items[i] - first) * fs->inode_size);
		d->i_links_count = 0;
		d->i_dtime = d->i_ctime;
		any = true;
	}
	return any;
}

/* Returns the first inode of a block of a group's inode table; 0 if it is not in there. */
static uint32_t
first_inode_in(struct ext2_fs *fs, uint64_t block, uint32_t group)
{
	uint32_t per_block = fs->block_size / fs->inode_size;
	struct ext2_group_desc desc;

	if (ext2_group_read(fs, group, &desc) || block < desc.bg_inode_table
	    || block - desc.bg_inode_table >= fs->super.s_inodes_per_group / per_block)
		return 0;
	return group * fs->super.s_inodes_per_group
	       + (uint32_t)(block - desc.bg_inode_table) * per_block + 1;
}

/* Tries the group the block lies in first: few disks keep inode tables elsewhere. */
static uint32_t
first_inode(struct ext2_fs *fs, uint64_t block)
{
	uint32_t near = (uint32_t)(block - fs->super.s_first_data_block)
			/ fs->super.s_blocks_per_group;
	uint32_t first = first_inode_in(fs, block, near);

	for (uint32_t g = 0; g < fs->group_count && first == 0; g++)
		first = first_inode_in(fs, block, g);
	return first;
}

/* Step 3. Images with inodes just made get the kind EXT2_NEW, to be written again in step 5. */
static int
write_inodes(struct ext2_fs *fs, struct ext2_image *images, unsigned count,
	const struct ext2_list *born)
{
	unsigned written = 0;
	int error = 0;

	for (unsigned i = 0; i < count && !error; i++) {
		struct ext2_image buried = images[i];

		if (images[i].kind != EXT2_INODES)
			continue;
		if (born->count > 0) {
			memcpy(fs->trans.bounce, images[i].data, fs->block_size);
			buried.data = fs->trans.bounce;
			if (bury(fs, fs->trans.bounce, first_inode(fs, images[i].block), born))
				images[i].kind = EXT2_NEW;
		}
		error = ext2_images_write(fs, &buried, 1, 1u << EXT2_INODES, &written);
	}
	return error || written == 0 ? error : fs->dev->ops->flush(fs->dev);
}

int
ext2_order_write(struct ext2_fs *fs, struct ext2_image *images, unsigned count,
	const struct ext2_lists *lists)
{
	int error = step(fs, images, count, 1u << EXT2_NEW);

	for (unsigned i = 0; i < count; i++)	/* these are written; the kind gets another use */
		if (images[i].kind == EXT2_NEW)
			images[i].kind = EXT2_KINDS;
	if (!error)
		error = step(fs, images, count, 1u << EXT2_MAP);
	if (!error)
		error = write_inodes(fs, images, count, &lists->born);
	if (!error)
		error = step(fs, images, count, 1u << EXT2_DIR);
	if (!error)
		error = step(fs, images, count, 1u << EXT2_NEW | 1u << EXT2_BITMAP);
	return error;
}
