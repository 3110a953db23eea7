/*
 * Vnode operations with the checks that hold for every file system, and what is answered where one
 * has no such operation.
 */
#include "vnode.h"

#include <errno.h>

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
	if (dir->type != VFS_S_IFDIR)
		return ENOTDIR;
	if (length > VFS_NAME_MAX)
		return ENAMETOOLONG;
	return dir->ops->lookup(dir, name, length, child);
}

int
vfs_getattr(struct vnode *vn, struct vfs_attr *attr)
{
	return vn->ops->getattr(vn, attr);
}

int
vfs_read(struct vnode *vn, uint64_t offset, void *data, size_t length, size_t *done)
{
	if (vn->type == VFS_S_IFDIR)
		return EISDIR;
	if (!vn->ops->read)
		return EINVAL;
	return vn->ops->read(vn, offset, data, length, done);
}

int
vfs_write(struct vnode *vn, uint64_t offset, const void *data, size_t length, size_t *done)
{
	if (vn->type == VFS_S_IFDIR)
		return EISDIR;
	if (!vn->ops->write)
		return EROFS;
	return vn->ops->write(vn, offset, data, length, done);
}

int
vfs_readdir(struct vnode *dir, uint64_t *position, vfs_visit_t *visit, void *context)
{
	if (dir->type != VFS_S_IFDIR)
		return ENOTDIR;
	return dir->ops->readdir(dir, position, visit, context);
}

int
vfs_readlink(struct vnode *vn, char *buffer, size_t size, size_t *length)
{
	if (vn->type != VFS_S_IFLNK || !vn->ops->readlink)
		return EINVAL;
	return vn->ops->readlink(vn, buffer, size, length);
}

const char *
vfs_service(struct vnode *vn)
{
	return vn->ops->service ? vn->ops->service(vn) : NULL;
}
