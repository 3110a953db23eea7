/*
 * Changing attributes, with the rules of POSIX about who may.
 */
#include "os.h"
#include "vnode.h"

#include <errno.h>

struct vfs_time
vfs_now(void)
{
	uint64_t now = os_now();

	return (struct vfs_time){ (int64_t)(now / 1000000000u), (uint32_t)(now % 1000000000u) };
}

/*
 * Locks a vnode to change it and gets what it is like. Returns 0; EROFS, EIO and whatever says that
 * it cannot be changed, with nothing locked.
 */
static int
begin(struct vnode *vn, struct vfs_attr *attr)
{
	int error;

	if (vn->mount->read_only)
		return EROFS;
	if (!vn->ops->setattr)
		return EPERM;
	error = rwlock_ask_write(&vn->lock);
	if (error)
		return error;
	error = vn->ops->getattr(vn, attr);
	if (error)
		rwlock_unlock_write(&vn->lock);
	return error;
}

/* Takes the pages from the lower of the old end and the new one on. Conditions: locked. */
static int
withdraw(struct vnode *vn, uint64_t size)
{
	struct vfs_attr attr;
	int error = vn->ops->getattr(vn, &attr);

	if (error)
		return error;
	return vfs_pager->withdraw(vn, size < attr.size ? size : attr.size, UINT64_MAX);
}

/*
 * Changes what there is to change, unless an error says no; unlocks. What was stored through a
 * mapping goes to the file first: writing it sets the times. So does the next store, which has to
 * ask again, and takes set-id bits away.
 */
static int
end(struct vnode *vn, const struct vfs_change *change, int error)
{
	if (!error && vn->pages)
		error = os_wait_place();
	if (!error && (change->what & VFS_SET_SIZE) && vn->pages)
		error = withdraw(vn, change->size);
	if (!error && (change->what & ~VFS_SET_SIZE) && vn->pages)
		error = vfs_pager->collect(vn, 0, UINT64_MAX);
	if (!error && change->what)
		error = vn->ops->setattr(vn, change);
	rwlock_unlock_write(&vn->lock);
	return error;
}

int
vfs_chmod(struct vnode *vn, const struct vfs_cred *cred, uint32_t mode)
{
	struct vfs_change change = { .what = VFS_SET_MODE, .mode = mode & 07777 };
	struct vfs_attr attr;
	int error = begin(vn, &attr);

	if (error)
		return error;
	if (cred->uid != 0 && cred->uid != attr.uid)
		error = EPERM;
	else if (cred->uid != 0 && vn->type != VFS_S_IFDIR && cred->gid != attr.gid)
		change.mode &= ~02000u;
	return end(vn, &change, error);
}

int
vfs_chown(struct vnode *vn, const struct vfs_cred *cred, uint32_t uid, uint32_t gid)
{
	struct vfs_change change = { .uid = uid, .gid = gid };
	struct vfs_attr attr;
	int error = begin(vn, &attr);

	if (error)
		return error;
	if (uid != VFS_ID_KEEP)
		change.what |= VFS_SET_UID;
	if (gid != VFS_ID_KEEP)
		change.what |= VFS_SET_GID;
	if (cred->uid != 0 && change.what
	    && (cred->uid != attr.uid || (uid != VFS_ID_KEEP && uid != attr.uid)
		|| (gid != VFS_ID_KEEP && gid != attr.gid && gid != cred->gid)))
		error = EPERM;
	if (change.what && vn->type == VFS_S_IFREG && (attr.mode & 0111) && (attr.mode & 06000)) {
		change.what |= VFS_SET_MODE;
		change.mode = attr.mode & 01777;
		if (!(attr.mode & 010))
			change.mode |= attr.mode & 02000;
	}
	return end(vn, &change, error);
}

int
vfs_set_times(struct vnode *vn, const struct vfs_cred *cred, const struct vfs_time *atime,
	const struct vfs_time *mtime, bool now_only)
{
	struct vfs_change change = { .what = 0 };
	struct vfs_attr attr;
	int error = begin(vn, &attr);

	if (error)
		return error;
	if (atime) {
		change.what |= VFS_SET_ATIME;
		change.atime = *atime;
	}
	if (mtime) {
		change.what |= VFS_SET_MTIME;
		change.mtime = *mtime;
	}
	if (change.what && cred->uid != 0 && cred->uid != attr.uid)
		error = !now_only ? EPERM : vfs_access(&attr, cred, VFS_WRITE);
	return end(vn, &change, error);
}

int
vfs_note_transfers(struct vnode *vn, unsigned (*take)(void *what), void *what)
{
	struct vfs_change change = { .what = 0 };
	struct vfs_attr attr;
	int error = os_wait_place();	/* what was taken does not come back */

	if (error)
		return error;
	if (begin(vn, &attr))
		return 0;
	change.what = take(what);
	change.atime = change.mtime = vfs_now();
	if (change.what == VFS_SET_ATIME)
		change.what |= VFS_KEEP_CTIME;
	(void)end(vn, &change, 0);
	return 0;
}

int
vfs_truncate(struct vnode *vn, const struct vfs_cred *cred, uint64_t size)
{
	struct vfs_change change = { .what = VFS_SET_SIZE, .size = size };
	struct vfs_attr attr;
	int error;

	if (vn->type == VFS_S_IFDIR)
		return EISDIR;
	if (vn->type != VFS_S_IFREG)
		return EINVAL;
	if (size > INT64_MAX)
		return EFBIG;
	error = begin(vn, &attr);
	if (error)
		return error;
	if (cred->uid != 0 && (attr.mode & 06000) && (attr.mode & 010)) {
		change.what |= VFS_SET_MODE;
		change.mode = attr.mode & 01777;
	} else if (cred->uid != 0 && (attr.mode & 04000)) {
		change.what |= VFS_SET_MODE;
		change.mode = attr.mode & 03777;
	}
	return end(vn, &change, 0);
}
