/*
 * Opening, and the offset. See file.h.
 */
#include "file.h"

#include <errno.h>

#define CREATE_TRIES 16u

/* Takes a reference to both vnodes. */
static int
file_make(struct vnode *vn, struct vnode *root, const struct vfs_cred *cred, unsigned flags,
	struct file **result)
{
	struct file *file = os_alloc(sizeof(*file));

	if (!file)
		return ENOMEM;
	vnode_hold(vn);
	vnode_hold(root);
	file->vn = vn;
	file->root = root;
	file->cred = *cred;
	file->flags = flags;
	os_mutex_init(&file->lock);
	*result = file;
	return 0;
}

static const struct vfs_cred nobody = { 65534, 65534 };

int
file_open_root(struct vnode *vn, struct file **result)
{
	return file_make(vn, vn, &nobody, FILE_READ_ONLY | FILE_DIRECTORY, result);
}

void
file_become_root(struct file *file)
{
	vnode_hold(file->vn);
	vnode_put(file->root);
	file->root = file->vn;
}

int
file_open_vnode(struct vnode *vn, unsigned flags, struct file **result)
{
	return file_make(vn, vn, &nobody, flags, result);
}

void
file_close(struct file *file)
{
	vnode_put(file->vn);
	vnode_put(file->root);
	os_free(file);
}

/* Returns the accesses an open asks for. */
static unsigned
access_wanted(unsigned flags)
{
	static const unsigned wanted[] = { VFS_READ, VFS_WRITE, VFS_READ | VFS_WRITE,
		VFS_EXECUTE };
	unsigned want = wanted[flags & FILE_ACCESS];

	return (flags & FILE_TRUNCATE) ? want | VFS_WRITE : want;
}

/* Returns 0 if a vnode may be opened with these flags by this caller. */
static int
check_open(struct vnode *vn, const struct vfs_cred *cred, unsigned flags)
{
	unsigned want = access_wanted(flags);
	struct vfs_attr attr;
	int error;

	if ((flags & FILE_CREATE) && (flags & FILE_EXCLUSIVE))
		return EEXIST;
	if (vn->type == VFS_S_IFLNK)
		return ELOOP;
	if (vn->type == VFS_S_IFSOCK)
		return EOPNOTSUPP;
	if ((flags & FILE_DIRECTORY) && vn->type != VFS_S_IFDIR)
		return ENOTDIR;
	if (((want & VFS_WRITE) || (flags & FILE_CREATE)) && vn->type == VFS_S_IFDIR)
		return EISDIR;
	error = vfs_getattr(vn, &attr);
	if (!error)
		error = vfs_access(&attr, cred, want);
	if (error)
		return error;
	if (vn->type != VFS_S_IFDIR && vn->type != VFS_S_IFIFO && !vn->ops->read && !vfs_service(vn))
		return ENXIO;
	if ((want & VFS_WRITE) && vn->type == VFS_S_IFREG &&
		(vn->mount->read_only || !vn->ops->write))
		return EROFS;
	return (want & VFS_WRITE) && vn->ops->may_write ? vn->ops->may_write(vn) : 0;
}

/*
 * Finds what is to be opened, or makes it. Returns 0 and a reference; *made tells that it is new,
 * so that its own permissions do not count yet.
 */
static int
find_or_make(const struct walk_start *start, const char *path, unsigned flags, uint32_t mode,
	struct vnode **vn, bool *made)
{
	bool exclusive = (flags & FILE_CREATE) && (flags & FILE_EXCLUSIVE);
	bool nofollow = (flags & FILE_NOFOLLOW) || exclusive;
	struct vfs_new what = { .mode = VFS_S_IFREG | (mode & 07777), .cred = start->cred };
	unsigned tries = 0;
	int error;

	do {
		*made = false;
		error = vfs_walk(start, path, nofollow ? WALK_NOFOLLOW : 0, vn);
		if (error != ENOENT || !(flags & FILE_CREATE) || path[0] == 0)
			return error;
		*made = true;
		error = vfs_create(start, path, !nofollow, &what, vn);
		/* Another was quicker: open that. A last name like ".." exists but may lead nowhere. */
	} while (error == EEXIST && !exclusive && ++tries < CREATE_TRIES);
	return error;
}

/* Empties a file just opened, if the flags say so. */
static int
truncate_opened(struct vnode *vn, const struct vfs_cred *cred, unsigned flags)
{
	if (!(flags & FILE_TRUNCATE) || vn->type != VFS_S_IFREG)
		return 0;
	return vfs_truncate(vn, cred, 0);
}

int
file_open(const struct walk_start *start, const char *path, unsigned flags, uint32_t mode,
	struct file **result)
{
	struct vnode *vn;
	bool made;
	int error;

	if ((flags & FILE_CREATE) && (flags & FILE_DIRECTORY))
		return EINVAL;
	error = find_or_make(start, path, flags, mode, &vn, &made);
	if (error)
		return error;
	if (!made) {
		error = check_open(vn, &start->cred, flags);
		if (!error)
			error = truncate_opened(vn, &start->cred, flags);
	}
	if (!error)
		error = file_make(vn, start->root, &start->cred, flags, result);
	vnode_put(vn);
	return error;
}

