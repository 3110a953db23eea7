// SOURCES: grade/unit/vfs_host.c fs/vfs/bcache.c fs/vfs/bcache_grow.c fs/vfs/bcache_write.c fs/vfs/rwlock.c
// SOURCES: fs/ext2/super.c fs/ext2/inode.c fs/ext2/map.c fs/ext2/file.c fs/ext2/dir.c fs/ext2/dirindex.c
// SOURCES: fs/ext2/alloc.c fs/ext2/dirchange.c fs/ext2/journal.c fs/ext2/order.c
// SOURCES: fs/ext2/orphan.c fs/ext2/replay.c fs/ext2/trans.c fs/ext2/truncate.c
// SOURCES: fs/ext2/write.c fs/vfs/vnode.c fs/vfs/mount.c fs/vfs/ops.c fs/vfs/attr.c
// SOURCES: fs/vfs/change.c fs/vfs/walk.c fs/vfs/file.c fs/devfs/devfs.c fs/devfs/disk.c fs/ext2/names.c
// SOURCES: fs/devfs/random.c fs/ext2/vnode.c
// CFLAGS: -pthread
/*
 * Writing to damaged images: whatever the bytes are, every call ends, stays within the disk (the disk
 * in memory aborts otherwise, the sanitizers watch the rest) and gives a result or an error; once
 * damage was seen nothing is changed any more. Mutations hit bytes that mean something: superblock,
 * descriptors, bitmaps, inodes, directories, maps, a journal that has to be replayed.
 *
 * STRESS=n makes n times as many.
 */
#include "fs_calls.h"
#include "../../fs/ext2/ext2_vnode.h"

#define MUTATIONS 250u

static uint8_t *original;
static size_t *places, place_count;	/* offsets of words that are not zero */
static uint64_t state;
static unsigned wanted, mounted, read_only, failures;

static uint32_t
random_u32(void)
{
	state = state * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(state >> 33);
}

static void
find_places(void)
{
	places = malloc(disk.dev.size / 4 * sizeof(*places));
	place_count = 0;
	for (size_t at = 0; at < disk.dev.size; at += 4) {
		uint32_t word;

		memcpy(&word, original + at, 4);
		if (word)
			places[place_count++] = at;
	}
}

static uint32_t
nasty_u32(void)
{
	static const uint32_t values[] = {
		0, 1, 2, 11, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffc, 12, 0x41ed0000,
	};
	uint32_t n = random_u32();

	return n % 3 ? values[n / 3 % 11] : n % 2 ? random_u32() % 8192 : random_u32() << 1;
}

/* Changes 1 to 6 words, bytes or bits; mostly such as are in use. */
static void
mutate(void)
{
	unsigned count = 1 + random_u32() % 6;

	memcpy(disk.data, original, disk.dev.size);
	while (count-- > 0) {
		size_t at = random_u32() % 8 ? places[random_u32() % place_count]
					     : random_u32() % disk.dev.size & ~3u;
		uint32_t value = nasty_u32();

		switch (random_u32() % 4) {
		case 0:
			disk.data[at + random_u32() % 4] ^= 1u << random_u32() % 8;
			break;
		case 1:
			memcpy(disk.data + at + random_u32() % 2 * 2, &value, 2);
			break;
		case 2:		/* a word from elsewhere: an inode or a block that is another's */
			memmove(disk.data + at, original + places[random_u32() % place_count], 4);
			break;
		default:
			memcpy(disk.data + at, &value, 4);
		}
	}
}

static int
ignore(void *context, const struct vfs_dirent *e)
{
	(void)context, (void)e;
	return 0;
}

static void
list(const char *path)
{
	struct walk_start start = from_root();
	uint64_t position = 0;
	struct vnode *vn;

	if (vfs_walk(&start, path, 0, &vn))
		return;
	failures += vfs_readdir(vn, &position, ignore, NULL) != 0;
	vnode_put(vn);
}

