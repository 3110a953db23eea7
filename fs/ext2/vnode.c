/*
 * ext2 as vfs sees it: vnodes that hold an inode.
 */
#include "ext2_vfs.h"
#include "ext2_vnode.h"

#include <errno.h>

static int
op_lookup(struct vnode *dir, const char *name, size_t length, struct vnode **child)
{
	uint32_t ino;
	int error = ext2_dir_lookup(inode_of(dir), name, length, &ino);

	return error ? error : vnode_get(dir->mount, ino, child);
}

static struct vfs_time
time_of(struct ext2_time t)
{
	return (struct vfs_time){ t.seconds, t.nanoseconds };
}

static bool
is_device(const struct ext2_inode *inode)
{
	uint16_t type = inode->mode & EXT2_S_IFMT;

	return type == EXT2_S_IFCHR || type == EXT2_S_IFBLK;
}

static int
op_getattr(struct vnode *vn, struct vfs_attr *attr)
{
	const struct ext2_inode *inode = inode_of(vn);

	*attr = (struct vfs_attr){
		.ino = inode->ino,
		.mode = inode->mode,
		.links = inode->links,
		.uid = inode->uid,
		.gid = inode->gid,
		.rdev = is_device(inode) ? inode->block[0] ? inode->block[0] : inode->block[1] : 0,
		.size = inode->size,
		.sectors = inode->sectors,
		.block_size = inode->fs->block_size,
		.atime = time_of(inode->atime),
		.mtime = time_of(inode->mtime),
		.ctime = time_of(inode->ctime),
	};
	return 0;
}

#define DAY	86400		/* seconds */

/*
 * Reading notes the time of access where that tells something new: it was before the last change,
 * or is a day old. It reaches the disk with the inode's next change.
 */
static void
note_access(struct ext2_inode *inode)
{
	int64_t last = __atomic_load_n(&inode->atime.seconds, __ATOMIC_RELAXED);
	struct ext2_time now = ext2_now(inode->fs);

	if (ext2_is_read_only(inode->fs) || (last > inode->mtime.seconds && now.seconds - last < DAY))
		return;
	__atomic_store_n(&inode->atime.seconds, now.seconds, __ATOMIC_RELAXED);
	__atomic_store_n(&inode->atime.nanoseconds, now.nanoseconds, __ATOMIC_RELAXED);
}

static int
op_read(struct vnode *vn, uint64_t offset, void *data, size_t length, size_t *done)
{
	note_access(inode_of(vn));
	return ext2_read(inode_of(vn), offset, data, length, done);
}

static int
op_write(struct vnode *vn, uint64_t offset, const void *data, size_t length, bool privileged,
	size_t *done)
{
	return ext2_write(inode_of(vn), offset, data, length, privileged, done);
}

static int
op_reserve(struct vnode *vn, uint64_t offset, size_t length)
{
	return ext2_reserve(inode_of(vn), offset, length);
}

static void
op_uncache(struct vnode *vn, uint64_t offset, size_t length)
{
	ext2_uncache(inode_of(vn), offset, length);
}

static struct ext2_time
time_from(const struct ext2_inode *inode, struct vfs_time t)
{
	return ext2_time_kept(inode->fs, (struct ext2_time){ t.seconds, t.nanoseconds });
}

static int
op_setattr(struct vnode *vn, const struct vfs_change *c)
{
	struct ext2_inode *inode = inode_of(vn);
	struct ext2_handle h;
	int error = c->what & VFS_SET_SIZE ? ext2_truncate(inode, c->size) : 0;

	if (!error)
		error = ext2_begin(inode->fs, 1, &h);
	if (error)
		return error;
	if (c->what & VFS_SET_MODE)
		inode->mode = (uint16_t)((inode->mode & EXT2_S_IFMT) | (c->mode & 07777));
	if (c->what & VFS_SET_UID)
		inode->uid = c->uid;
	if (c->what & VFS_SET_GID)
		inode->gid = c->gid;
	if (c->what & VFS_SET_ATIME)
		inode->atime = time_from(inode, c->atime);
	if (c->what & VFS_SET_MTIME)
		inode->mtime = time_from(inode, c->mtime);
	if (!(c->what & VFS_KEEP_CTIME))
		inode->ctime = ext2_now(inode->fs);
	error = ext2_inode_write(&h, inode);
	ext2_end(&h);
	return error;
}

static int
op_sync(struct vnode *vn, bool data_only)
{
	(void)data_only;
	return ext2_commit(inode_of(vn)->fs);
}

struct visit {
	vfs_visit_t *visit;
	void *context;
};

/* Passes an entry on, its type in the words of vfs. */
static int
pass_on(void *context, const struct ext2_dirent *e)
{
	static const uint32_t types[] = {
		[EXT2_FT_REG] = VFS_S_IFREG,
		[EXT2_FT_DIR] = VFS_S_IFDIR,
		[EXT2_FT_CHR] = VFS_S_IFCHR,
		[EXT2_FT_BLK] = VFS_S_IFBLK,
		[EXT2_FT_FIFO] = VFS_S_IFIFO,
		[EXT2_FT_SOCK] = VFS_S_IFSOCK,
		[EXT2_FT_LNK] = VFS_S_IFLNK,
	};
	struct visit *v = context;
	struct vfs_dirent entry = {
		.ino = e->ino,
		.type = e->type < sizeof(types) / sizeof(types[0]) ? types[e->type] : 0,
		.name = e->name,
		.length = e->name_length,
		.next = e->next,
	};

	return v->visit(v->context, &entry);
}

