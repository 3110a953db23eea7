/*
 * Files whose blocks are still to be freed: those without a name that are open, and those being
 * cut.
 *
 * They are on a list in memory and, where there is a journal, on the disk: the superblock has the
 * number of the first, each inode that of the next in i_dtime. After a crash the list says what to
 * finish. Without a journal the list on the disk could not be trusted; there a dead inode is enough
 * for fsck.
 *
 *	s_last_orphan --> inode (i_dtime) --> inode (i_dtime) --> 0
 */
#include "ext2.h"

#include <errno.h>

/* Stores in the inode on the disk which one is next. Conditions: orphan_lock held; a credit. */
static int
write_next(struct ext2_handle *h, struct ext2_inode *inode)
{
	struct ext2_inode *next = inode->orphan_next;

	return ext2_inode_link(h, inode->ino, next ? next->ino : 0);
}

int
ext2_orphan_add(struct ext2_handle *h, struct ext2_inode *inode)
{
	struct ext2_fs *fs = h->fs;

	os_mutex_lock(&fs->orphan_lock);
	if (!inode->orphan) {
		inode->orphan = true;
		inode->orphan_prev = NULL;
		inode->orphan_next = fs->orphans;
		if (fs->orphans)
			fs->orphans->orphan_prev = inode;
		fs->orphans = inode;
		if (fs->trans.journal) {
			inode->dtime = inode->orphan_next ? inode->orphan_next->ino : 0;
			fs->super.s_last_orphan = inode->ino;
			ext2_change_super(h);
		}
	}
	os_mutex_unlock(&fs->orphan_lock);
	return 0;
}

int
ext2_orphan_remove(struct ext2_handle *h, struct ext2_inode *inode)
{
	struct ext2_fs *fs = h->fs;
	struct ext2_inode *next;
	int error = 0;

	os_mutex_lock(&fs->orphan_lock);
	if (inode->orphan) {
		next = inode->orphan_next;
		inode->orphan = false;
		if (next)
			next->orphan_prev = inode->orphan_prev;
		if (inode->orphan_prev)
			inode->orphan_prev->orphan_next = next;
		else
			fs->orphans = next;
		if (fs->trans.journal && inode->orphan_prev) {
			inode->orphan_prev->dtime = next ? next->ino : 0;
			error = write_next(h, inode->orphan_prev);
		} else if (fs->trans.journal) {
			fs->super.s_last_orphan = next ? next->ino : 0;
			ext2_change_super(h);
		}
		inode->dtime = 0;
		inode->orphan_next = inode->orphan_prev = NULL;
	}
	os_mutex_unlock(&fs->orphan_lock);
	return error;
}

/* --- deleting --- */

#define ATTRIBUTES_MAGIC 0xea020000u

/* Lets go of the block of extended attributes, which files may share. Three credits. */
static int
drop_attributes(struct ext2_handle *h, struct ext2_inode *inode)
{
	uint32_t block = inode->file_acl, *header;
	bool data = false, last;
	struct buf *b;
	int error;

	if (block == 0)
		return 0;
	if (!ext2_block_valid(h->fs, block))
		return ext2_damaged(h->fs, "attribute block of inode", inode->ino);
	error = ext2_is_data(h->fs, block, 1, &data);
	if (!error && !data)
		error = ext2_damaged(h->fs, "metadata as attributes of inode", inode->ino);
	if (!error)
		error = bcache_get(h->fs->cache, block, &b);
	if (error)
		return error;
	header = (uint32_t *)b->data;		/* magic, number of users, ... */
	last = header[1] <= 1;
	if (header[0] != ATTRIBUTES_MAGIC) {
		error = ext2_damaged(h->fs, "attribute block of inode", inode->ino);
	} else if (!last) {
		ext2_change(h, b, EXT2_MAP);
		header[1]--;
	}
	bcache_release(h->fs->cache, b);
	if (error || !last)
		return error;
	error = ext2_block_free(h, block, 1);
	if (!error)
		ext2_forget(h, block, true);
	return error;
}

/* Whether i_block is a map. */
static bool
has_map(const struct ext2_inode *inode)
{
	switch (inode->mode & EXT2_S_IFMT) {
	case EXT2_S_IFREG:
	case EXT2_S_IFDIR:
		return true;
	case EXT2_S_IFLNK:
		return !ext2_symlink_fast(inode);
	default:
		return false;
	}
}

