// SOURCES: grade/unit/vfs_host.c fs/vfs/bcache.c fs/vfs/bcache_grow.c fs/vfs/bcache_write.c fs/vfs/rwlock.c
// SOURCES: fs/ext2/super.c fs/ext2/inode.c fs/ext2/map.c fs/ext2/file.c fs/ext2/dir.c fs/ext2/dirindex.c
// SOURCES: fs/ext2/alloc.c fs/ext2/dirchange.c fs/ext2/journal.c fs/ext2/order.c
// SOURCES: fs/ext2/orphan.c fs/ext2/replay.c fs/ext2/trans.c fs/ext2/truncate.c
// SOURCES: fs/ext2/write.c fs/vfs/vnode.c fs/vfs/mount.c fs/vfs/ops.c fs/vfs/attr.c
// SOURCES: fs/vfs/change.c fs/vfs/walk.c fs/vfs/file.c fs/devfs/devfs.c fs/devfs/disk.c fs/ext2/names.c
// SOURCES: fs/devfs/random.c fs/ext2/vnode.c
// CFLAGS: -pthread
/*
 * Paths, mount points and open files, on an ext2 image with devfs mounted at /dev.
 */
#include "unit.h"
#include "ext2_tree.h"
#include "vfs_host.h"
#include "../../fs/devfs/devfs.h"
#include "../../fs/ext2/ext2_vfs.h"
#include "../../fs/vfs/file.h"

#include <errno.h>
#include <pthread.h>

static struct host_disk disk;
static struct mount *root_mount, *dev_mount;
static const struct vfs_cred super = { 0, 0 }, user = { 1000, 1000 };

/*
 * Walks from the root directory as uid 0. Returns the errno value; the vnode's number goes to *id.
 */
static int
walk(const char *path, unsigned flags, uint64_t *id)
{
	struct walk_start start = { root_mount->root, root_mount->root, super };
	struct vnode *vn;
	int error = vfs_walk(&start, path, flags, &vn);

	if (error)
		return error;
	if (id)
		*id = vn->id;
	vnode_put(vn);
	return 0;
}

static uint64_t
number(const char *path)
{
	uint64_t id = 0;

	CHECK_EQ(walk(path, 0, &id), 0);
	return id;
}

static void
paths_lead_to_files(void)
{
	CHECK_EQ(number("/"), 2);
	CHECK_EQ(number("."), 2);
	CHECK_EQ(number("//"), 2);
	CHECK_EQ(number("/.."), 2);
	CHECK_EQ(number("../../a/.."), 2);
	CHECK(number("/a/b/file") != 2);
	CHECK_EQ(number("/a/b/file"), number("a//b/./../b/file"));
	CHECK_EQ(number("a/b/"), number("a/b"));
	CHECK_EQ(walk("", 0, NULL), ENOENT);
	CHECK_EQ(walk("a/none", 0, NULL), ENOENT);
	CHECK_EQ(walk("none/x", 0, NULL), ENOENT);
	CHECK_EQ(walk("a/b/file/", 0, NULL), ENOTDIR);
	CHECK_EQ(walk("a/b/file/x", 0, NULL), ENOTDIR);
	CHECK_EQ(walk("a/b/file/.", 0, NULL), ENOTDIR);
	CHECK_EQ(walk("a/b/file/..", 0, NULL), ENOTDIR);
}

static void
long_names_are_refused(void)
{
	char path[4096];

	memset(path, 'n', sizeof(path));
	path[255] = 0;
	CHECK_EQ(walk(path, 0, NULL), ENOENT);
	path[255] = 'n';
	path[256] = 0;
	CHECK_EQ(walk(path, 0, NULL), ENAMETOOLONG);
	memset(path, '/', sizeof(path));
	path[VFS_PATH_MAX - 1] = 0;
	CHECK_EQ(walk(path, 0, NULL), 0);
	path[VFS_PATH_MAX - 1] = '/';
	path[VFS_PATH_MAX] = 0;
	CHECK_EQ(walk(path, 0, NULL), ENAMETOOLONG);
}

