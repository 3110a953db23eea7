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

#define MOUNTS_MAX 16u

/* Guards covered_by of all vnodes and the table of what is mounted. */
static struct os_mutex mount_lock;
static struct mount *mounts[MOUNTS_MAX];

void
vfs_init(unsigned limit)
{
	os_mutex_init(&mount_lock);
	for (unsigned i = 0; i < MOUNTS_MAX; i++)
		mounts[i] = NULL;
	vnode_init(limit);
}

/*
 * Takes over the reference to root, unless it fails. Conditions: mount_lock held. Returns 0;
 * EMFILE when too much is mounted.
 */
static int
attach(struct mount *mount, struct vnode *root, struct vnode *on)
{
	unsigned slot = 0;

	while (slot < MOUNTS_MAX && mounts[slot])
		slot++;
	if (slot == MOUNTS_MAX)
		return EMFILE;
	mounts[slot] = mount;
	os_mutex_init(&mount->rename_lock);
	mount->root = root;
	mount->covers = on;
	if (on) {
		vnode_hold(on);
		on->covered_by = mount;
	}
	return 0;
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
	if (on)
		rwlock_write(&on->lock);	/* it is not being removed */
	os_mutex_lock(&mount_lock);
	if (root->type != VFS_S_IFDIR)
		error = ENOTDIR;
	else if (on && on->covered_by)
		error = EBUSY;
	else if (on && on->unlinked)
		error = ENOENT;
	else
		error = attach(mount, root, on);
	os_mutex_unlock(&mount_lock);
	if (on)
		rwlock_unlock_write(&on->lock);
	if (error) {
		vnode_put(root);
		vnode_purge(mount);
	}
	return error;
}

static void
detach(struct mount *mount)
{
	for (unsigned i = 0; i < MOUNTS_MAX; i++)
		if (mounts[i] == mount)
			mounts[i] = NULL;
	if (mount->covers)
		mount->covers->covered_by = NULL;
}

static int
mount_sync(struct mount *mount)
{
	int error = vfs_pager ? vfs_pager->collect_all(mount) : 0;
	int failed = mount->ops->sync ? mount->ops->sync(mount) : 0;

	return error ? error : failed;
}

int
vfs_unmount(struct mount *mount)
{
	struct vnode *covers = mount->covers;
	int error;

	if (vfs_pager)
		vfs_pager->retire_all(mount);
	error = mount_sync(mount);
	os_mutex_lock(&mount_lock);
	if (vnode_purge(mount) > 1) {	/* one is the mount's own, to the root */
		os_mutex_unlock(&mount_lock);
		return EBUSY;
	}
	detach(mount);
	vnode_put(mount->root);
	vnode_purge(mount);
	os_mutex_unlock(&mount_lock);
	if (mount->ops->unmounted)
		mount->ops->unmounted(mount);
	vnode_put(covers);
	return error;
}

/* Returns a reference to the root of the n-th mount, which keeps it mounted; NULL if there is none. */
static struct vnode *
root_of(unsigned n)
{
	struct vnode *root = NULL;

	os_mutex_lock(&mount_lock);
	if (mounts[n]) {
		root = mounts[n]->root;
		vnode_hold(root);
	}
	os_mutex_unlock(&mount_lock);
	return root;
}

int
vfs_sync(void)
{
	int error = 0;

	for (unsigned i = 0; i < MOUNTS_MAX; i++) {
		struct vnode *root = root_of(i);
		int failed;

		if (!root)
			continue;
		failed = mount_sync(root->mount);
		error = error ? error : failed;
		vnode_put(root);
	}
	return error;
}

int
vfs_remount(struct mount *mount, bool read_only)
{
	int error = 0, failed;

	if (!mount->ops->remount)
		return EINVAL;
	if (read_only && vfs_pager) {	/* no more stores; what there is goes to the file while it can */
		__atomic_store_n(&mount->read_only, true, __ATOMIC_RELAXED);
		error = vfs_pager->collect_all(mount);
	}
	failed = mount->ops->remount(mount, read_only);
	return error ? error : failed;
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

bool
vfs_is_covered(struct vnode *vn)
{
	bool covered;

	os_mutex_lock(&mount_lock);
	covered = vn->covered_by != NULL;
	os_mutex_unlock(&mount_lock);
	return covered;
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
