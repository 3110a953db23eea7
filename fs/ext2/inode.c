/*
 * Inodes: from their place in a group's table to memory, checked, and back.
 */
#include "ext2.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

/* Bytes of an inode slot that we look at. */
struct inode_image {
	struct ext2_disk_inode base;
	struct ext2_disk_inode_extra extra;	/* zeros where the slot ends earlier */
};

/* Returns 0, the referenced block of the inode table and where in it the inode stands; EIO. */
static int
get_slot(struct ext2_fs *fs, uint32_t ino, struct buf **b, uint8_t **slot)
{
	uint32_t index = (ino - 1) % fs->super.s_inodes_per_group;
	uint32_t per_block = fs->block_size / fs->inode_size;
	struct ext2_group_desc desc;
	int error = ext2_group_read(fs, (ino - 1) / fs->super.s_inodes_per_group, &desc);

	if (!error)
		error = bcache_get(fs->cache, (uint64_t)desc.bg_inode_table + index / per_block, b);
	if (!error)
		*slot = (*b)->data + index % per_block * fs->inode_size;
	return error;
}

/* Returns 0 and the raw inode, its extension zeroed as far as it is not in use. */
static int
read_image(struct ext2_fs *fs, uint32_t ino, struct inode_image *image)
{
	size_t wanted = fs->inode_size < sizeof(*image) ? fs->inode_size : sizeof(*image);
	size_t used;
	uint8_t *slot;
	struct buf *b;
	int error = get_slot(fs, ino, &b, &slot);

	if (error)
		return error;
	memset(image, 0, sizeof(*image));
	memcpy(image, slot, wanted);
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
	inode->dtime = d->i_dtime;
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
check(struct ext2_inode *inode, bool orphan)
{
	struct ext2_fs *fs = inode->fs;
	uint64_t disk_size = (uint64_t)fs->super.s_blocks_count << fs->block_shift;

	if (!type_known(inode->mode))
		return ext2_damaged(fs, "type of inode", inode->ino);
	if (inode->links == 0 && !orphan)
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

static int
inode_read(struct ext2_fs *fs, uint32_t ino, bool orphan, struct ext2_inode *inode)
{
	struct inode_image image;
	int error = read_image(fs, ino, &image);

	if (error)
		return error;
	memset(inode, 0, sizeof(*inode));
	inode->fs = fs;
	inode->ino = ino;
	decode(&image, inode);
	return check(inode, orphan);
}

/* Returns whether a directory entry may refer to the number. */
static bool
number_valid(const struct ext2_fs *fs, uint32_t ino)
{
	return ino == EXT2_ROOT_INO || (ino >= fs->first_ino && ino <= fs->super.s_inodes_count);
}

int
ext2_inode_read(struct ext2_fs *fs, uint32_t ino, struct ext2_inode *inode)
{
	if (!number_valid(fs, ino))
		return ext2_damaged(fs, "inode number", ino);
	return inode_read(fs, ino, false, inode);
}

int
ext2_inode_read_journal(struct ext2_fs *fs, uint32_t ino, struct ext2_inode *inode)
{
	if (ino == 0 || ino > fs->super.s_inodes_count)
		return ext2_damaged(fs, "number of the journal's inode", ino);
	return inode_read(fs, ino, false, inode);
}

int
ext2_inode_read_orphan(struct ext2_fs *fs, uint32_t ino, struct ext2_inode *inode)
{
	if (ino < fs->first_ino || ino > fs->super.s_inodes_count)
		return ext2_damaged(fs, "inode number in the orphan list", ino);
	return inode_read(fs, ino, true, inode);
}

/* --- writing --- */

/* What the fields on the disk hold of a time: past their end, the end; without the extension, whole seconds. */
static struct ext2_time
representable(struct ext2_time t, bool extended)
{
	int64_t last = extended ? 0x37fffffff : 0x7fffffff;

	return (struct ext2_time){
		t.seconds < INT32_MIN ? INT32_MIN : t.seconds > last ? last : t.seconds,
		extended ? t.nanoseconds : 0,
	};
}

/*
 * Times are cut when they are set: an inode that has to be read again, because memory was short, tells the same time as before, and a file is
 * not older than one that was made before it.
 */
struct ext2_time
ext2_time_kept(const struct ext2_fs *fs, struct ext2_time t)
{
	return representable(t, fs->inode_size >= sizeof(struct ext2_disk_inode) + sizeof(struct ext2_disk_inode_extra));
}

struct ext2_time
ext2_now(const struct ext2_fs *fs)
{
	uint64_t now = os_now();

	return ext2_time_kept(fs, (struct ext2_time){ (int64_t)(now / 1000000000u), (uint32_t)(now % 1000000000u) });
}

static void
encode_time(struct ext2_time t, bool extended, uint32_t *seconds, uint32_t *extra)
{
	t = representable(t, extended);
	*seconds = (uint32_t)t.seconds;
	*extra = (uint32_t)((t.seconds - (int32_t)*seconds) >> 32 & 3) | t.nanoseconds << 2;
}

/* Puts an inode into a slot, leaving alone what we do not know. */
static void
encode(const struct ext2_inode *inode, uint8_t *slot)
{
	struct ext2_disk_inode *d = (struct ext2_disk_inode *)slot;
	struct ext2_disk_inode_extra *e = (struct ext2_disk_inode_extra *)(d + 1);
	uint32_t ignored[3];
	bool extended = inode->fs->inode_size >= sizeof(*d) + sizeof(*e)
			&& e->i_extra_isize >= offsetof(struct ext2_disk_inode_extra, i_crtime);

	d->i_mode = inode->mode;
	d->i_links_count = inode->links;
	d->i_uid = (uint16_t)inode->uid;
	d->i_uid_high = (uint16_t)(inode->uid >> 16);
	d->i_gid = (uint16_t)inode->gid;
	d->i_gid_high = (uint16_t)(inode->gid >> 16);
	d->i_size = (uint32_t)inode->size;
	if ((inode->mode & EXT2_S_IFMT) == EXT2_S_IFREG)
		d->i_size_high = (uint32_t)(inode->size >> 32);
	d->i_blocks = inode->sectors;
	d->i_flags = inode->flags;
	d->i_generation = inode->generation;
	d->i_dtime = inode->dtime;
	encode_time(inode->atime, extended, &d->i_atime, extended ? &e->i_atime_extra : &ignored[0]);
	encode_time(inode->mtime, extended, &d->i_mtime, extended ? &e->i_mtime_extra : &ignored[1]);
	encode_time(inode->ctime, extended, &d->i_ctime, extended ? &e->i_ctime_extra : &ignored[2]);
	memcpy(d->i_block, inode->block, sizeof(inode->block));
	d->i_file_acl = inode->file_acl;
}

/* Clears a slot for a new inode and says how much of the extension is in use. */
static void
begin_slot(const struct ext2_inode *inode, uint8_t *slot)
{
	struct ext2_fs *fs = inode->fs;
	struct ext2_disk_inode_extra *e =
		(struct ext2_disk_inode_extra *)(slot + EXT2_OLD_INODE_SIZE);
	uint32_t extra = fs->super.s_want_extra_isize;

	memset(slot, 0, fs->inode_size);
	if (fs->inode_size < EXT2_OLD_INODE_SIZE + sizeof(*e))
		return;
	if (extra < sizeof(*e) || extra % 4 != 0 || extra > fs->inode_size - EXT2_OLD_INODE_SIZE)
		extra = sizeof(*e);
	e->i_extra_isize = (uint16_t)extra;
	encode_time(inode->ctime, true, &e->i_crtime, &e->i_crtime_extra);
}

/* A file of 2 GB and more needs a feature that says so. */
static void
note_large(struct ext2_handle *h, const struct ext2_inode *inode)
{
	struct ext2_super_block *sb = &h->fs->super;

	if (inode->size <= INT32_MAX || (inode->mode & EXT2_S_IFMT) != EXT2_S_IFREG
	    || (sb->s_feature_ro_compat & EXT2_RO_COMPAT_LARGE_FILE))
		return;
	os_mutex_lock(&h->fs->alloc_lock);
	sb->s_feature_ro_compat |= EXT2_RO_COMPAT_LARGE_FILE;
	os_mutex_unlock(&h->fs->alloc_lock);
	ext2_change_super(h);
}

static int
inode_write(struct ext2_handle *h, struct ext2_inode *inode, bool new)
{
	uint8_t *slot;
	struct buf *b;
	int error = get_slot(h->fs, inode->ino, &b, &slot);

	if (error)
		return error;
	ext2_change(h, b, EXT2_INODES);
	if (new)
		begin_slot(inode, slot);
	os_mutex_lock(&h->fs->orphan_lock);	/* i_dtime may be changed by a neighbour in the list */
	encode(inode, slot);
	os_mutex_unlock(&h->fs->orphan_lock);
	bcache_release(h->fs->cache, b);
	note_large(h, inode);
	return 0;
}

int
ext2_inode_write(struct ext2_handle *h, struct ext2_inode *inode)
{
	return inode_write(h, inode, false);
}

int
ext2_inode_write_new(struct ext2_handle *h, struct ext2_inode *inode)
{
	return inode_write(h, inode, true);
}

int
ext2_inode_link(struct ext2_handle *h, uint32_t ino, uint32_t next)
{
	uint8_t *slot;
	struct buf *b;
	int error = get_slot(h->fs, ino, &b, &slot);

	if (error)
		return error;
	ext2_change(h, b, EXT2_INODES);
	((struct ext2_disk_inode *)slot)->i_dtime = next;
	bcache_release(h->fs->cache, b);
	return 0;
}