static void
links_are_followed(void)
{
	uint64_t id = 0;

	CHECK_EQ(number("to_b/file"), number("a/b/file"));
	CHECK_EQ(number("to_file"), number("a/b/file"));
	CHECK_EQ(number("absolute/file"), number("a/b/file"));
	CHECK_EQ(number("a/up"), 2);
	CHECK_EQ(number("to_b/.."), number("a"));
	CHECK_EQ(walk("to_b", WALK_NOFOLLOW, &id), 0);
	CHECK(id != number("a/b"));
	CHECK_EQ(walk("to_b/", WALK_NOFOLLOW, &id), 0);
	CHECK_EQ(id, number("a/b"));
	CHECK_EQ(walk("to_file/", WALK_NOFOLLOW, &id), ENOTDIR);
	CHECK_EQ(walk("dangling", 0, NULL), ENOENT);
	CHECK_EQ(walk("loop1", 0, NULL), ELOOP);
	CHECK_EQ(walk("loop1/x", 0, NULL), ELOOP);
	CHECK_EQ(walk("self/x", 0, NULL), ELOOP);
	CHECK_EQ(walk("self", WALK_NOFOLLOW, NULL), 0);
	CHECK_EQ(number("chain40"), number("a/b/file"));
	CHECK_EQ(walk("chain41", 0, NULL), ELOOP);
	CHECK_EQ(walk("grows/x", 0, NULL), ENAMETOOLONG);
}

static void
mount_points_are_crossed(void)
{
	struct walk_start start = { root_mount->root, dev_mount->root, super };
	struct vnode *vn, *below;

	REQUIRE(vfs_walk(&start, "null", 0, &vn) == 0);
	CHECK_EQ(vn->type, VFS_S_IFCHR);
	CHECK(vn->mount == dev_mount);
	vnode_put(vn);
	REQUIRE(vfs_walk(&start, "..", 0, &vn) == 0);
	CHECK(vn == root_mount->root);
	vnode_put(vn);
	REQUIRE(vfs_walk(&start, "../dev/../dev/", 0, &vn) == 0);
	CHECK(vn == dev_mount->root);
	CHECK_EQ(vfs_unmount(dev_mount), EBUSY);
	vnode_put(vn);
	REQUIRE(vnode_get(root_mount, dev_mount->covers->id, &below) == 0);
	CHECK_EQ(vfs_mount(&(struct mount){ .ops = dev_mount->ops, .dev = 3 }, 1, below), EBUSY);
	vnode_put(below);
}

static void
a_root_is_its_own_parent(void)
{
	struct walk_start start = { root_mount->root, root_mount->root, super };
	struct vnode *jail, *vn;

	REQUIRE(vfs_walk(&start, "a/b", 0, &jail) == 0);
	start.root = start.dir = jail;
	CHECK_EQ(vfs_walk(&start, "../../..", 0, &vn), 0);
	CHECK(vn == jail);
	vnode_put(vn);
	CHECK_EQ(vfs_walk(&start, "/file", 0, &vn), 0);
	vnode_put(vn);
	CHECK_EQ(vfs_walk(&start, "out", 0, &vn), ENOENT);
	vnode_put(jail);
}

static void
directories_know_their_path(void)
{
	static const char *const paths[] = { "/", "/a", "/a/b", "/dev", "/a/b/deep/deeper" };
	struct walk_start start = { root_mount->root, root_mount->root, super };
	char buffer[VFS_PATH_MAX];
	struct vnode *vn;

	for (unsigned i = 0; i < 5; i++) {
		REQUIRE(vfs_walk(&start, paths[i], 0, &vn) == 0);
		CHECK_EQ(vfs_path_of(root_mount->root, vn, buffer, sizeof(buffer)), 0);
		CHECK_STR(buffer, paths[i]);
		CHECK_EQ(vfs_path_of(root_mount->root, vn, buffer, strlen(paths[i])), ENAMETOOLONG);
		vnode_put(vn);
	}
	REQUIRE(vfs_walk(&start, "a/b", 0, &vn) == 0);
	CHECK_EQ(vfs_path_of(vn, root_mount->root, buffer, sizeof(buffer)), ENOENT);
	vnode_put(vn);
}

static int
try_open(const char *path, unsigned flags, struct vfs_cred cred)
{
	struct walk_start start = { root_mount->root, root_mount->root, cred };
	struct file *file;
	int error = file_open(&start, path, flags, 0644, &file);

	if (!error)
		file_close(file);
	return error;
}

static void
open_checks_permission(void)
{
	CHECK_EQ(try_open("a/b/file", FILE_READ_ONLY, user), 0);
	CHECK_EQ(try_open("secret", FILE_READ_ONLY, user), EACCES);
	CHECK_EQ(try_open("secret", FILE_READ_ONLY, super), 0);
	CHECK_EQ(try_open("closed/file", FILE_READ_ONLY, user), EACCES);
	CHECK_EQ(try_open("closed/file", FILE_READ_ONLY, super), 0);
	CHECK_EQ(try_open("dev/null", FILE_READ_WRITE, user), 0);
	CHECK_EQ(try_open("dev/console", FILE_READ_WRITE, user), EACCES);
}

