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

/* Guards covered_by of all vnodes, the table of what is mounted, and visits. */
static struct os_mutex mount_lock;
static struct mount *mounts[MOUNTS_MAX];
static struct os_cond visit_over;

void
vfs_init(unsigned limit)
{
	os_mutex_init(&mount_lock);
	os_cond_init(&visit_over);
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
	int error, failed;

	if (vfs_pager)
		vfs_pager->retire_all(mount);
	vnode_settle(mount);
	error = mount_sync(mount);
	os_mutex_lock(&mount_lock);
	mount->leaving = true;
	while (mount->visits > 0)
		os_cond_wait(&visit_over, &mount_lock);
	if (vnode_purge(mount) > 1) {	/* one is the mount's own, to the root */
		mount->leaving = false;
		os_cond_broadcast(&visit_over);
		os_mutex_unlock(&mount_lock);
		return EBUSY;
	}
	detach(mount);
	os_cond_broadcast(&visit_over);
	vnode_put(mount->root);
	vnode_purge(mount);
	os_mutex_unlock(&mount_lock);
	failed = mount->ops->unmounted ? mount->ops->unmounted(mount) : 0;
	vnode_put(covers);
	return error ? error : failed;
}

/*
 * The n-th mount, which stays until leave(); NULL: there is none. For the server's own work on all that is mounted: an unmount waits for
 * its end, where it would refuse for a client's file. While one waits nobody comes new: with `wait` he waits, else there is none.
 */
static struct mount *
visit(unsigned n, bool wait)
{
	struct mount *mount;

	os_mutex_lock(&mount_lock);
	while ((mount = mounts[n]) != NULL && mount->leaving && wait)
		os_cond_wait(&visit_over, &mount_lock);
	if (mount && mount->leaving)
		mount = NULL;
	if (mount)
		mount->visits++;
	os_mutex_unlock(&mount_lock);
	return mount;
}

static void
leave(struct mount *mount)
{
	os_mutex_lock(&mount_lock);
	if (--mount->visits == 0)
		os_cond_broadcast(&visit_over);
	os_mutex_unlock(&mount_lock);
}

int
vfs_sync(void)
{
	int error = os_wait_place();

	if (error)
		return error;
	for (unsigned i = 0; i < MOUNTS_MAX; i++) {
		struct mount *mount = visit(i, true);
		int failed;

		if (!mount)
			continue;
		failed = mount_sync(mount);
		error = error ? error : failed;
		leave(mount);
	}
	return error;
}

bool
vfs_has_removed(void)
{
	bool found = false;

	for (unsigned i = 0; i < MOUNTS_MAX && !found; i++) {
		struct mount *mount = visit(i, false);

		if (!mount)
			continue;
		found = mount->ops->has_removed && mount->ops->has_removed(mount);
		leave(mount);
	}
	return found;
}

unsigned
vfs_shrink(unsigned blocks)
{
	unsigned done = 0;

	for (unsigned i = 0; i < MOUNTS_MAX && done < blocks; i++) {
		struct mount *mount = visit(i, false);

		if (!mount)
			continue;
		if (mount->ops->shrink)
			done += mount->ops->shrink(mount, blocks - done);
		leave(mount);
	}
	return done;
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
