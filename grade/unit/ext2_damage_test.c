// SOURCES: grade/unit/vfs_host.c fs/vfs/bcache.c fs/vfs/bcache_grow.c fs/vfs/bcache_write.c fs/vfs/rwlock.c
// SOURCES: fs/ext2/super.c fs/ext2/inode.c fs/ext2/map.c fs/ext2/file.c fs/ext2/dir.c fs/ext2/dirindex.c
// SOURCES: fs/ext2/alloc.c fs/ext2/dirchange.c fs/ext2/journal.c fs/ext2/order.c
// SOURCES: fs/ext2/orphan.c fs/ext2/replay.c fs/ext2/trans.c fs/ext2/truncate.c
// SOURCES: fs/ext2/write.c
// CFLAGS: -pthread
/*
 * Damaged ext2 images: whatever the bytes are, reading ends, stays within the disk (the disk in
 * memory aborts otherwise, the sanitizers watch the rest) and gives errors. The mutations are
 * seeded, so a failure repeats.
 */
#include "unit.h"
#include "ext2_tree.h"
#include "vfs_host.h"
#include "../../fs/ext2/ext2.h"

#include <errno.h>

#define MUTATIONS 600
#define DEPTH_MAX 6

static struct host_disk original, disk;
static struct ext2_fs *fs;
static uint64_t random_state;
static unsigned visits;			/* left for the current image */

static uint32_t
random_u32(void)
{
	random_state = random_state * 6364136223846793005ull + 1442695040888963407ull;
	return random_state >> 33;
}

/* Reads the ends of a file and looks at how it is mapped. */
static void
look_at_file(struct ext2_inode *inode)
{
	static uint8_t data[20000];
	struct ext2_run run;
	size_t done;

	for (uint64_t at = 0; at < 300000; at += sizeof(data))
		if (ext2_read(inode, at, data, sizeof(data), &done) || done == 0)
			break;
	if (inode->size > sizeof(data))
		(void)ext2_read(inode, inode->size - sizeof(data), data, sizeof(data), &done);
	for (uint64_t index = 1; index < 1ull << 40; index = index * 5 + 3)
		(void)ext2_map(inode, index, random_u32(), &run);
}

struct children {
	unsigned count;
	uint32_t ino[64];
};

static int
collect(void *context, const struct ext2_dirent *e)
{
	struct children *c = context;

	if (e->name_length <= 2 && e->name[0] == '.')
		return 0;
	if (c->count == 64 || visits == 0)
		return 1;
	visits--;
	c->ino[c->count++] = e->ino;
	return 0;
}

static void
look_at_tree(uint32_t ino, unsigned depth)
{
	struct ext2_inode inode;
	struct children c = { 0, { 0 } };
	char target[4096];
	uint64_t position = 0;
	size_t length;

	if (depth > DEPTH_MAX || ext2_inode_read(fs, ino, &inode))
		return;
	(void)ext2_readlink(&inode, target, sizeof(target), &length);
	if (ext2_dir_walk(&inode, &position, collect, &c) == ENOTDIR)
		look_at_file(&inode);
	(void)ext2_dir_lookup(&inode, "not there", 9, &ino);
	for (unsigned i = 0; i < c.count; i++)
		look_at_tree(c.ino[i], depth + 1);
}

static void
look_at_image(void)
{
	visits = 300;
	if (ext2_mount(&disk.dev, 64, &fs))
		return;
	look_at_tree(EXT2_ROOT_INO, 0);
	ext2_unmount(fs);
}

/* Values that break careless arithmetic more often than random ones. */
static uint32_t
nasty_u32(void)
{
	static const uint32_t values[] = {
		0, 1, 2, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffc, 8, 12};
	uint32_t n = random_u32();

	return n % 3 ? values[n / 3 % 10] : random_u32() << 1;
}

/* Changes 1 to 8 places: mostly near the start, where the metadata of a small image lies. */
static void
mutate(void)
{
	unsigned count = 1 + random_u32() % 8;

	memcpy(disk.data, original.data, original.dev.size);
	while (count-- > 0) {
		static const uint32_t reach[] = { 2048, 4096, 16384, 65536, 262144, 1048576 };
		uint32_t at = random_u32() % reach[random_u32() % 6];
		uint32_t value = nasty_u32();

		if (random_u32() % 2)
			memcpy(disk.data + (at & ~3u), &value, 4);
		else
			disk.data[at] = value;
	}
}

static void
random_damage_is_survived(void)
{
	for (unsigned i = 0; i < MUTATIONS * unit_stress(); i++) {
		random_state = i;
		mutate();
		look_at_image();
	}
	CHECK(host_reports > MUTATIONS / 20);
}

/* Overwrites one superblock field; mounting must then fail or all reading must be harmless. */
static void
every_superblock_word_may_be_anything(void)
{
	static const uint32_t values[] = { 0, 1, 0xffffffff, 0x80000000, 31 };

	for (unsigned at = 1024; at < 1024 + 256; at += 4)
		for (unsigned i = 0; i < 5; i++) {
			memcpy(disk.data, original.data, original.dev.size);
			memcpy(disk.data + at, &values[i], 4);
			look_at_image();
		}
}

static void
truncated_images_are_refused(void)
{
	for (uint64_t size = 0; size < original.dev.size; size += 65536) {
		disk.dev.size = size;
		CHECK_EQ(ext2_mount(&disk.dev, 64, &fs), EINVAL);
	}
	disk.dev.size = original.dev.size;
}

static void
a_directory_chain_cannot_loop(void)
{
	struct ext2_inode root;
	struct ext2_run run;
	uint64_t position = 0;
	uint16_t zero = 0;
	struct children c = { 0, { 0 } };

	memcpy(disk.data, original.data, original.dev.size);
	visits = 100;
	REQUIRE(ext2_mount(&disk.dev, 64, &fs) == 0);
	REQUIRE(ext2_inode_read(fs, EXT2_ROOT_INO, &root) == 0);
	REQUIRE(ext2_map(&root, 0, 1, &run) == 0);
	memcpy(disk.data + ((uint64_t)run.block << fs->block_shift) + 12 + 4, &zero, 2);
	CHECK_EQ(ext2_dir_walk(&root, &position, collect, &c), EIO);
	ext2_unmount(fs);
}

int
main(void)
{
	if (!tree_begin())
		return 1;
	tree_run(
		"mkdir -p %s/root/a/b/c %s/root/many; ln -s a/b %s/root/link; "
		"ln -s `printf 'y%%.0s' 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0"
		" 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0` %s/root/slow");
	tree_run("for i in 1 2 3 4 5 6 7 8 9; do for j in 1 2 3 4 5 6 7 8 9; do : > "
		 "%s/root/many/file-$i-$j-name; done; done");
	tree_fill("root/a/big", 1, 0, 290000);
	tree_fill("root/a/b/c/sparse", 2, 5000000, 3000);
	tree_fill("root/a/small", 3, 0, 100);
	if (tree_run("mke2fs -q -F -t ext2 -b 1024 -d %s/root %s/image 1M >/dev/null 2>&1") == 0
	    && host_disk_load(&original, tree_path("image"))) {
		uint8_t *copy = malloc(original.dev.size);

		host_disk_init(&disk, copy, original.dev.size);
		TEST(random_damage_is_survived);
		TEST(every_superblock_word_may_be_anything);
		TEST(truncated_images_are_refused);
		TEST(a_directory_chain_cannot_loop);
		free(copy);
		free(original.data);
	}
	tree_end();
	return unit_done();
}