static void
open_checks_flags(void)
{
	CHECK_EQ(try_open("a", FILE_DIRECTORY, super), 0);
	CHECK_EQ(try_open("a/b/file", FILE_DIRECTORY, super), ENOTDIR);
	CHECK_EQ(try_open("a", FILE_WRITE_ONLY, super), EISDIR);
	CHECK_EQ(try_open("a", FILE_CREATE, super), EISDIR);
	CHECK_EQ(try_open("a/b/file", FILE_SEARCH, super), EACCES);
	CHECK_EQ(try_open("a/b", FILE_SEARCH, super), 0);
	CHECK_EQ(try_open("to_file", FILE_NOFOLLOW, super), ELOOP);
	CHECK_EQ(try_open("a/b/file", FILE_CREATE | FILE_EXCLUSIVE, super), EEXIST);
	CHECK_EQ(try_open("dangling", FILE_CREATE | FILE_EXCLUSIVE, super), EEXIST);
	CHECK_EQ(try_open("new", FILE_CREATE | FILE_WRITE_ONLY, super), EROFS);
	CHECK_EQ(try_open("a/b/file", FILE_WRITE_ONLY, super), EROFS);
	CHECK_EQ(try_open("a/b/file", FILE_TRUNCATE, super), EROFS);
	CHECK_EQ(try_open("fifo", FILE_READ_ONLY, super), 0);
}

static void
the_offset_moves(void)
{
	struct walk_start start = { root_mount->root, root_mount->root, super };
	struct file *file;
	uint8_t data[3000];
	int64_t position;
	size_t done;

	REQUIRE(file_open(&start, "a/b/file", FILE_READ_ONLY, 0644, &file) == 0);
	CHECK_EQ(file_read(file, FILE_OFFSET_CURRENT, data, 3000, &done), 0);
	CHECK_EQ(done, 3000);
	CHECK_EQ(file_read(file, FILE_OFFSET_CURRENT, data, 3000, &done), 0);
	CHECK_EQ(done, 2000);
	CHECK_EQ(data[1999], tree_byte(1, 4999));
	CHECK_EQ(file_read(file, FILE_OFFSET_CURRENT, data, 3000, &done), 0);
	CHECK_EQ(done, 0);
	CHECK_EQ(file_read(file, 10, data, 1, &done), 0);
	CHECK_EQ(data[0], tree_byte(1, 10));
	CHECK_EQ(file_seek(file, 0, FILE_SEEK_CURRENT, &position), 0);
	CHECK_EQ(position, 5000);
	CHECK_EQ(file_seek(file, -1, FILE_SEEK_END, &position), 0);
	CHECK_EQ(position, 4999);
	CHECK_EQ(file_seek(file, -5000, FILE_SEEK_CURRENT, &position), EINVAL);
	CHECK_EQ(file_seek(file, INT64_MAX, FILE_SEEK_CURRENT, &position), EINVAL);
	CHECK_EQ(file_seek(file, 0, 7, &position), EINVAL);
	CHECK_EQ(file_read(file, -2, data, 1, &done), EINVAL);
	CHECK_EQ(file_write(file, 0, data, 1, &done), EBADF);
	file_close(file);
	REQUIRE(file_open(&start, "a", FILE_READ_ONLY, 0644, &file) == 0);
	CHECK_EQ(file_read(file, 0, data, 1, &done), EISDIR);
	file_close(file);
}

static int
count_visit(void *context, const struct vfs_dirent *entry)
{
	unsigned *left = context;

	(void)entry;
	return (*left)-- == 0;
}

