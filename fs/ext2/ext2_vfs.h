/*
 * Mounting an ext2 disk in the name space of vfs.
 */
#ifndef FS_EXT2_EXT2_VFS_H
#define FS_EXT2_EXT2_VFS_H

#include "../vfs/blockdev.h"
#include "../vfs/vnode.h"

/*
 * Purpose: mount a disk on a directory (NULL: as the first file system). id: st_dev of its files.
 * Returns: 0; what ext2_mount and vfs_mount say. The disk must outlive the mount.
 */
int ext2_mount_on(struct blockdev *dev, unsigned cache_buffers, uint64_t id, struct vnode *on,
	struct mount **result);

/* Returns the blocks that a mounted disk has in memory. */
struct bcache *ext2_cache_of(struct mount *mount);

/* Returns 0; EBUSY while files of it are in use. */
int ext2_unmount_from(struct mount *mount);

#endif
