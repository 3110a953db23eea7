/*
 * ext2 as vfs sees it: vnodes that hold an inode.
 */
#include "ext2_vfs.h"
#include "ext2.h"
#include "../vfs/os.h"

#include <errno.h>

struct ext2_vnode {
	struct vnode vnode;		/* first: the table allocates the whole */
	struct ext2_inode inode;
};

static struct ext2_inode *
inode_of(struct vnode *vn)
{
	return &((struct ext2_vnode *)vn)->inode;
}

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
		.size = inode->size,
		.sectors = inode->sectors,
		.block_size = inode->fs->block_size,
		.atime = time_of(inode->atime),
		.mtime = time_of(inode->mtime),
		.ctime = time_of(inode->ctime),
	};
	return 0;
}

static int
op_read(struct vnode *vn, uint64_t offset, void *data, size_t length, size_t *done)
{
	return ext2_read(inode_of(vn), offset, data, length, done);
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

	return ext2_dir_walk(inode_of(dir), position, pass_on, &v);
}

static int
op_readlink(struct vnode *vn, char *buffer, size_t size, size_t *length)
{
	return ext2_readlink(inode_of(vn), buffer, size, length);
}

static const struct vnode_ops dir_ops = {
	.lookup = op_lookup, .getattr = op_getattr, .readdir = op_readdir,
};
static const struct vnode_ops file_ops = { .getattr = op_getattr, .read = op_read };
static const struct vnode_ops link_ops = { .getattr = op_getattr, .readlink = op_readlink };
static const struct vnode_ops special_ops = { .getattr = op_getattr };

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

static const struct mount_ops ext2_ops = {
	.name = "ext2", .vnode_size = sizeof(struct ext2_vnode), .load = op_load,
};

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
	mount->read_only = fs->read_only;
	error = vfs_mount(mount, EXT2_ROOT_INO, on);
	if (error) {
		ext2_unmount(fs);
		os_free(mount);
		return error;
	}
	*result = mount;
	return 0;
}

int
ext2_unmount_from(struct mount *mount)
{
	int error = vfs_unmount(mount);

	if (error)
		return error;
	ext2_unmount(mount->data);
	os_free(mount);
	return 0;
}
