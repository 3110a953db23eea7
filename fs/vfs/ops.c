/*
 * Vnode operations with the checks that hold for every file system, and what is answered where one
 * has no such operation.
 */
#include "vnode.h"
#include "os.h"

#include <errno.h>

#define READ_STEP	(8 * VFS_PAGE)	/* bytes asked of the file at first where the kernel has no page */

const struct vfs_pager *vfs_pager;

int
vfs_access(const struct vfs_attr *attr, const struct vfs_cred *cred, unsigned want)
{
	unsigned granted = attr->mode & 7;

	if (cred->uid == 0) {
		bool executable =
			(attr->mode & 0111) != 0 || (attr->mode & VFS_S_IFMT) == VFS_S_IFDIR;

		return (want & VFS_EXECUTE) && !executable ? EACCES : 0;
	}
	if (cred->uid == attr->uid)
		granted = attr->mode >> 6 & 7;
	else if (cred->gid == attr->gid)
		granted = attr->mode >> 3 & 7;
	return (want & ~granted) ? EACCES : 0;
}

int
vfs_lookup(struct vnode *dir, const char *name, size_t length, struct vnode **child)
{
	int error;

	if (dir->type != VFS_S_IFDIR)
		return ENOTDIR;
	if (length > VFS_NAME_MAX)
		return ENAMETOOLONG;
	error = rwlock_ask_read(&dir->lock);
	if (error)
		return error;
	/* The ".." of a removed directory names a file that may be gone, too, or another by now. */
	error = dir->unlinked && !(length == 1 && name[0] == '.') ? ENOENT :
		dir->ops->lookup(dir, name, length, child);
	rwlock_unlock_read(&dir->lock);
	return error;
}

int
vfs_getattr(struct vnode *vn, struct vfs_attr *attr)
{
	int error = rwlock_ask_read(&vn->lock);

	if (error)
		return error;
	error = vn->ops->getattr(vn, attr);
	rwlock_unlock_read(&vn->lock);
	return error;
}

/*
 * Reads a file that clients map, or have mapped: each of its pages is in one place, with the kernel or in the cache of the file system. Where the
 * kernel has none, more is asked of the file each time. Conditions: locked. Returns 0; an error; or 0 and *newer: what comes after *done bytes must
 * come to the file first.
 */
static int
read_mapped(struct vnode *vn, uint64_t offset, uint8_t *data, size_t length, size_t *done, bool *newer)
{
	struct vfs_attr attr;
	size_t step = READ_STEP, some;
	int error = vn->ops->getattr(vn, &attr);
	bool asked = false;

	*done = 0;
	*newer = false;
	if (error || offset >= attr.size)
		return error;
	if (length > attr.size - offset)
		length = attr.size - offset;
	while (*done < length) {
		*done += vfs_pager->copy(vn, offset + *done, data + *done, length - *done);
		some = step - (offset + *done) % VFS_PAGE;
		if (some > length - *done)
			some = length - *done;
		if (some == 0)
			break;
		*newer = vfs_pager->newer(vn, offset + *done, some);
		if (*newer)
			return 0;
		error = vn->ops->read(vn, offset + *done, data + *done, some, &some);
		asked = true;
		*done += some;
		if (error || some == 0)
			return *done > 0 && error != OS_LATER ? 0 : error;
		step *= 2;
	}
	/* The file system notes that it was read, and how far. */
	return asked ? 0 : vn->ops->read(vn, offset + *done, data, 0, &some);
}

/* Reads what may have been stored through a mapping and is on its way: it comes to the file first. */
static int
read_newer(struct vnode *vn, uint64_t offset, void *data, size_t length, size_t *done)
{
	bool newer;
	int error = os_wait_place();	/* what comes is written */

	if (error)
		return error;
	rwlock_write(&vn->lock);
	do {
		newer = false;
		error = vn->pages ? vfs_pager->collect(vn, offset + *done, length - *done) : 0;
		if (!error && vn->pages)
			error = read_mapped(vn, offset, data, length, done, &newer);
		else if (!error)
			error = vn->ops->read(vn, offset, data, length, done);
	} while (!error && newer);
	rwlock_unlock_write(&vn->lock);
	if (error)
		*done = 0;
	return error;
}