/* Frees all blocks, handle by handle. */
static int
free_blocks(struct ext2_inode *inode)
{
	bool done = !has_map(inode);
	int error = 0;

	while (!done && !error) {
		struct ext2_handle h;

		error = ext2_begin(inode->fs, EXT2_CREDITS_TRIM, &h);
		if (error)
			break;
		error = ext2_map_trim(&h, inode, 0, &done);
		if (ext2_inode_write(&h, inode) && !error)
			error = EIO;
		ext2_end(&h);
	}
	return error;
}

int
ext2_inode_delete(struct ext2_inode *inode)
{
	bool directory = (inode->mode & EXT2_S_IFMT) == EXT2_S_IFDIR;
	struct ext2_handle h;
	int error = free_blocks(inode), failed = 0;

	if (!error)
		error = ext2_begin(inode->fs, 12, &h);
	if (error) {
		ext2_orphan_leave(inode);
		return error;
	}
	error = drop_attributes(&h, inode);
	inode->file_acl = 0;
	failed = ext2_orphan_remove(&h, inode);
	error = error ? error : failed;
	inode->dtime = (uint32_t)ext2_now(inode->fs).seconds;
	inode->size = 0;
	failed = ext2_inode_write(&h, inode);
	error = error ? error : failed;
	if (!error)
		error = ext2_inode_free(&h, inode->ino, directory);
	ext2_end(&h);
	return error;
}

void
ext2_orphan_leave(struct ext2_inode *inode)
{
	struct ext2_fs *fs = inode->fs;

	if (!fs->super_buf)
		return;
	os_mutex_lock(&fs->orphan_lock);
	if (inode->orphan) {
		if (inode->orphan_next)
			inode->orphan_next->orphan_prev = inode->orphan_prev;
		if (inode->orphan_prev)
			inode->orphan_prev->orphan_next = inode->orphan_next;
		else
			fs->orphans = inode->orphan_next;
		inode->orphan = false;
		fs->orphans_left = true;
	}
	os_mutex_unlock(&fs->orphan_lock);
}

/* --- at mount --- */

/* Finishes one file of the list. One that is being used, as may be at a remount, has an inode of its own in memory: it waits. */
static int
clean_one(struct ext2_inode *inode)
{
	if (inode->links == 0)
		return ext2_inode_delete(inode);
	return inode->fs->mount ? EBUSY : ext2_trim(inode);
}

/* Returns the inode numbered `ino` at the end of the list in memory; NULL when the list is damaged. */
static struct ext2_inode *
load_next(struct ext2_fs *fs, uint32_t ino, struct ext2_inode *prev)
{
	struct ext2_inode *inode = os_alloc(sizeof(*inode));

	if (!inode)
		return NULL;
	if (ext2_inode_read_orphan(fs, ino, inode)) {
		os_free(inode);
		return NULL;
	}
	for (struct ext2_inode *i = fs->orphans; i; i = i->orphan_next)
		if (i->ino == ino) {
			(void)ext2_damaged(fs, "loop in the orphan list at inode", ino);
			os_free(inode);
			return NULL;
		}
	inode->orphan = true;
	inode->orphan_prev = prev;
	if (prev)
		prev->orphan_next = inode;
	else
		fs->orphans = inode;
	return inode;
}

#define ORPHANS_MAX 4096u		/* cleaned at a mount; the rest at the next */

void
ext2_orphans_clean(struct ext2_fs *fs)
{
	uint32_t ino = fs->super.s_last_orphan, count = 0;
	struct ext2_inode *inode = NULL;

	if (!fs->trans.journal || ino == 0 || fs->orphans)
		return;
	while (ino != 0 && count++ < ORPHANS_MAX) {
		struct ext2_inode *next = load_next(fs, ino, inode);

		if (!next)
			break;
		inode = next;
		ino = inode->dtime;
	}
	for (count = 0; (inode = fs->orphans) != NULL; count++) {
		if (clean_one(inode))
			ext2_orphan_leave(inode);
		os_free(inode);
	}
	os_report("ext2: %s: %u files that were being removed or cut are finished", fs->dev->name, count);
}
