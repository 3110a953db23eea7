/*
 * A vnode of ext2, for vnode.c and names.c.
 */
#ifndef FS_EXT2_EXT2_VNODE_H
#define FS_EXT2_EXT2_VNODE_H

#include "../vfs/vnode.h"
#include "ext2.h"

struct ext2_vnode {
	struct vnode vnode;		/* first: the table allocates the whole */
	struct ext2_inode inode;
};

static inline struct ext2_inode *
inode_of(struct vnode *vn)
{
	return &((struct ext2_vnode *)vn)->inode;
}

/* names.c: as in struct vnode_ops */
int ext2_op_create(struct vnode *dir, const char *name, size_t length, const struct vfs_new *what,
	struct vnode **child);
int ext2_op_link(struct vnode *dir, const char *name, size_t length, struct vnode *vn);
int ext2_op_remove(struct vnode *dir, const char *name, size_t length, struct vnode *vn);
int ext2_op_rename(const struct vfs_rename *r);

#endif
