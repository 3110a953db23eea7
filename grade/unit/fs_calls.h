/*
 * File system calls on paths for the tests, as uid 0 unless a test says otherwise, and the host's
 * opinion of the image.
 */
#ifndef GRADE_UNIT_FS_CALLS_H
#define GRADE_UNIT_FS_CALLS_H

#include "unit.h"
#include "ext2_tree.h"
#include "vfs_host.h"
#include "../../fs/ext2/ext2.h"
#include "../../fs/ext2/ext2_vfs.h"
#include "../../fs/vfs/file.h"

#include <errno.h>

static struct host_disk disk;
static struct mount *root_mount;
static struct vfs_cred caller;

static inline struct walk_start
from_root(void)
{
	return (struct walk_start){ root_mount->root, root_mount->root, caller };
}

static inline struct ext2_fs *
mounted_fs(void)
{
	return root_mount->data;
}

static inline int
do_open(const char *path, unsigned flags, uint32_t mode, struct file **file)
{
	struct walk_start start = from_root();

	return file_open(&start, path, flags, mode, file);
}

static inline int
do_create(const char *path)
{
	struct file *file;
	int error = do_open(path, FILE_CREATE | FILE_WRITE_ONLY, 0644, &file);

	if (!error)
		file_close(file);
	return error;
}

/* Writes `length` bytes of tree_byte(seed) at an offset, in pieces. Makes the file. */
static inline int
do_fill(const char *path, unsigned seed, uint64_t offset, size_t length, size_t chunk, bool sync)
{
	uint8_t *data = malloc(chunk);
	struct file *file;
	int error = do_open(path, FILE_CREATE | FILE_WRITE_ONLY, 0644, &file);

	if (error) {
		free(data);
		return error;
	}
	while (length > 0 && !error) {
		size_t n = length < chunk ? length : chunk, done;

		for (size_t i = 0; i < n; i++)
			data[i] = tree_byte(seed, offset + i);
		error = file_write(file, offset, data, n, &done);
		if (!error && done < n)
			error = ENOSPC;
		offset += n;
		length -= n;
	}
	/* The second time there is nothing to do, which must not be noticed either. */
	for (unsigned i = 0; i < 1 + seed % 2 && !error && sync; i++)
		error = vfs_sync_file(file->vn, false);
	file_close(file);
	free(data);
	return error;
}

static inline int
do_new(const char *path, uint32_t mode, uint64_t rdev, const char *target)
{
	struct vfs_new what = { mode, caller, rdev, target, target ? strlen(target) : 0 };
	struct walk_start start = from_root();

	return vfs_create(&start, path, false, &what, NULL);
}

static inline int
do_mkdir(const char *path)
{
	return do_new(path, VFS_S_IFDIR | 0755, 0, NULL);
}

static inline int
do_symlink(const char *target, const char *path)
{
	return do_new(path, VFS_S_IFLNK | 0777, 0, target);
}

static inline int
do_unlink(const char *path)
{
	struct walk_start start = from_root();

	return vfs_remove(&start, path, false);
}

static inline int
do_rmdir(const char *path)
{
	struct walk_start start = from_root();

	return vfs_remove(&start, path, true);
}

static inline int
do_rename(const char *from, const char *to)
{
	struct walk_start start = from_root();

	return vfs_rename(&start, from, &start, to, false);
}

static inline int
do_link(const char *from, const char *to)
{
	struct walk_start start = from_root();

	return vfs_link(&start, from, false, &start, to);
}

static inline int
do_stat(const char *path, struct vfs_attr *attr)
{
	struct walk_start start = from_root();
	struct vnode *vn;
	int error = vfs_walk(&start, path, WALK_NOFOLLOW, &vn);

	if (error)
		return error;
	error = vfs_getattr(vn, attr);
	vnode_put(vn);
	return error;
}

static inline int
do_truncate(const char *path, uint64_t size)
{
	struct walk_start start = from_root();
	struct vnode *vn;
	int error = vfs_walk(&start, path, 0, &vn);

	if (error)
		return error;
	error = vfs_truncate(vn, &caller, size);
	vnode_put(vn);
	return error;
}

/* Returns how many bytes of a range differ from tree_byte (seed 0: zeros), -1 if it cannot be read. */
static inline long
do_compare(const char *path, unsigned seed, uint64_t offset, size_t length)
{
	static uint8_t data[65536];
	struct file *file;
	long bad = 0;

	if (do_open(path, FILE_READ_ONLY, 0, &file))
		return -1;
	while (length > 0) {
		size_t done = 0, want = length < sizeof(data) ? length : sizeof(data);

		if (file_read(file, offset, data, want, &done) || done == 0)
			break;
		for (size_t i = 0; i < done; i++)
			bad += data[i] != (seed ? tree_byte(seed, offset + i) : 0);
		offset += done;
		length -= done;
	}
	file_close(file);
	return bad + (long)length;
}

/* Makes an image with mke2fs and these arguments ("-t ext2 -b 1024 ... %s/image 8M") and mounts it. */
static inline bool
mount_new(const char *arguments)
{
	char command[512];

	snprintf(command, sizeof(command), "mke2fs -q -F %s >/dev/null 2>&1", arguments);
	if (tree_run(command) != 0 || !host_disk_load(&disk, tree_path("image")))
		return false;
	vfs_init(64);
	return ext2_mount_on(&disk.dev, 512, 1, NULL, &root_mount) == 0;
}

/* Returns the host's e2fsck status on the image as it is; what it said is in the file `log`. */
static inline int
host_check(const char *options)
{
	char command[256];
	int status;

	host_disk_store(&disk, tree_path("image"));
	snprintf(command, sizeof(command), "e2fsck %s %%s/image >%%s/log 2>&1", options);
	status = tree_run(command);
	return status == -1 ? -1 : status >> 8;
}

/* Checks that e2fsck -fn finds nothing, and shows what it found otherwise. */
static inline void
check_clean(const char *file, int line)
{
	int status = host_check("-fn");

	if (status == 0)
		return;
	unit_complain(file, line, "e2fsck -fn is clean");
	tree_run("head -20 %s/log >&2");
}

#define CHECK_CLEAN() check_clean(__FILE__, __LINE__)

static inline void
unmount_disk(void)
{
	CHECK_EQ(ext2_unmount_from(root_mount), 0);
	root_mount = NULL;
}

#endif
