/*
 * Mounting and unmounting at a client's request: root only, one at a time.
 */
#include "server.h"
#include "devfs/devfs.h"
#include "ext2/ext2_vfs.h"
#include "tmpfs/tmpfs.h"

#include "fs_server.h"

#include <errno.h>
#include <string.h>

#define DEV_FIRST 16u			/* st_dev of the first; below: main.c */
#define SOURCES_MAX 16u			/* disks mounted at a time */
#define REQUESTS_MAX 4u			/* at a time: fewer than may wait (os_wait_place), as an unmount waits for what others do */
#define CACHE_BLOCKS 512u		/* of each, at least; more while memory is plenty */

static struct os_mutex lock;		/* one mount or unmount at a time */
static uint64_t next_dev = DEV_FIRST;
static unsigned requests;		/* that have or want the lock; atomic */

/* Which disk or partition is mounted; `lock` held. */
static struct source {
	struct mount *mount;
	struct devfs_disk *disk;
} sources[SOURCES_MAX];

void
mounts_init(void)
{
	os_mutex_init(&lock);
}

/* One request at a time. Returns 0 with the lock held; EAGAIN when too many wait; OS_LATER. */
static int
begin(void)
{
	int error = os_wait_place();

	if (error)
		return error;
	if (__atomic_add_fetch(&requests, 1, __ATOMIC_RELAXED) <= REQUESTS_MAX) {
		os_mutex_lock(&lock);
		return 0;
	}
	__atomic_sub_fetch(&requests, 1, __ATOMIC_RELAXED);
	return EAGAIN;
}

static void
end(void)
{
	os_mutex_unlock(&lock);
	__atomic_sub_fetch(&requests, 1, __ATOMIC_RELAXED);
}

/* Finds a file. Returns 0 and a reference; EPERM unless root asks. */
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

/* Mounts the file system of a disk that nobody uses. Conditions: lock held. */
static int
mount_disk(struct devfs_disk *disk, struct vnode *on, bool read_only, struct mount **mount)
{
	struct source *s = sources;
	int error;

	while (s < sources + SOURCES_MAX && s->mount)
		s++;
	if (s == sources + SOURCES_MAX)
		return EMFILE;
	error = disk_file_claim(disk);
	if (error)
		return error;
	error = ext2_mount_on(disk->dev, CACHE_BLOCKS, next_dev, on, mount);
	if (error) {
		disk_file_release(disk);
		return error;
	}
	*s = (struct source){ *mount, disk };
	return read_only ? vfs_remount(*mount, true) : 0;
}

/* The disk below a mount that is gone is free for others. Conditions: lock held. */
static void
release(struct mount *mount)
{
	for (struct source *s = sources; s < sources + SOURCES_MAX; s++)
		if (s->mount == mount) {
			disk_file_release(s->disk);
			s->mount = NULL;
		}
}

static int
mount_source(struct mig_request *rq, const char *source, struct vnode *on, bool read_only)
{
	struct devfs_disk *disk;
	struct mount *mount;
	struct vnode *vn;
	int error = find(rq, source, &vn);

	if (error)
		return error;
	disk = devfs_disk_of(vn);
	vnode_put(vn);
	error = disk ? mount_disk(disk, on, read_only, &mount) : ENOTBLK;
	if (!error)
		next_dev++;
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
fs_mount_s(struct mig_request *rq, const char *path, const char *type, const char *source, uint32_t flags)
{
	struct vnode *vn;
	int error = flags & ~IO_STATFS_READ_ONLY ? EINVAL : find(rq, path, &vn);

	if (error)
		return error;
	error = begin();
	if (!error) {
		if (strcmp(type, "ext2") == 0)
			error = mount_source(rq, source, vn, (flags & IO_STATFS_READ_ONLY) != 0);
		else
			error = mount_at(vn, type, (flags & IO_STATFS_READ_ONLY) != 0);
		end();
	}
	vnode_put(vn);
	return error;
}

/* Conditions: lock held. */
static int
unmount(struct mig_request *rq, const char *path)
{
	struct mount *mount;
	struct vnode *vn;
	int error = find(rq, path, &vn);

	if (error)
		return error;
	mount = vn->mount;
	if (vn != mount->root)
		error = EINVAL;
	else if (!mount->covers)
		error = EBUSY;			/* the root disk */
	vnode_put(vn);
	if (error)
		return error;
	files_settle(mount);			/* a file whose last user has just gone is no reason to refuse */
	error = vfs_unmount(mount);
	if (error != EBUSY)
		release(mount);
	return error;
}

kern_return_t
fs_unmount_s(struct mig_request *rq, const char *path)
{
	int error = begin();

	if (error)
		return error;
	error = unmount(rq, path);
	end();
	return error;
}
