/*
 * Mounting and unmounting at a client's request: root only, one at a time.
 */
#include "server.h"
#include "devfs/devfs.h"
#include "tmpfs/tmpfs.h"

#include "fs_server.h"

#include <errno.h>
#include <string.h>

#define DEV_FIRST 16u			/* st_dev of the first; below: main.c */

static struct os_mutex lock;		/* one mount or unmount at a time */
static uint64_t next_dev = DEV_FIRST;

void
mounts_init(void)
{
	os_mutex_init(&lock);
}

/* Finds a directory. Returns 0 and a reference; EPERM unless root asks. */
static int
find(struct mig_request *rq, const char *path, struct vnode **vn)
{
	struct open_file *dir;
	struct walk_start start;
	int error;

	if (rq->sender.uid != 0)
		return EPERM;
	dir = files_use(rq->port);
	if (!dir)
		return EBADF;
	start = start_at(dir, rq);
	error = vfs_walk(&start, path, 0, vn);
	files_done(dir);
	return error;
}

/* Changes the flags of what is mounted at a directory. */
static int
remount(struct vnode *vn, bool read_only)
{
	return vn == vn->mount->root ? vfs_remount(vn->mount, read_only) : EINVAL;
}

static int
mount_at(struct vnode *vn, const char *type, bool read_only)
{
	struct mount *mount;
	int error = ENODEV;

	if (strcmp(type, "remount") == 0)
		return remount(vn, read_only);
	if (strcmp(type, "tmpfs") == 0)
		error = tmpfs_mount(next_dev, vn, &mount);
	else if (strcmp(type, "devfs") == 0)
		error = devfs_mount(next_dev, vn, &mount);
	if (error)
		return error;
	next_dev++;
	mount->read_only = read_only;
	return 0;
}

kern_return_t
fs_mount_s(struct mig_request *rq, const char *path, const char *type, uint32_t flags)
{
	struct vnode *vn;
	int error = flags & ~IO_STATFS_READ_ONLY ? EINVAL : find(rq, path, &vn);

	if (error)
		return error;
	os_mutex_lock(&lock);
	error = mount_at(vn, type, (flags & IO_STATFS_READ_ONLY) != 0);
	os_mutex_unlock(&lock);
	vnode_put(vn);
	return error;
}

kern_return_t
fs_unmount_s(struct mig_request *rq, const char *path)
{
	struct mount *mount = NULL;
	struct vnode *vn;
	int error;

	os_mutex_lock(&lock);
	error = find(rq, path, &vn);
	if (!error) {
		if (vn != vn->mount->root)
			error = EINVAL;
		else if (!vn->mount->covers)
			error = EBUSY;		/* the root disk */
		mount = vn->mount;
		vnode_put(vn);
	}
	if (!error)
		error = vfs_unmount(mount);
	os_mutex_unlock(&lock);
	return error;
}
