/*
 * The requests of fs.defs that change a file system, or ask about one. See names.c for how paths
 * begin.
 */
#include "server.h"

#include "fs_server.h"
#include "mach/mach.h"

#include <errno.h>
#include <string.h>

#define SETTLE_MS	1000		/* at most, for what nobody uses any more to be given up */
#define SETTLE_STEP_MS	10

/* Makes a file of the kind `what` says at a path. */
static int
make(struct mig_request *rq, const char *path, struct vfs_new what)
{
	struct open_file *dir = files_use(rq->port);
	struct walk_start start;
	int error;

	if (!dir)
		return EBADF;
	start = start_at(dir, rq);
	what.cred = start.cred;
	error = vfs_create(&start, path, false, &what, NULL);
	files_done(dir);
	return error;
}

kern_return_t
fs_mkdir_s(struct mig_request *rq, const char *path, uint32_t mode)
{
	return make(rq, path, (struct vfs_new){ .mode = VFS_S_IFDIR | (mode & 01777) });
}

kern_return_t
fs_mknod_s(struct mig_request *rq, const char *path, uint32_t mode, uint64_t rdev)
{
	struct vfs_new what = { .mode = mode & (VFS_S_IFMT | 07777), .rdev = rdev };

	switch (mode & VFS_S_IFMT) {
	case 0:
		what.mode |= VFS_S_IFREG;
		break;
	case VFS_S_IFREG:
	case VFS_S_IFIFO:
	case VFS_S_IFSOCK:
		what.rdev = 0;
		break;
	case VFS_S_IFCHR:
	case VFS_S_IFBLK:
		if (rdev > UINT32_MAX)
			return EINVAL;
		break;
	default:
		return EINVAL;
	}
	return make(rq, path, what);
}

kern_return_t
fs_symlink_s(struct mig_request *rq, const char *path, const char *target)
{
	return make(rq, path, (struct vfs_new){
		.mode = VFS_S_IFLNK | 0777, .target = target, .target_length = strlen(target) });
}

/* Two paths, each with a directory of its own; done with pair_end, whatever pair_begin returned. */
struct pair {
	struct open_file *dir, *to_dir;
	struct walk_start start, to_start;
};

static int
pair_begin(struct mig_request *rq, mach_port_t to, struct pair *p)
{
	p->dir = files_use(rq->port);
	p->to_dir = files_use(to);
	if (!p->dir || !p->to_dir)
		return EBADF;
	p->start = start_at(p->dir, rq);
	p->to_start = start_at(p->to_dir, rq);
	return 0;
}

/* On success the right in the request is ours to drop. */
static int
pair_end(struct pair *p, mach_port_t to, int error)
{
	files_done(p->dir);
	files_done(p->to_dir);
	if (!error)
		port_drop(to);
	return error;
}

kern_return_t
fs_link_s(struct mig_request *rq, const char *path, mach_port_t to, const char *to_path,
	uint32_t flags)
{
	struct pair p;
	int error = pair_begin(rq, to, &p);

	if (!error)
		error = vfs_link(&p.start, path, (flags & IO_FOLLOW) != 0, &p.to_start, to_path);
	return pair_end(&p, to, error);
}

kern_return_t
fs_rename_s(struct mig_request *rq, const char *path, mach_port_t to, const char *to_path,
	uint32_t flags)
{
	struct pair p;
	int error = pair_begin(rq, to, &p);

	if (!error)
		error = vfs_rename(&p.start, path, &p.to_start, to_path,
			(flags & IO_NOREPLACE) != 0);
	return pair_end(&p, to, error);
}

kern_return_t
fs_unlink_s(struct mig_request *rq, const char *path, uint32_t flags)
{
	struct open_file *dir = files_use(rq->port);
	struct walk_start start;
	int error;

	if (!dir)
		return EBADF;
	start = start_at(dir, rq);
	error = vfs_remove(&start, path, (flags & IO_REMOVEDIR) != 0);
	files_done(dir);
	return error;
}

/* --- attributes --- */

