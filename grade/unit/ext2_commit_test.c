// SOURCES: grade/unit/vfs_host.c fs/vfs/bcache.c fs/vfs/bcache_grow.c fs/vfs/bcache_write.c fs/vfs/rwlock.c
// SOURCES: fs/ext2/super.c fs/ext2/inode.c fs/ext2/map.c fs/ext2/file.c fs/ext2/dir.c fs/ext2/dirindex.c
// SOURCES: fs/ext2/alloc.c fs/ext2/dirchange.c fs/ext2/journal.c fs/ext2/order.c
// SOURCES: fs/ext2/orphan.c fs/ext2/replay.c fs/ext2/trans.c fs/ext2/truncate.c
// SOURCES: fs/ext2/write.c fs/vfs/vnode.c fs/vfs/mount.c fs/vfs/ops.c fs/vfs/attr.c
// SOURCES: fs/vfs/change.c fs/vfs/walk.c fs/vfs/file.c fs/devfs/devfs.c fs/devfs/disk.c fs/ext2/names.c
// SOURCES: fs/devfs/random.c fs/ext2/vnode.c
// CFLAGS: -pthread
/*
 * Commits: what happens to a file while one is under way (the disk calls back after the first write), and power cuts at each write of one.
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

/* --- power is cut at each write of a commit --- */

#define SEEDS	4u			/* ways to lose what was not flushed */
#define DEPTH	3u

/* Has the host repair the disk as each cut leaves it: it never asks. */
static void
cut_everywhere(void)
{
	uint8_t *now = disk.data, *cut = malloc(disk.dev.size);
	struct host_log log = history;

	CHECK(history.count > 4);
	for (size_t position = 0; position <= history.count; position++)
		for (uint64_t seed = 0; seed < SEEDS; seed++) {
			int status;

			host_log_cut(&log, position, false, seed, cut);
			disk.data = cut;
			status = host_check("-fp");
			CHECK(status == 0 || status == 1);
			if (status > 1)
				tree_run("head -5 %s/log >&2");
		}
	disk.data = now;
	history = log;
	free(cut);
}

/*
 * A directory and what is in it are made, or removed, at once; their inodes lie in different blocks, and either may reach the disk
 * first.
 */
static void
directories_come_and_go_with_their_files(void)
{
	char path[64];

	REQUIRE(mount_new(image_arguments));
	CHECK_EQ(do_mkdir("d"), 0);
	for (unsigned i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "before%u", i);
		REQUIRE(do_create(path) == 0);
	}
	CHECK_EQ(vfs_sync(), 0);

	host_log_begin(&history, &disk, 1024);
	strcpy(path, "d");
	for (unsigned i = 0; i < DEPTH; i++) {
		strcat(path, "/in");
		CHECK_EQ(do_mkdir(path), 0);
		strcat(path, "/f");
		CHECK_EQ(do_fill(path, 1, 0, 10, 10, false), 0);
		path[strlen(path) - 2] = 0;
	}
	CHECK_EQ(vfs_sync(), 0);
	cut_everywhere();
	host_log_end(&history, &disk);

	host_log_begin(&history, &disk, 1024);
	for (unsigned i = 0; i < DEPTH; i++) {
		strcat(path, "/f");
		CHECK_EQ(do_unlink(path), 0);
		path[strlen(path) - 2] = 0;
		CHECK_EQ(do_rmdir(path), 0);
		path[strlen(path) - 3] = 0;
	}
	CHECK_EQ(vfs_sync(), 0);
	cut_everywhere();
	host_log_end(&history, &disk);
	unmount_disk();
	CHECK_CLEAN();
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
	image_arguments = "-t ext2 -b 1024 -I 256 -N 64 %s/image 1M";
	TEST(directories_come_and_go_with_their_files);
	tree_end();
	return unit_done();
}
