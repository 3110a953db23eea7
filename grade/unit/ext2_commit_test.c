// SOURCES: grade/unit/vfs_host.c fs/vfs/bcache.c fs/vfs/bcache_write.c fs/vfs/rwlock.c
// SOURCES: fs/ext2/super.c fs/ext2/inode.c fs/ext2/map.c fs/ext2/file.c fs/ext2/dir.c fs/ext2/dirindex.c
// SOURCES: fs/ext2/alloc.c fs/ext2/dirchange.c fs/ext2/journal.c fs/ext2/order.c
// SOURCES: fs/ext2/orphan.c fs/ext2/replay.c fs/ext2/trans.c fs/ext2/truncate.c
// SOURCES: fs/ext2/write.c fs/vfs/vnode.c fs/vfs/mount.c fs/vfs/ops.c fs/vfs/attr.c
// SOURCES: fs/vfs/change.c fs/vfs/walk.c fs/vfs/file.c fs/devfs/devfs.c fs/ext2/names.c
// SOURCES: fs/devfs/random.c fs/ext2/vnode.c
// CFLAGS: -pthread
/*
 * What happens to a file while a commit is under way: the disk calls back after the first write.
 */
#include "fs_calls.h"

static const char *image_arguments;
static struct host_log history;
static int removal;

/* Removes a file that the transaction on its way to the disk has, before its bytes are written. */
static void
remove_new_file(uint64_t offset)
{
	(void)offset;
	disk.write_gate = NULL;
	removal = do_unlink("new");
}

/*
 * A file is made; while that is committed it is removed, and the power is cut before the removal is
 * committed too: it is there again, with its own bytes.
 */
static void
a_file_removed_during_its_commit_keeps_its_bytes(void)
{
	REQUIRE(mount_new(image_arguments));
	REQUIRE(do_fill("old", 1, 0, 4096, 4096, false) == 0);
	REQUIRE(do_fill("between", 2, 0, 100000, 4096, false) == 0);
	CHECK_EQ(vfs_sync(), 0);
	host_log_begin(&history, &disk, 512);
	REQUIRE(do_fill("old", 3, 0, 4096, 4096, false) == 0);	/* in place: written first */
	REQUIRE(do_fill("new", 4, 0, 40000, 4096, false) == 0);
	removal = -1;
	disk.write_gate = remove_new_file;
	CHECK_EQ(ext2_commit(mounted_fs()), 0);
	CHECK_EQ(removal, 0);
	disk.log = NULL;
	unmount_disk();
	CHECK_CLEAN();

	host_log_cut(&history, history.count, true, 1, disk.data);
	REQUIRE(ext2_mount_on(&disk.dev, 512, 1, NULL, &root_mount) == 0);
	CHECK_EQ(do_compare("old", 3, 0, 4096), 0);
	CHECK_EQ(do_compare("new", 4, 0, 40000), 0);
	unmount_disk();
	CHECK_CLEAN();
	host_log_end(&history, &disk);
	free(disk.data);
}

static void
on_image(const char *arguments)
{
	image_arguments = arguments;
	TEST(a_file_removed_during_its_commit_keeps_its_bytes);
}

int
main(void)
{
	if (!tree_begin())
		return 1;
	on_image("-t ext3 -b 1024 %s/image 8M");
	on_image("-t ext3 -b 4096 %s/image 32M");
	tree_end();
	return unit_done();
}
