// SOURCES: grade/unit/vfs_host.c fs/vfs/bcache.c fs/vfs/bcache_grow.c fs/vfs/bcache_write.c fs/vfs/rwlock.c
// SOURCES: fs/ext2/super.c fs/ext2/inode.c fs/ext2/map.c fs/ext2/file.c fs/ext2/dir.c fs/ext2/dirindex.c
// SOURCES: fs/ext2/alloc.c fs/ext2/dirchange.c fs/ext2/journal.c fs/ext2/order.c
// SOURCES: fs/ext2/orphan.c fs/ext2/replay.c fs/ext2/trans.c fs/ext2/truncate.c
// SOURCES: fs/ext2/write.c fs/vfs/vnode.c fs/vfs/mount.c fs/vfs/ops.c fs/vfs/attr.c
// SOURCES: fs/vfs/change.c fs/vfs/walk.c fs/vfs/file.c fs/devfs/devfs.c fs/devfs/disk.c fs/ext2/names.c
// SOURCES: fs/devfs/random.c fs/ext2/vnode.c
// CFLAGS: -pthread
/*
 * Large directories: what is found through their indexes is what a search from the beginning finds,
 * whatever was added and removed, however little memory there is, and on damaged disks.
 */
#include "fs_calls.h"

#define NAMES 3000u

static const char *image_arguments;
static uint64_t random_state = 1;
static bool there[2][NAMES];

static uint32_t
random_u32(void)
{
	random_state = random_state * 6364136223846793005ull + 1442695040888963407ull;
	return random_state >> 33;
}

/* Short and long names, many of which begin, or end, alike. */
static const char *
name_of(unsigned dir, unsigned i)
{
	static char name[300];

	snprintf(name, sizeof(name), i % 3 ? "d%u/%u" : "d%u/a-name-that-is-%u-much-longer-than-others",
		dir, i);
	return name;
}

struct search {
	const char *name;
	size_t length;
	uint32_t ino;
};

static int
compare_entry(void *context, const struct ext2_dirent *e)
{
	struct search *s = context;

	if (e->name_length != s->length || memcmp(e->name, s->name, s->length) != 0)
		return 0;
	s->ino = e->ino;
	return 1;
}

/* The oracle: goes through the directory from its beginning. */
static int
search(struct ext2_inode *dir, const char *name, uint32_t *ino)
{
	struct search s = { name, strlen(name), 0 };
	uint64_t position = 0;
	int error = ext2_dir_walk(dir, &position, compare_entry, &s);

	*ino = s.ino;
	return s.ino ? 0 : error ? error : ENOENT;
}

static void
agrees(struct ext2_inode *dir, const char *name)
{
	uint32_t expected = 0, got = 0;
	int error = search(dir, name, &expected);

	CHECK_EQ(ext2_dir_lookup(dir, name, strlen(name), &got), error);
	if (!error)
		CHECK_EQ(got, expected);
}

static int
find_directory(const char *name, struct ext2_inode *dir)
{
	uint32_t ino;
	int error = ext2_inode_read(mounted_fs(), EXT2_ROOT_INO, dir);

	if (!error)
		error = ext2_dir_lookup(dir, name, strlen(name), &ino);
	return error ? error : ext2_inode_read(mounted_fs(), ino, dir);
}

/* One change at random, its result known. */
static void
change(void)
{
	unsigned d = random_u32() % 2, i = random_u32() % NAMES, e = random_u32() % 2, j = random_u32() % NAMES;
	char from[300];

	switch (random_u32() % 8) {
	case 0:
		snprintf(from, sizeof(from), "%s", name_of(d, i));
		if (d == e && i == j)
			break;
		CHECK_EQ(do_rename(from, name_of(e, j)), there[d][i] ? 0 : ENOENT);
		there[e][j] |= there[d][i];
		there[d][i] = false;
		break;
	case 1:
	case 2:
		CHECK_EQ(do_unlink(name_of(d, i)), there[d][i] ? 0 : ENOENT);
		there[d][i] = false;
		break;
	default:
		CHECK_EQ(do_new(name_of(d, i), VFS_S_IFREG | 0600, 0, NULL), there[d][i] ? EEXIST : 0);
		there[d][i] = true;
	}
}

static void
all_are_found(void)
{
	struct vfs_attr attr;
	struct ext2_inode dir;

	for (unsigned d = 0; d < 2; d++) {
		for (unsigned i = 0; i < NAMES; i++)
			CHECK_EQ(do_stat(name_of(d, i), &attr), there[d][i] ? 0 : ENOENT);
		REQUIRE(find_directory(d ? "d1" : "d0", &dir) == 0);
		for (unsigned n = 0; n < 300; n++)
			agrees(&dir, name_of(d, random_u32() % NAMES) + 3);
		agrees(&dir, ".");
		agrees(&dir, "..");
	}
}

static void
changes_are_followed(void)
{
	REQUIRE(mount_new(image_arguments));
	CHECK_EQ(do_mkdir("d0"), 0);
	CHECK_EQ(do_mkdir("d1"), 0);
	memset(there, 0, sizeof(there));
	for (unsigned round = 0; round < 6; round++) {
		static const size_t rooms[] = { 1 << 20, 40 << 10, 0, 12 << 10, 1 << 20, 20 << 10 };

		ext2_indexes_destroy(mounted_fs());
		mounted_fs()->index_room = rooms[round];
		for (unsigned n = 0; n < 2500; n++)
			change();
		all_are_found();
	}
	for (unsigned i = 0; i < NAMES; i++)
		CHECK_EQ(do_unlink(name_of(0, i)), there[0][i] ? 0 : ENOENT);
	CHECK_EQ(do_rmdir("d0"), 0);
	CHECK_EQ(vfs_sync(), 0);
	CHECK_EQ(do_mkdir("d0"), 0);		/* perhaps under the same number */
	memset(there[0], 0, sizeof(there[0]));
	all_are_found();
	unmount_disk();
	CHECK_CLEAN();
	free(disk.data);
}

