// SOURCES: grade/unit/vfs_host.c fs/vfs/bcache.c fs/vfs/bcache_grow.c fs/vfs/bcache_write.c fs/vfs/rwlock.c
// SOURCES: fs/ext2/super.c fs/ext2/inode.c fs/ext2/map.c fs/ext2/file.c fs/ext2/dir.c fs/ext2/dirindex.c
// SOURCES: fs/ext2/alloc.c fs/ext2/dirchange.c fs/ext2/journal.c fs/ext2/order.c
// SOURCES: fs/ext2/orphan.c fs/ext2/replay.c fs/ext2/trans.c fs/ext2/truncate.c
// SOURCES: fs/ext2/write.c fs/vfs/vnode.c fs/vfs/mount.c fs/vfs/ops.c fs/vfs/attr.c
// SOURCES: fs/vfs/change.c fs/vfs/walk.c fs/vfs/file.c fs/devfs/devfs.c fs/devfs/disk.c fs/ext2/names.c
// SOURCES: fs/devfs/random.c fs/ext2/vnode.c fs/tmpfs/data.c fs/tmpfs/dir.c fs/tmpfs/node.c
// CFLAGS: -pthread
/*
 * Files are made while memory is short: whoever is told that there is none finds no name that was left behind.
 */
#include "fs_calls.h"
#include "../../fs/tmpfs/tmpfs.h"

#define MOST	200u			/* allocations that making a file may take */

static const struct {
	const char *name;
	uint32_t mode;
	const char *target;
} kinds[] = {
	{ "file", VFS_S_IFREG | 0644, NULL },
	{ "directory", VFS_S_IFDIR | 0755, NULL },
	{ "fifo", VFS_S_IFIFO | 0644, NULL },
	{ "socket", VFS_S_IFSOCK | 0755, NULL },
	{ "link", VFS_S_IFLNK | 0777, "a target that is longer than what has room in an inode, which is 60 bytes" },
};

static uint64_t
files_free(const char *path)
{
	struct walk_start start = from_root();
	struct vfs_statfs info = { .files_free = 0 };
	struct vnode *vn;

	if (vfs_walk(&start, path, 0, &vn) != 0)
		return 0;
	CHECK_EQ(vfs_statfs(vn, &info), 0);
	vnode_put(vn);
	return info.files_free;
}

/* With no allocation, with one, ... until it is made. */
static void
make_in(const char *dir, unsigned kind)
{
	uint64_t before = files_free(dir);
	int error = ENOMEM;
	struct vfs_attr attr;
	char path[64];

	snprintf(path, sizeof(path), "%s/%s", dir, kinds[kind].name);
	for (uint32_t n = 0; error && n < MOST; n++) {
		host_allocations_left = n;
		error = do_new(path, kinds[kind].mode, 0, kinds[kind].target);
		host_allocations_left = UINT32_MAX;
		CHECK_EQ(do_stat(path, &attr), error ? ENOENT : 0);
		CHECK_EQ(files_free(dir), error ? before : before - 1);
	}
	CHECK_EQ(error, 0);
}

static void
on_a_disk(const char *arguments)
{
	REQUIRE(mount_new(arguments));
	CHECK_EQ(do_mkdir("d"), 0);
	CHECK_EQ(vfs_sync(), 0);	/* a commit without memory makes the file system read-only */
	for (unsigned kind = 0; kind < sizeof(kinds) / sizeof(kinds[0]); kind++)
		make_in("d", kind);
	CHECK_EQ(vfs_sync(), 0);
	CHECK_CLEAN();
	unmount_disk();
	free(disk.data);
}

static void
no_name_stays_on_ext2(void)
{
	on_a_disk("-t ext2 -b 1024 %s/image 4M");
}

static void
no_name_stays_on_ext3(void)
{
	on_a_disk("-t ext3 -b 1024 %s/image 8M");
}

static void
no_name_stays_in_memory(void)
{
	struct walk_start start;
	struct mount *mount;
	struct vnode *on;

	REQUIRE(mount_new("-t ext2 -b 1024 %s/image 4M"));
	CHECK_EQ(do_mkdir("m"), 0);
	start = from_root();
	REQUIRE(vfs_walk(&start, "m", 0, &on) == 0);
	REQUIRE(tmpfs_mount(2, on, &mount) == 0);
	vnode_put(on);
	for (unsigned kind = 0; kind < sizeof(kinds) / sizeof(kinds[0]); kind++)
		make_in("m", kind);
	CHECK_EQ(vfs_unmount(mount), 0);
	unmount_disk();
	free(disk.data);
}

int
main(void)
{
	if (!tree_begin())
		return 1;
	TEST(no_name_stays_on_ext2);
	TEST(no_name_stays_on_ext3);
	TEST(no_name_stays_in_memory);
	tree_end();
	return unit_done();
}