static void
devices_behave(void)
{
	struct walk_start start = { root_mount->root, dev_mount->root, super };
	struct file *file;
	char data[16] = "abcdefghijklmno";
	unsigned left = 3;
	size_t done;

	REQUIRE(file_open(&start, "null", FILE_READ_WRITE, 0644, &file) == 0);
	CHECK_EQ(file_write(file, FILE_OFFSET_CURRENT, data, 10, &done), 0);
	CHECK_EQ(done, 10);
	CHECK_EQ(file_read(file, FILE_OFFSET_CURRENT, data, 10, &done), 0);
	CHECK_EQ(done, 0);
	file_close(file);
	REQUIRE(file_open(&start, "null", FILE_READ_ONLY | FILE_TRUNCATE, 0644, &file) == 0);
	CHECK_EQ(file_write(file, FILE_OFFSET_CURRENT, data, 10, &done), EBADF);
	CHECK_EQ(file_truncate(file, 0), EBADF);
	file_close(file);
	REQUIRE(file_open(&start, "zero", FILE_READ_ONLY, 0644, &file) == 0);
	CHECK_EQ(file_read(file, FILE_OFFSET_CURRENT, data, 10, &done), 0);
	CHECK_EQ(done, 10);
	CHECK(data[9] == 0 && data[10] == 'k');
	file_close(file);
	REQUIRE(file_open(&start, "tty", FILE_READ_WRITE, 0644, &file) == 0);
	CHECK_STR(vfs_service(file->vn), "tty");
	file_close(file);
	REQUIRE(file_open(&start, ".", FILE_READ_ONLY, 0644, &file) == 0);
	CHECK_EQ(file_readdir(file, count_visit, &left), 0);
	CHECK_EQ(file->offset, 3);
	left = 100;
	CHECK_EQ(file_readdir(file, count_visit, &left), 0);
	CHECK_EQ(100 - left, 8);		/* seen before: ".", ".." and the first device */
	file_close(file);
}

/* --- threads --- */

static void *
walk_at_random(void *seed)
{
	static const char *const paths[] = {
		"/a/b/file", "/to_b/deep/deeper", "/dev/zero", "/chain40", "/closed/file", "/a/up"};
	unsigned long wrong = 0;

	for (unsigned i = 0; i < 2000; i++)
		wrong += walk(paths[(i * 7 + (uintptr_t)seed) % 6], 0, NULL) != 0;
	return (void *)wrong;
}

static void
threads_share_the_vnodes(void)
{
	pthread_t threads[4];
	void *wrong;

	for (uintptr_t i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, walk_at_random, (void *)i);
	for (unsigned i = 0; i < 4; i++) {
		pthread_join(threads[i], &wrong);
		CHECK_EQ((uintptr_t)wrong, 0);
	}
}

static void
nothing_is_left_in_use(void)
{
	CHECK_EQ(vfs_unmount(dev_mount), 0);
	CHECK_EQ(ext2_unmount_from(root_mount), 0);
}

static void
make_tree(void)
{
	tree_run(
		"mkdir -p %s/root/a/b/deep/deeper %s/root/dev %s/root/closed; mkfifo %s/root/fifo");
	tree_fill("root/a/b/file", 1, 0, 5000);
	tree_fill("root/closed/file", 2, 0, 10);
	tree_fill("root/secret", 3, 0, 10);
	tree_run("cd %s/root; chmod 700 closed; chmod 600 secret; chmod 755 . a a/b; chmod 644 "
		 "a/b/file; ln -s a/b to_b;"
		 "ln -s a/b/file to_file; ln -s /a/b absolute; ln -s .. a/up; ln -s none dangling; "
		 "ln -s loop2 loop1;"
		 "ln -s loop1 loop2; ln -s self self; ln -s /a/b/file a/b/out; ln -s a/b/file "
		 "chain1;"
		 "for i in `seq 2 41`; do ln -s chain$((i - 1)) chain$i; done;"
		 "ln -s grows/`printf 'x%%.0s' $(seq 300)` grows");
}

/* Mounts the image. Returns whether that worked. */
static bool
begin(void)
{
	struct vnode *dev;
	struct walk_start start;
	bool ok;

	if (tree_run("mke2fs -q -F -t ext2 -b 1024 -d %s/root %s/image 4M >/dev/null 2>&1")
	    || !host_disk_load(&disk, tree_path("image")))
		return false;
	disk.dev.read_only = true;
	vfs_init(24);
	if (ext2_mount_on(&disk.dev, 128, 1, NULL, &root_mount))
		return false;
	start = (struct walk_start){ root_mount->root, root_mount->root, super };
	if (vfs_walk(&start, "/dev", 0, &dev))
		return false;
	ok = devfs_mount(2, dev, &dev_mount) == 0;
	vnode_put(dev);
	return ok;
}

int
main(void)
{
	if (!tree_begin())
		return 1;
	make_tree();
	if (begin()) {
		TEST(paths_lead_to_files);
		TEST(long_names_are_refused);
		TEST(links_are_followed);
		TEST(mount_points_are_crossed);
		TEST(a_root_is_its_own_parent);
		TEST(directories_know_their_path);
		TEST(open_checks_permission);
		TEST(open_checks_flags);
		TEST(the_offset_moves);
		TEST(devices_behave);
		TEST(threads_share_the_vnodes);
		TEST(nothing_is_left_in_use);
	}
	free(disk.data);
	tree_end();
	return unit_done();
}
