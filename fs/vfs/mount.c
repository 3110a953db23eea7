/*
 * Mount points: which file system covers which directory.
 *
 *	/  (ext2, root vnode 2)             devfs
 *	+-- dev  --- covered_by ----------> mount --- root ---> its root vnode
 *	         <------------- covers ---- mount
 *
 * A mount's root and covers stay as they are while any of its vnodes is referenced, so whoever
 * holds a vnode may follow them.
 */
#include "vnode.h"
#include "os.h"

#include <errno.h>

static struct os_mutex mount_lock;

void
vfs_init(unsigned limit)
{
	os_mutex_init(&mount_lock);
	vnode_init(limit);
}

/* Conditions: mount_lock held. Takes over the reference to root. */
static void
attach(struct mount *mount, struct vnode *root, struct vnode *on)
{
	mount->root = root;
	mount->covers = on;
	if (!on)
		return;
	vnode_hold(on);
	on->covered_by = mount;
}

int
vfs_mount(struct mount *mount, uint64_t root_id, struct vnode *on)
{
	struct vnode *root;
	int error;

	if (on && on->type != VFS_S_IFDIR)
		return ENOTDIR;
	error = vnode_get(mount, root_id, &root);
	if (error)
		return error;
	os_mutex_lock(&mount_lock);
	if (root->type != VFS_S_IFDIR)
		error = ENOTDIR;
	else if (on && on->covered_by)
		error = EBUSY;
	else
		attach(mount, root, on);
	os_mutex_unlock(&mount_lock);
	if (error) {
		vnode_put(root);
		vnode_purge(mount);
	}
	return error;
}

int
vfs_unmount(struct mount *mount)
{
	struct vnode *covers = mount->covers;

	os_mutex_lock(&mount_lock);
	if (vnode_purge(mount) > 1) {	/* one is the mount's own, to the root */
		os_mutex_unlock(&mount_lock);
		return EBUSY;
	}
	if (covers)
		covers->covered_by = NULL;
	vnode_put(mount->root);
	vnode_purge(mount);
	os_mutex_unlock(&mount_lock);
	vnode_put(covers);
	return 0;
}

struct vnode *
vfs_descend(struct vnode *vn)
{
	os_mutex_lock(&mount_lock);
	while (vn->covered_by) {
		struct vnode *root = vn->covered_by->root;

		vnode_hold(root);
		vnode_put(vn);
		vn = root;
	}
	os_mutex_unlock(&mount_lock);
	return vn;
}

int
vfs_parent(struct vnode *dir, struct vnode *root, struct vnode **parent)
{
	int error;

	while (dir != root && dir == dir->mount->root && dir->mount->covers)
		dir = dir->mount->covers;
	if (dir == root || dir == dir->mount->root) {
		vnode_hold(dir);
		*parent = dir;
		return 0;
	}
	error = vfs_lookup(dir, "..", 2, parent);
	if (!error)
		*parent = vfs_descend(*parent);
	return error;
}