static int
op_readdir(struct vnode *dir, uint64_t *position, vfs_visit_t *visit, void *context)
{
	struct visit v = { visit, context };

	note_access(inode_of(dir));
	return ext2_dir_walk(inode_of(dir), position, pass_on, &v);
}

static int
op_readlink(struct vnode *vn, char *buffer, size_t size, size_t *length)
{
	note_access(inode_of(vn));
	return ext2_readlink(inode_of(vn), buffer, size, length);
}

static const struct vnode_ops dir_ops = {
	.lookup = op_lookup, .getattr = op_getattr, .readdir = op_readdir, .create = ext2_op_create,
	.link = ext2_op_link, .remove = ext2_op_remove, .rename = ext2_op_rename,
	.setattr = op_setattr, .sync = op_sync,
};
static const struct vnode_ops file_ops = {
	.getattr = op_getattr, .read = op_read, .write = op_write, .setattr = op_setattr,
	.reserve = op_reserve, .uncache = op_uncache, .sync = op_sync,
};
static const struct vnode_ops link_ops = {
	.getattr = op_getattr, .readlink = op_readlink, .setattr = op_setattr, .sync = op_sync,
};
static const struct vnode_ops special_ops = {
	.getattr = op_getattr, .setattr = op_setattr, .sync = op_sync,
};

static int
op_load(struct vnode *vn)
{
	int error = ext2_inode_read(vn->mount->data, (uint32_t)vn->id, inode_of(vn));

	if (error)
		return error;
	vn->type = inode_of(vn)->mode & EXT2_S_IFMT;
	switch (vn->type) {
	case EXT2_S_IFDIR:
		vn->ops = &dir_ops;
		break;
	case EXT2_S_IFREG:
		vn->ops = &file_ops;
		break;
	case EXT2_S_IFLNK:
		vn->ops = &link_ops;
		break;
	default:
		vn->ops = &special_ops;
	}
	return 0;
}

static void
op_reclaim(struct vnode *vn)
{
	(void)ext2_inode_delete(inode_of(vn));	/* what fails has been reported */
}

static int
op_statfs(struct mount *mount, struct vfs_statfs *info)
{
	struct ext2_fs *fs = mount->data;
	struct ext2_super_block *sb = &fs->super;
	uint64_t overhead = (uint64_t)fs->group_count
		* (2 + sb->s_inodes_per_group / (fs->block_size / fs->inode_size));
	int error = fs->super_buf ? os_mutex_ask(&fs->alloc_lock) : 0;

	if (error)
		return error;
	info->type = fs->trans.journal ? "ext3" : "ext2";
	info->block_size = fs->block_size;
	info->blocks = sb->s_blocks_count > overhead ? sb->s_blocks_count - overhead : 0;
	info->blocks_free = sb->s_free_blocks_count;
	info->blocks_available = sb->s_free_blocks_count > sb->s_r_blocks_count
		? sb->s_free_blocks_count - sb->s_r_blocks_count : 0;
	info->files = sb->s_inodes_count;
	info->files_free = sb->s_free_inodes_count;
	if (fs->super_buf)
		os_mutex_unlock(&fs->alloc_lock);
	return 0;
}

static int
op_sync_all(struct mount *mount)
{
	return ext2_sync(mount->data);
}

static bool
op_has_removed(struct mount *mount)
{
	struct ext2_fs *fs = mount->data;
	bool found;

	os_mutex_lock(&fs->orphan_lock);
	found = fs->orphans != NULL;
	os_mutex_unlock(&fs->orphan_lock);
	return found;
}

static int
op_remount(struct mount *mount, bool read_only)
{
	return ext2_remount(mount->data, read_only);
}

static int
op_unmounted(struct mount *mount)
{
	int error = ext2_unmount(mount->data);

	os_free(mount);
	return error;
}

static unsigned
op_shrink(struct mount *mount, unsigned blocks)
{
	struct ext2_fs *fs = mount->data;

	return bcache_shrink(fs->cache, blocks);
}

static const struct mount_ops ext2_ops = {
	.name = "ext2", .vnode_size = sizeof(struct ext2_vnode), .load = op_load,
	.reclaim = op_reclaim, .statfs = op_statfs, .sync = op_sync_all, .has_removed = op_has_removed, .shrink = op_shrink,
	.remount = op_remount, .unmounted = op_unmounted,
};

static void
lost(void *context, uint64_t file, uint64_t block)
{
	const struct ext2_fs *fs = context;

	os_report("ext2: %s: block %llu cannot be written: what inode %llu had there is lost",
		fs->dev->name, (unsigned long long)block, (unsigned long long)file);
	vnode_lost(fs->mount, file);
}

int
ext2_mount_on(struct blockdev *dev, unsigned cache_buffers, uint64_t id, struct vnode *on,
	struct mount **result)
{
	struct mount *mount = os_alloc(sizeof(*mount));
	struct ext2_fs *fs;
	int error;

	if (!mount)
		return ENOMEM;
	error = ext2_mount(dev, cache_buffers, &fs);
	if (error) {
		os_free(mount);
		return error;
	}
	mount->ops = &ext2_ops;
	mount->data = fs;
	mount->dev = id;
	fs->mount = mount;
	bcache_on_lost(fs->cache, lost, fs);
	mount->read_only = ext2_is_read_only(fs);
	error = vfs_mount(mount, EXT2_ROOT_INO, on);
	if (error) {
		ext2_unmount(fs);
		os_free(mount);
		return error;
	}
	*result = mount;
	return 0;
}

struct bcache *
ext2_cache_of(struct mount *mount)
{
	return ((struct ext2_fs *)mount->data)->cache;
}

int
ext2_unmount_from(struct mount *mount)
{
	return vfs_unmount(mount);
}
