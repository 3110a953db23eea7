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

#include <pthread.h>
#include <sched.h>

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

/* What the disk says of itself. */
static struct ext2_super_block *
super_on_disk(void)
{
	return (struct ext2_super_block *)(disk.data + EXT2_SUPER_OFFSET);
}

/* The journal has a file that is nowhere else, but the superblock says that there is nothing to replay. */
static void
a_journal_is_replayed_whatever_the_superblock_says(void)
{
	size_t committed;

	REQUIRE(mount_new(image_arguments));
	host_log_begin(&history, &disk, 512);
	REQUIRE(do_fill("new", 4, 0, 40000, 4096, false) == 0);
	CHECK_EQ(ext2_commit(mounted_fs()), 0);
	committed = history.count;
	unmount_disk();

	host_log_cut(&history, committed, true, 1, disk.data);
	CHECK(super_on_disk()->s_feature_incompat & EXT2_INCOMPAT_RECOVER);
	super_on_disk()->s_feature_incompat &= ~EXT2_INCOMPAT_RECOVER;
	super_on_disk()->s_state |= EXT2_STATE_CLEAN;
	host_log_end(&history, &disk);
	REQUIRE(ext2_mount_on(&disk.dev, 512, 1, NULL, &root_mount) == 0);
	CHECK_EQ(do_compare("new", 4, 0, 40000), 0);
	unmount_disk();
	CHECK_CLEAN();
	free(disk.data);
}

/* --- a sync comes while the first change after a while has the disk marked --- */

static _Thread_local bool is_syncer;
static pthread_t syncer;
static bool syncer_began, syncer_flushes, syncer_done, has_handle;
static const struct blockdev_ops *plain_ops;

static bool
is_set(const bool *flag)
{
	return __atomic_load_n(flag, __ATOMIC_SEQ_CST);
}

static void
set(bool *flag)
{
	__atomic_store_n(flag, true, __ATOMIC_SEQ_CST);
}

static bool
somebody_waits(void)
{
	return __atomic_load_n(&host_waiting, __ATOMIC_SEQ_CST) > 0;
}

static void *
sync_disk(void *argument)
{
	is_syncer = true;
	CHECK_EQ(ext2_settle(mounted_fs()), 0);
	set(&syncer_done);
	return argument;
}

/* The mark is on the disk, but the one who wrote it does not know yet. */
static void
sync_meanwhile(uint64_t offset)
{
	(void)offset;
	if (is_syncer || syncer_began)
		return;
	syncer_began = true;
	pthread_create(&syncer, NULL, sync_disk, NULL);
	while (!is_set(&syncer_flushes) && !somebody_waits())
		sched_yield();
}

/* What is to be flushed before the disk is called clean takes until the change has begun. */
static int
flush_slowly(struct blockdev *dev)
{
	if (is_syncer)
		set(&syncer_flushes);
	while (is_syncer && !is_set(&has_handle))
		sched_yield();
	return plain_ops->flush(dev);
}

static void
a_disk_is_not_clean_while_a_change_runs(void)
{
	struct blockdev_ops slow;
	struct ext2_handle h;

	REQUIRE(mount_new(image_arguments));
	CHECK(super_on_disk()->s_state & EXT2_STATE_CLEAN);
	syncer_began = syncer_flushes = syncer_done = has_handle = false;
	plain_ops = disk.dev.ops;
	slow = *plain_ops;
	slow.flush = flush_slowly;
	disk.dev.ops = &slow;
	disk.write_gate = sync_meanwhile;
	REQUIRE(ext2_begin(mounted_fs(), 1, &h) == 0);
	set(&has_handle);
	while (!is_set(&syncer_done) && !somebody_waits())
		sched_yield();
	CHECK(!(super_on_disk()->s_state & EXT2_STATE_CLEAN));
	ext2_end(&h);
	pthread_join(syncer, NULL);
	disk.write_gate = NULL;
	disk.dev.ops = plain_ops;
	unmount_disk();
	CHECK_CLEAN();
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
	TEST(a_disk_is_not_clean_while_a_change_runs);
	TEST(a_journal_is_replayed_whatever_the_superblock_says);
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
	TEST(a_disk_is_not_clean_while_a_change_runs);
	tree_end();
	return unit_done();
}