/* Returns 0 and where a transfer begins; the file's lock is taken if it moves the offset. */
static int
transfer_begin(struct file *file, int64_t offset, uint64_t *at)
{
	int error;

	if (offset < 0 && offset != FILE_OFFSET_CURRENT)
		return EINVAL;
	if (offset == FILE_OFFSET_CURRENT) {
		error = os_mutex_ask(&file->lock);
		if (error)
			return error;
		offset = file->offset;
	}
	*at = offset;
	return 0;
}

static void
transfer_end(struct file *file, int64_t offset, size_t done)
{
	if (offset != FILE_OFFSET_CURRENT)
		return;
	file->offset += done;
	os_mutex_unlock(&file->lock);
}

int
file_read(struct file *file, int64_t offset, void *data, size_t length, size_t *done)
{
	uint64_t at;
	int error;

	*done = 0;
	if (!(access_wanted(file->flags & FILE_ACCESS) & VFS_READ))
		return EBADF;
	if (file->vn->type == VFS_S_IFDIR)
		return EISDIR;
	error = transfer_begin(file, offset, &at);
	if (error)
		return error;
	error = vfs_read(file->vn, at, data, length, done);
	transfer_end(file, offset, *done);
	return error;
}

bool
file_is_program(const struct file *file)
{
	return (file->flags & FILE_ACCESS) == FILE_SEARCH && file->vn->type == VFS_S_IFREG;
}

int
file_read_program(struct file *file, int64_t offset, void *data, size_t length, size_t *done)
{
	*done = 0;
	if (!file_is_program(file) || offset < 0)
		return EBADF;
	return vfs_read(file->vn, (uint64_t)offset, data, length, done);
}

/* POSIX.1-2017 open: O_DSYNC, O_SYNC. */
static bool
is_synchronous(struct file *file)
{
	return (file_flags(file) & FILE_DSYNC) && file->vn->type == VFS_S_IFREG;
}

int
file_write(struct file *file, int64_t offset, const void *data, size_t length, size_t *done)
{
	bool current = offset == FILE_OFFSET_CURRENT, sync = is_synchronous(file);
	uint64_t at;
	int error;

	*done = 0;
	if (!(access_wanted(file->flags & FILE_ACCESS) & VFS_WRITE))
		return EBADF;
	error = sync ? os_wait_place() : 0;	/* once it is written there is no later */
	if (!error)
		error = transfer_begin(file, offset, &at);
	if (error)
		return error;
	error = vfs_write(file->vn, &file->cred, &at, current && (file->flags & FILE_APPEND), data,
		length, done);
	if (current && *done > 0)
		file->offset = at;
	transfer_end(file, offset, *done);
	if (!error && *done > 0 && sync)
		error = vfs_sync_file(file->vn, (file_flags(file) & FILE_SYNC) != FILE_SYNC);
	return error;
}

int
file_truncate(struct file *file, int64_t size)
{
	if (!(access_wanted(file->flags & FILE_ACCESS) & VFS_WRITE))
		return EBADF;
	return size < 0 ? EINVAL : vfs_truncate(file->vn, &file->cred, size);
}

int
file_may_map(const struct file *file)
{
	return access_wanted(file->flags & FILE_ACCESS) & VFS_READ ? 0 : EACCES;
}

bool
file_is_writable(const struct file *file)
{
	return (access_wanted(file->flags & FILE_ACCESS) & VFS_WRITE) && !file->vn->mount->read_only;
}

unsigned
file_flags(struct file *file)
{
	return __atomic_load_n(&file->flags, __ATOMIC_RELAXED) &
	       (FILE_ACCESS | FILE_APPEND | FILE_NONBLOCK | FILE_SYNC);
}

int
file_set_flags(struct file *file, unsigned flags)
{
	unsigned changeable = FILE_APPEND | FILE_NONBLOCK | FILE_SYNC;
	int error = os_mutex_ask(&file->lock);

	if (error)
		return error;
	__atomic_store_n(&file->flags, (file->flags & ~changeable) | (flags & changeable),
		__ATOMIC_RELAXED);
	os_mutex_unlock(&file->lock);
	return 0;
}

/* Returns 0 and what a seek counts from. Conditions: file locked. */
static int
seek_base(struct file *file, unsigned whence, int64_t *base)
{
	struct vfs_attr attr;
	int error;

	switch (whence) {
	case FILE_SEEK_SET:
		*base = 0;
		return 0;
	case FILE_SEEK_CURRENT:
		*base = file->offset;
		return 0;
	case FILE_SEEK_END:
		error = vfs_getattr(file->vn, &attr);
		*base = attr.size;
		return error;
	default:
		return EINVAL;
	}
}

int
file_seek(struct file *file, int64_t offset, unsigned whence, int64_t *position)
{
	int64_t base, sum;
	int error = os_mutex_ask(&file->lock);

	if (error)
		return error;
	error = seek_base(file, whence, &base);
	if (!error && (__builtin_add_overflow(base, offset, &sum) || sum < 0))
		error = EINVAL;
	if (!error)
		file->offset = *position = sum;
	os_mutex_unlock(&file->lock);
	return error;
}

int
file_readdir(struct file *file, vfs_visit_t *visit, void *context)
{
	int error = os_mutex_ask(&file->lock);
	uint64_t position;

	if (error)
		return error;
	position = file->offset;
	error = vfs_readdir(file->vn, &position, visit, context);
	if (error != OS_LATER)
		file->offset = position;
	os_mutex_unlock(&file->lock);
	return error;
}