/* One of everything, on files that were there and on new ones. Whether it works is of no interest. */
static void
change_all(void)
{
	static const char *const files[] = { "a/big", "a/b/c/sparse", "a/small", "link", "slow" };
	struct vfs_statfs info;
	struct file *open = NULL;
	char name[64];
	size_t done;

	for (unsigned i = 0; i < 5; i++) {
		failures += do_fill(files[i], i + 1, random_u32() % 30000, 3000, 3000, false) != 0;
		failures += do_truncate(files[i], random_u32() % 300000) != 0;
		failures += do_compare(files[i], 1, 0, 300000) != 0;
	}
	(void)do_open("a/small", FILE_READ_WRITE, 0, &open);
	for (unsigned i = 0; i < 12; i++) {
		snprintf(name, sizeof(name), "many/new-%u", i);
		failures += do_fill(name, i + 1, i % 3 * 9000, 2000 * i, 4000, i == 5) != 0;
		snprintf(name, sizeof(name), "many/file-%u-%u-name", i % 9 + 1, i / 9 + 1);
		failures += do_unlink(name) != 0;
	}
	failures += do_mkdir("made") != 0;
	failures += do_rename("a/b", "made/b") != 0;
	failures += do_rename("a/big", "many/new-1") != 0;
	failures += do_link("a/b/c/sparse", "made/sparse") != 0;
	failures += do_symlink("target", "made/sym") != 0;
	failures += do_unlink("a/small") != 0;
	if (open) {
		(void)file_write(open, 70000, "x", 1, &done);
		file_close(open);
	}
	failures += do_rmdir("empty") != 0;
	list("/");
	list("many");
	list("made");
	failures += vfs_sync() != 0;
	failures += do_unlink("many/new-2") != 0;
	failures += vfs_statfs(root_mount->root, &info) != 0;
}

/* What is read-only because of damage stays as it is. */
static void
check_read_only(void)
{
	unsigned long before = disk.writes;

	read_only++;
	CHECK(do_mkdir("late") != 0);	/* EROFS, or EIO on the way */
	(void)vfs_sync();
	(void)do_unlink("many/file-9-9-name");
	(void)vfs_sync();
	CHECK_EQ(disk.writes, before);
}

static void
use_image(void)
{
	if (ext2_mount_on(&disk.dev, 512, 1, NULL, &root_mount))
		return;
	mounted++;
	change_all();
	(void)vfs_sync();
	if (root_mount->read_only)
		check_read_only();
	(void)ext2_unmount_from(root_mount);
	root_mount = NULL;
}

/* Leaves the image with work for a replay: everything happened, but only the journal has it. */
static void
cut_power(void)
{
	struct host_log log;

	REQUIRE(ext2_mount_on(&disk.dev, 512, 1, NULL, &root_mount) == 0);
	host_log_begin(&log, &disk, 1024);
	for (unsigned i = 0; i < 3; i++) {
		CHECK_EQ(do_fill("a/more", 9, i * 20000, 20000, 4000, true), 0);
		CHECK_EQ(do_unlink(i == 0 ? "many/file-1-9-name" : i == 1 ? "many/file-2-9-name"
							 : "many/file-3-9-name"), 0);
		CHECK_EQ(ext2_commit(mounted_fs()), 0);
	}
	host_log_cut(&log, host_log_position(&log), true, 1, original);
	unmount_disk();
	host_log_end(&log, &disk);
	memcpy(disk.data, original, disk.dev.size);
}

/* Makes the image that is damaged, by mke2fs with these arguments. */
static bool
begin(const char *arguments, bool dirty)
{
	char command[512];

	snprintf(command, sizeof(command), "mke2fs -q -F %s -b 1024 -d %%s/root %%s/image 3M >/dev/null 2>&1",
		arguments);
	if (tree_run(command) != 0 || !host_disk_load(&disk, tree_path("image")))
		return false;
	original = malloc(disk.dev.size);
	memcpy(original, disk.data, disk.dev.size);
	vfs_init(64);
	if (dirty)
		cut_power();
	find_places();
	return true;
}

static void
damage_is_survived(void)
{
	mounted = read_only = failures = 0;
	use_image();			/* as it is: all of it works */
	CHECK_EQ(mounted, 1);
	CHECK_EQ(read_only, 0);
	for (unsigned i = 0; i < wanted; i++) {
		int bad = unit_bad;

		state = i;
		mutate();
		use_image();
		if (unit_bad != bad)
			fprintf(stderr, "\tmutation %u\n", i);
	}
	CHECK(mounted > wanted / 2);
	CHECK(read_only > 0);
	free(places);
	free(original);
	free(disk.data);
}

/* A disk that fails to write: errors, read-only, and nothing is claimed that is not so. */
static void
a_failing_disk_is_told(void)
{
	REQUIRE(mount_new("-t ext3 -b 1024 -J size=1 %s/image 6M"));
	CHECK_EQ(do_fill("good", 1, 0, 5000, 5000, true), 0);
	disk.fail_writes = true;
	disk.fail_from = 4096;
	disk.fail_to = disk.dev.size;
	CHECK_EQ(do_fill("bad", 2, 0, 5000, 5000, false), 0);
	CHECK_EQ(vfs_sync(), EIO);
	CHECK(root_mount->read_only);
	CHECK_EQ(do_create("more"), EROFS);
	CHECK_EQ(vfs_sync(), EIO);
	disk.fail_to = 0;
	CHECK_EQ(do_compare("good", 1, 0, 5000), 0);
	(void)ext2_unmount_from(root_mount);
	root_mount = NULL;
	REQUIRE(ext2_mount_on(&disk.dev, 512, 1, NULL, &root_mount) == 0);
	CHECK_EQ(do_compare("good", 1, 0, 5000), 0);
	unmount_disk();
	CHECK_CLEAN();
	free(disk.data);
}