int
vfs_read(struct vnode *vn, uint64_t offset, void *data, size_t length, size_t *done)
{
	bool newer = false;
	int error;

	if (vn->type == VFS_S_IFDIR)
		return EISDIR;
	if (!vn->ops->read)
		return EINVAL;
	*done = 0;
	if (length == 0)
		return 0;
	error = rwlock_ask_read(&vn->lock);
	if (error)
		return error;
	if (vn->pages)
		error = read_mapped(vn, offset, data, length, done, &newer);
	else
		error = vn->ops->read(vn, offset, data, length, done);
	rwlock_unlock_read(&vn->lock);
	if (newer)
		error = read_newer(vn, offset, data, length, done);	/* all of it: a read sees a write whole */
	if (error == OS_LATER)
		*done = 0;
	return error;
}

int
vfs_clear_set_id(struct vnode *vn, const struct vfs_attr *attr, const struct vfs_cred *cred)
{
	struct vfs_change change = { .what = VFS_SET_MODE, .mode = attr->mode & 01777 };

	if (cred->uid == 0 || !(attr->mode & 06000) || vn->type != VFS_S_IFREG || !vn->ops->setattr)
		return 0;
	if (!(attr->mode & 010))		/* without group execute it is no set-id bit */
		change.mode |= attr->mode & 02000;
	return vn->ops->setattr(vn, &change);
}

/*
 * Takes the pages that a write changes, also the last one of a file that grows: what lies behind
 * its end is seen then. Conditions: locked.
 */
static int
withdraw(struct vnode *vn, uint64_t size, uint64_t offset, size_t length)
{
	uint64_t end = offset + length < offset ? UINT64_MAX : offset + length;
	uint64_t from = offset < size || end <= size ? offset : size;
	int error = vn->pages ? os_wait_place() : 0;

	return vn->pages && !error ? vfs_pager->withdraw(vn, from, end - from) : error;
}

int
vfs_write(struct vnode *vn, const struct vfs_cred *cred, uint64_t *offset, bool append,
	const void *data, size_t length, size_t *done)
{
	struct vfs_attr attr;
	int error;

	*done = 0;
	if (vn->type == VFS_S_IFDIR)
		return EISDIR;
	if (!vn->ops->write || (vn->mount->read_only && vn->type == VFS_S_IFREG))
		return EROFS;
	if (length == 0)		/* has no other results */
		return 0;
	error = rwlock_ask_write(&vn->lock);
	if (error)
		return error;
	error = vn->ops->getattr(vn, &attr);
	if (!error && append)
		*offset = attr.size;
	if (!error)
		error = vfs_clear_set_id(vn, &attr, cred);
	if (!error)
		error = withdraw(vn, attr.size, *offset, length);
	if (!error)
		error = vn->ops->write(vn, *offset, data, length, cred->uid == 0, done);
	rwlock_unlock_write(&vn->lock);
	return error;
}

int
vfs_readdir(struct vnode *dir, uint64_t *position, vfs_visit_t *visit, void *context)
{
	int error;

	if (dir->type != VFS_S_IFDIR)
		return ENOTDIR;
	error = rwlock_ask_read(&dir->lock);
	if (error)
		return error;
	if (!dir->unlinked)		/* a removed one has not even "." */
		error = dir->ops->readdir(dir, position, visit, context);
	rwlock_unlock_read(&dir->lock);
	return error;
}

int
vfs_readlink(struct vnode *vn, char *buffer, size_t size, size_t *length)
{
	int error;

	if (vn->type != VFS_S_IFLNK || !vn->ops->readlink)
		return EINVAL;
	error = rwlock_ask_read(&vn->lock);
	if (error)
		return error;
	error = vn->ops->readlink(vn, buffer, size, length);
	rwlock_unlock_read(&vn->lock);
	return error;
}

int
vfs_statfs(struct vnode *vn, struct vfs_statfs *info)
{
	*info = (struct vfs_statfs){ .type = vn->mount->ops->name, .block_size = 4096 };
	return vn->mount->ops->statfs ? vn->mount->ops->statfs(vn->mount, info) : 0;
}

int
vfs_sync_file(struct vnode *vn, bool data_only)
{
	int error = os_wait_place(), failed = 0;

	if (error)
		return error;
	if (vfs_pager) {
		rwlock_write(&vn->lock);
		if (vn->pages)
			error = vfs_pager->collect(vn, 0, UINT64_MAX);
		rwlock_unlock_write(&vn->lock);
	}
	if (vn->ops->sync)
		failed = vn->ops->sync(vn, data_only);
	else if (vn->mount->ops->sync)
		failed = vn->mount->ops->sync(vn->mount);
	error = error ? error : failed;
	failed = __atomic_exchange_n(&vn->lost, 0, __ATOMIC_RELAXED);
	return error ? error : failed;
}

const char *
vfs_service(struct vnode *vn)
{
	return vn->ops->service ? vn->ops->service(vn) : NULL;
}