static uint64_t
gets(void)
{
	struct bcache_stats stats;

	bcache_stats(mounted_fs()->cache, &stats);
	return stats.hits + stats.misses;
}

/* What a lookup costs does not depend on how many names there are. */
static void
a_lookup_reads_one_block(void)
{
	struct ext2_inode dir;
	uint64_t before, most = 0;
	uint32_t ino;

	REQUIRE(mount_new(image_arguments));
	CHECK_EQ(do_mkdir("d0"), 0);
	for (unsigned i = 0; i < NAMES; i++)
		REQUIRE(do_new(name_of(0, i), VFS_S_IFREG | 0600, 0, NULL) == 0);
	REQUIRE(find_directory("d0", &dir) == 0);
	CHECK_EQ(ext2_dir_lookup(&dir, "none", 4, &ino), ENOENT);
	for (unsigned i = 0; i < NAMES; i += 7) {
		const char *name = name_of(0, i) + 3;

		before = gets();
		CHECK_EQ(ext2_dir_lookup(&dir, name, strlen(name), &ino), 0);
		most = gets() - before > most ? gets() - before : most;
	}
	CHECK(most <= 20);		/* the block, its map, what is read ahead: not hundreds */
	before = gets();
	CHECK_EQ(ext2_dir_lookup(&dir, "none at all", 11, &ino), ENOENT);
	CHECK_EQ(gets(), before);
	unmount_disk();
	free(disk.data);
}

/* --- damaged directories --- */

/* The bytes of the directory's blocks are changed at random: heads of entries, whole entries twice, names. */
static void
damage(const uint32_t *blocks, unsigned count, uint32_t block_size)
{
	for (unsigned n = random_u32() % 6 + 1; n > 0; n--) {
		uint8_t *from = disk.data + (uint64_t)blocks[random_u32() % count] * block_size;
		uint8_t *to = disk.data + (uint64_t)blocks[random_u32() % count] * block_size;
		uint32_t at = random_u32() % (block_size / 4) * 4;

		switch (random_u32() % 4) {
		case 0:
			memcpy(to, from, block_size);		/* names that are there twice */
			break;
		case 1:
			to[at + random_u32() % 4] = (uint8_t)random_u32();
			break;
		case 2:
			to[at + 6] ^= 1 << random_u32() % 4;	/* the length of a name, perhaps */
			break;
		default:
			memmove(to + at, from + at, block_size - at);
		}
	}
}

#define ASKED 60u

struct answer {
	int error;
	uint32_t ino;
};

static void
ask(size_t room, struct answer *answers, const unsigned *names)
{
	struct ext2_inode dir;

	REQUIRE(ext2_mount_on(&disk.dev, 512, 1, NULL, &root_mount) == 0);
	mounted_fs()->index_room = room;
	REQUIRE(find_directory("d0", &dir) == 0);
	for (unsigned i = 0; i < ASKED; i++) {
		const char *name = name_of(0, names[i]) + 3;

		answers[i].ino = 0;
		answers[i].error = ext2_dir_lookup(&dir, name, strlen(name), &answers[i].ino);
	}
	REQUIRE(ext2_unmount_from(root_mount) == 0);
}

static void
damage_is_met_alike(void)
{
	unsigned names[ASKED], found = 0, missed = 0, failed = 0, count = 0;
	static uint32_t blocks[4000];
	struct answer with[ASKED], without[ASKED];
	struct ext2_inode dir;
	uint8_t *good;
	uint32_t block_size;

	REQUIRE(mount_new(image_arguments));
	CHECK_EQ(do_mkdir("d0"), 0);
	for (unsigned i = 0; i < NAMES / 4; i++)
		REQUIRE(do_new(name_of(0, i), VFS_S_IFREG | 0600, 0, NULL) == 0);
	block_size = mounted_fs()->block_size;
	REQUIRE(find_directory("d0", &dir) == 0);
	for (; count < dir.size / block_size; count++) {
		struct ext2_run run;

		REQUIRE(ext2_map(&dir, count, 1, &run) == 0);
		blocks[count] = run.block;
	}
	unmount_disk();
	good = malloc(disk.dev.size);
	memcpy(good, disk.data, disk.dev.size);
	disk.dev.read_only = true;
	for (unsigned n = 0; n < 300; n++) {
		damage(blocks, count, block_size);
		for (unsigned i = 0; i < ASKED; i++)
			names[i] = random_u32() % (NAMES / 3);
		ask(0, without, names);
		ask(1 << 20, with, names);
		for (unsigned i = 0; i < ASKED; i++) {
			CHECK_EQ(with[i].error, without[i].error);
			CHECK_EQ(with[i].ino, without[i].ino);
			found += with[i].error == 0;
			missed += with[i].error == ENOENT;
			failed += with[i].error == EIO;
		}
		if (n % 4 == 3)
			memcpy(disk.data, good, disk.dev.size);
	}
	CHECK(found > 1000 && missed > 1000 && failed > 1000);
	free(good);
	free(disk.data);
}

static void
on_image(const char *arguments)
{
	image_arguments = arguments;
	TEST(changes_are_followed);
	TEST(a_lookup_reads_one_block);
	TEST(damage_is_met_alike);
}

int
main(void)
{
	if (!tree_begin())
		return 1;
	on_image("-t ext2 -b 1024 -N 8000 %s/image 16M");
	on_image("-t ext3 -b 4096 -N 8000 %s/image 32M");
	tree_end();
	return unit_done();
}