/* Returns the disk's block that holds a file's block. */
static uint64_t
block_of(const char *path, uint64_t index)
{
	struct walk_start start = from_root();
	struct ext2_run run = { 0, 0 };
	struct vnode *vn;

	if (vfs_walk(&start, path, 0, &vn) == 0) {
		CHECK_EQ(ext2_map(inode_of(vn), index, 1, &run), 0);
		vnode_put(vn);
	}
	CHECK(run.block != 0);
	return run.block;
}

static int
sync_of(struct file *file)
{
	return vfs_sync_file(file->vn, false);
}

/* One block of a file cannot be written: its next fsync says so, once; all else is on the disk. */
static void
a_bad_block_is_its_files_matter(const char *arguments)
{
	uint32_t size;
	uint64_t bad;
	struct file *file, *other;

	REQUIRE(mount_new(arguments));
	size = mounted_fs()->block_size;
	CHECK_EQ(do_fill("file", 1, 0, 40 * size, 7777, true), 0);
	CHECK_EQ(do_fill("other", 2, 0, 5000, 5000, true), 0);
	REQUIRE(do_open("file", FILE_READ_WRITE, 0, &file) == 0);
	REQUIRE(do_open("other", FILE_READ_WRITE, 0, &other) == 0);
	bad = block_of("file", 17);
	disk.fail_writes = true;
	disk.fail_from = bad * size;
	disk.fail_to = disk.fail_from + size;

	CHECK_EQ(do_fill("file", 3, 0, 60 * size, 7777, false), 0);
	CHECK_EQ(do_fill("other", 4, 0, 9000, 9000, false), 0);
	CHECK_EQ(sync_of(other), 0);
	CHECK_EQ(sync_of(file), EIO);
	CHECK_EQ(sync_of(file), 0);
	CHECK(!root_mount->read_only);
	CHECK_EQ(do_fill("new", 5, 0, 3000, 3000, true), 0);
	file_close(file);
	file_close(other);
	unmount_disk();
	CHECK_CLEAN();
	REQUIRE(ext2_mount_on(&disk.dev, 512, 1, NULL, &root_mount) == 0);
	CHECK_EQ(do_compare("file", 3, 0, 17 * size), 0);
	CHECK_EQ(do_compare("file", 1, 17 * size, size), 0);	/* as it was */
	CHECK_EQ(do_compare("file", 3, 18 * size, 42 * size), 0);
	CHECK_EQ(do_compare("other", 4, 0, 9000), 0);
	CHECK_EQ(do_compare("new", 5, 0, 3000), 0);
	unmount_disk();
	free(disk.data);
}

static void
bad_blocks_of_data(void)
{
	a_bad_block_is_its_files_matter("-t ext2 -b 1024 %s/image 6M");
	a_bad_block_is_its_files_matter("-t ext3 -b 1024 -J size=1 %s/image 6M");
	a_bad_block_is_its_files_matter("-t ext2 -b 4096 %s/image 16M");
}

int
main(void)
{
	if (!tree_begin())
		return 1;
	wanted = MUTATIONS * unit_stress();
	tree_run("mkdir -p %s/root/a/b/c %s/root/many %s/root/empty; ln -s a/b %s/root/link");
	tree_run("ln -s `printf 'y%%.0s' 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0"
		 " 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0` %s/root/slow");
	tree_run("for i in 1 2 3 4 5 6 7 8 9; do for j in 1 2 3 4 5 6 7 8 9; do : > "
		 "%s/root/many/file-$i-$j-name; done; done");
	for (unsigned i = 0; i < 290; i += 20)
		tree_fill("root/a/big", 1, i * 1024, 100);
	tree_fill("root/a/b/c/sparse", 2, 5000000, 3000);
	tree_fill("root/a/small", 3, 0, 100);
	if (begin("-t ext2", false))
		TEST(damage_is_survived);
	if (begin("-t ext3 -J size=1", false))
		TEST(damage_is_survived);
	if (begin("-t ext3 -J size=1", true))
		TEST(damage_is_survived);
	TEST(a_failing_disk_is_told);
	TEST(bad_blocks_of_data);
	tree_end();
	return unit_done();
}