/* Finds what a path names. Returns 0 and a reference. */
static int
find(struct mig_request *rq, const char *path, uint32_t flags, struct vnode **vn)
{
	struct open_file *dir = files_use(rq->port);
	struct walk_start start;
	int error;

	if (!dir)
		return EBADF;
	start = start_at(dir, rq);
	error = vfs_walk(&start, path, (flags & IO_NOFOLLOW) ? WALK_NOFOLLOW : 0, vn);
	files_done(dir);
	return error;
}

kern_return_t
fs_chmod_s(struct mig_request *rq, const char *path, uint32_t mode, uint32_t flags)
{
	struct vfs_cred cred = sender_of(rq);
	struct vnode *vn;
	int error = find(rq, path, flags, &vn);

	if (error)
		return error;
	error = vn->type == VFS_S_IFLNK ? ENOTSUP : vfs_chmod(vn, &cred, mode);
	vnode_put(vn);
	return error;
}

kern_return_t
fs_chown_s(struct mig_request *rq, const char *path, uint32_t uid, uint32_t gid, uint32_t flags)
{
	struct vfs_cred cred = sender_of(rq);
	struct vnode *vn;
	int error = find(rq, path, flags, &vn);

	if (error)
		return error;
	error = vfs_chown(vn, &cred, uid, gid);
	vnode_put(vn);
	return error;
}

kern_return_t
fs_utimens_s(struct mig_request *rq, const char *path, const struct io_times *times, uint32_t flags)
{
	struct vfs_cred cred = sender_of(rq);
	struct vnode *vn;
	int error = find(rq, path, flags, &vn);

	if (error)
		return error;
	error = times_set(vn, &cred, times);
	vnode_put(vn);
	return error;
}

/* Returns 0 if the sender may do what `want` says with a file. */
static int
check_access(struct mig_request *rq, struct vnode *vn, uint32_t want)
{
	struct vfs_cred cred = sender_of(rq);
	struct vfs_attr attr;
	bool device = vn->type == VFS_S_IFCHR || vn->type == VFS_S_IFBLK || vn->type == VFS_S_IFIFO;
	int error = vfs_getattr(vn, &attr);

	if (!error)
		error = vfs_access(&attr, &cred, want);
	if (!error && (want & VFS_WRITE) && vn->mount->read_only && !device)
		error = EROFS;
	return error;
}

kern_return_t
fs_truncate_s(struct mig_request *rq, const char *path, int64_t size)
{
	struct vfs_cred cred = sender_of(rq);
	struct vnode *vn;
	int error = size < 0 ? EINVAL : find(rq, path, 0, &vn);

	if (error)
		return error;
	error = check_access(rq, vn, VFS_WRITE);
	if (!error)
		error = vfs_truncate(vn, &cred, (uint64_t)size);
	vnode_put(vn);
	return error;
}

kern_return_t
fs_access_s(struct mig_request *rq, const char *path, uint32_t want, uint32_t flags, uint32_t uid, uint32_t gid)
{
	struct vnode *vn;
	int error;

	if (want & ~(IO_READ_OK | IO_WRITE_OK | IO_EXECUTE_OK))
		return EINVAL;
	if (rq->sender.uid == 0) {
		rq->sender.uid = uid;
		rq->sender.gid = gid;
	}
	error = find(rq, path, flags, &vn);
	if (error)
		return error;
	error = check_access(rq, vn, want);
	vnode_put(vn);
	return error;
}

kern_return_t
fs_statfs_s(struct mig_request *rq, const char *path, struct io_statfs *info)
{
	struct vnode *vn;
	int error = find(rq, path, 0, &vn);

	if (error)
		return error;
	error = statfs_fill(vn, info);
	vnode_put(vn);
	return error;
}

kern_return_t
fs_sync_s(struct mig_request *rq)
{
	(void)rq;
	return vfs_sync();
}

/* What a process has in use is given up a little after its end; how much later the kernel does not say. */
kern_return_t
fs_shutdown_s(struct mig_request *rq)
{
	int error = rq->sender.uid != 0 ? EPERM : os_wait_place();

	if (error)
		return error;
	for (unsigned ms = 0; ms < SETTLE_MS && vfs_has_removed(); ms += SETTLE_STEP_MS)
		clock_sleep(SETTLE_STEP_MS);
	return vfs_sync();
}
