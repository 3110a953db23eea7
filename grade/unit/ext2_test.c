// SOURCES: grade/unit/vfs_host.c fs/vfs/bcache.c fs/vfs/bcache_grow.c fs/vfs/bcache_write.c fs/vfs/rwlock.c
// SOURCES: fs/ext2/super.c fs/ext2/inode.c fs/ext2/map.c fs/ext2/file.c fs/ext2/dir.c fs/ext2/dirindex.c
// SOURCES: fs/ext2/alloc.c fs/ext2/dirchange.c fs/ext2/journal.c fs/ext2/order.c
// SOURCES: fs/ext2/orphan.c fs/ext2/replay.c fs/ext2/trans.c fs/ext2/truncate.c
// SOURCES: fs/ext2/write.c
// CFLAGS: -pthread
/*
 * Reading ext2 images made by mke2fs: every file, directory and link must come out as the host put
 * it in.
 */
#include "unit.h"
#include "ext2_tree.h"
#include "vfs_host.h"
#include "../../fs/ext2/ext2.h"

#include <dirent.h>
#include <errno.h>

#define ENTRIES 5000

static struct host_disk disk;
static struct ext2_fs *fs;

/* Returns 0 and the inode at a path below the root, links not followed. */
static int
find(const char *path, struct ext2_inode *inode)
{
	int error = ext2_inode_read(fs, EXT2_ROOT_INO, inode);

	while (*path && !error) {
		size_t n = strcspn(path, "/");
		uint32_t ino;

		error = ext2_dir_lookup(inode, path, n, &ino);
		if (!error)
			error = ext2_inode_read(fs, ino, inode);
		path += n + (path[n] == '/');
	}
	return error;
}

/*
 * Returns how many bytes of [offset, offset + length) differ from the filling (seed 0: from zeros).
 */
static long
differing(struct ext2_inode *inode, unsigned seed, uint64_t offset, size_t length, size_t chunk)
{
	uint8_t *data = malloc(chunk);
	long bad = 0;

	while (length > 0) {
		size_t want = length < chunk ? length : chunk, done = 0;

		if (ext2_read(inode, offset, data, want, &done) || done == 0)
			break;
		for (size_t i = 0; i < done; i++)
			bad += data[i] != (seed ? tree_byte(seed, offset + i) : 0);
		offset += done;
		length -= done;
	}
	free(data);
	return bad + length;
}

struct counting {
	unsigned count, dots;
	uint8_t seen[ENTRIES];
};

static int
count_visit(void *context, const struct ext2_dirent *e)
{
	struct counting *c = context;
	char name[EXT2_NAME_MAX + 1];
	unsigned n;

	memcpy(name, e->name, e->name_length);
	name[e->name_length] = 0;
	if (name[0] == '.')
		c->dots++;
	else if (sscanf(name, "entry-%u", &n) == 1 && n < ENTRIES)
		c->seen[n]++;
	c->count++;
	return 0;
}

static void
make_tree(void)
{
	char name[64];

	tree_run("mkdir -p %s/root/d/e/f/g/h/i/j/k/l %s/root/many");
	tree_fill("root/empty", 1, 0, 0);
	tree_fill("root/one", 2, 0, 1);
	tree_fill("root/d/e/f/g/h/i/j/k/l/deep", 3, 0, 5000);
	tree_fill("root/double", 4, 0, 1500000);
	tree_fill("root/sparse", 5, 0, 100);
	tree_fill("root/sparse", 5, 70000000, 20000);
	tree_fill("root/sparse", 5, 4500000000, 9000);
	if (truncate(tree_path("root/sparse"), 4600000000))
		perror("truncate");
	tree_fill("root/unaligned", 6, 0, 12 * 4096 + 777);
	tree_run("ln -s d/e/f %s/root/fast");
	memset(name, 'x', 60);
	name[60] = 0;
	if (symlink(name, tree_path("root/slow")))
		perror("symlink");
	name[59] = 0;
	if (symlink(name, tree_path("root/fast59")))
		perror("symlink");
	for (unsigned i = 0; i < ENTRIES; i++) {
		snprintf(name, sizeof(name), "root/many/entry-%u", i);
		tree_fill(name, 0, 0, 0);
	}
}

static void
reads_files(void)
{
	struct ext2_inode inode;
	size_t done;
	char c;

	CHECK_EQ(find("empty", &inode), 0);
	CHECK_EQ(ext2_read(&inode, 0, &c, 1, &done), 0);
	CHECK_EQ(done, 0);
	CHECK_EQ(find("one", &inode), 0);
	CHECK_EQ(differing(&inode, 2, 0, 1, 16), 0);
	CHECK_EQ(ext2_read(&inode, 1ull << 62, &c, 1, &done), 0);
	CHECK_EQ(done, 0);
	CHECK_EQ(find("d/e/f/g/h/i/j/k/l/deep", &inode), 0);
	CHECK_EQ(inode.size, 5000);
	CHECK_EQ(differing(&inode, 3, 0, 5000, 4096), 0);
	CHECK_EQ(find("double", &inode), 0);
	CHECK_EQ(differing(&inode, 4, 0, 1500000, 65536), 0);
	CHECK_EQ(differing(&inode, 4, 3, 200000, 777), 0);
	CHECK_EQ(find("unaligned", &inode), 0);
	CHECK_EQ(inode.size, 12 * 4096 + 777);
	CHECK_EQ(differing(&inode, 6, 0, 12 * 4096 + 777, 1000), 0);
	CHECK_EQ(find("nothing", &inode), ENOENT);
	CHECK_EQ(find("one/more", &inode), ENOTDIR);
}

static void
reads_holes_and_triple_indirect_blocks(void)
{
	struct ext2_inode inode;

	REQUIRE(find("sparse", &inode) == 0);
	CHECK_EQ(inode.size, 4600000000);
	CHECK(inode.block[14] != 0);
	CHECK_EQ(differing(&inode, 5, 0, 100, 100), 0);
	CHECK_EQ(differing(&inode, 0, 100, 1000000, 65536), 0);
	CHECK_EQ(differing(&inode, 0, 69000000, 1000000, 65536), 0);
	CHECK_EQ(differing(&inode, 5, 70000000, 20000, 3000), 0);
	CHECK_EQ(differing(&inode, 5, 4500000000, 9000, 10000), 0);
	CHECK_EQ(differing(&inode, 0, 4500009000, 100000, 10000), 0);
	CHECK_EQ(differing(&inode, 0, 4599999999, 1, 10), 0);
}

static void
maps_holes_in_one_piece(void)
{
	struct ext2_inode inode;
	struct ext2_run run;
	uint64_t index = 70000000 >> fs->block_shift;

	REQUIRE(find("sparse", &inode) == 0);
	CHECK_EQ(ext2_map(&inode, 3, 1000, &run), 0);
	CHECK_EQ(run.block, 0);
	CHECK_EQ(run.count, 9);
	CHECK_EQ(ext2_map(&inode, index, 5, &run), 0);
	CHECK(run.block != 0);
	CHECK_EQ(run.count, 5);
	CHECK_EQ(ext2_map(&inode, fs->max_file_size >> fs->block_shift, 1, &run), EFBIG);
	CHECK_EQ(ext2_map(&inode, (fs->max_file_size >> fs->block_shift) - 1, 7, &run), 0);
	CHECK_EQ(run.block, 0);
	CHECK_EQ(run.count, 1);
}

static void
reads_big_directories(void)
{
	struct ext2_inode dir;
	struct counting *c = calloc(1, sizeof(*c));
	uint64_t position = 0;
	unsigned bad = 0;
	char name[32];
	uint32_t ino;

	CHECK_EQ(find("many", &dir), 0);
	CHECK_EQ(ext2_dir_walk(&dir, &position, count_visit, c), 0);
	CHECK_EQ(position, dir.size);
	CHECK_EQ(c->count, ENTRIES + 2);
	CHECK_EQ(c->dots, 2);
	for (unsigned i = 0; i < ENTRIES; i++)
		bad += c->seen[i] != 1;
	CHECK_EQ(bad, 0);
	for (unsigned i = 0; i < ENTRIES; i += 97) {
		snprintf(name, sizeof(name), "entry-%u", i);
		CHECK_EQ(ext2_dir_lookup(&dir, name, strlen(name), &ino), 0);
	}
	CHECK_EQ(ext2_dir_lookup(&dir, "entry-5000", 10, &ino), ENOENT);
	free(c);
}

static int
one_visit(void *context, const struct ext2_dirent *e)
{
	unsigned *left = context;

	(void)e;
	return (*left)-- == 0;
}

static void
resumes_directory_walks(void)
{
	struct ext2_inode dir;
	uint64_t position = 0;
	unsigned total = 0;

	REQUIRE(find("many", &dir) == 0);
	while (position < dir.size && total < 2 * ENTRIES) {
		unsigned left = 7;

		REQUIRE(ext2_dir_walk(&dir, &position, one_visit, &left) == 0);
		total += left == ~0u ? 7 : 7 - left;
	}
	CHECK_EQ(total, ENTRIES + 2);
	position = 5;		/* between "." and ".." */
	total = 1;
	CHECK_EQ(ext2_dir_walk(&dir, &position, one_visit, &total), 0);
	CHECK_EQ(position, 24);
}

static void
reads_symlinks(void)
{
	struct ext2_inode inode;
	char target[4096];
	size_t length;

	CHECK_EQ(find("fast", &inode), 0);
	CHECK_EQ(ext2_readlink(&inode, target, sizeof(target), &length), 0);
	CHECK_EQ(length, 5);
	CHECK(memcmp(target, "d/e/f", 5) == 0);
	CHECK_EQ(ext2_readlink(&inode, target, 4, &length), ENAMETOOLONG);
	CHECK_EQ(find("fast59", &inode), 0);
	CHECK_EQ(ext2_readlink(&inode, target, sizeof(target), &length), 0);
	CHECK_EQ(length, 59);
	CHECK_EQ(find("slow", &inode), 0);
	CHECK_EQ(ext2_readlink(&inode, target, sizeof(target), &length), 0);
	CHECK_EQ(length, 60);
	CHECK(strspn(target, "x") >= 60);
	CHECK_EQ(find("one", &inode), 0);
	CHECK_EQ(ext2_readlink(&inode, target, sizeof(target), &length), EINVAL);
}

static void
attributes_match_the_host(void)
{
	struct ext2_inode inode;
	struct stat st;

	CHECK_EQ(find("double", &inode), 0);
	CHECK_EQ(stat(tree_path("root/double"), &st), 0);
	CHECK_EQ(inode.mode, st.st_mode);
	CHECK_EQ(inode.uid, st.st_uid);
	CHECK_EQ(inode.mtime.seconds, st.st_mtime);
	CHECK_EQ(find("", &inode), 0);
	CHECK_EQ(inode.ino, EXT2_ROOT_INO);
}

static void
a_disk_error_is_an_error(void)
{
	struct ext2_inode inode;
	struct ext2_run run;
	uint8_t data[8192];
	size_t done;

	REQUIRE(find("unaligned", &inode) == 0);
	REQUIRE(ext2_map(&inode, 1, 1, &run) == 0);
	ext2_unmount(fs);
	CHECK_EQ(ext2_mount(&disk.dev, 256, &fs), 0);
	disk.fail_from = (uint64_t)run.block << fs->block_shift;
	disk.fail_to = disk.fail_from + 1;
	CHECK_EQ(find("unaligned", &inode), 0);
	CHECK_EQ(ext2_read(&inode, 0, data, sizeof(data), &done), 0);
	CHECK_EQ(done, fs->block_size);
	CHECK_EQ(ext2_read(&inode, fs->block_size, data, sizeof(data), &done), EIO);
	disk.fail_to = 0;
	CHECK_EQ(differing(&inode, 6, 0, 12 * 4096, sizeof(data)), 0);
}

static const char *image_arguments;
static unsigned image_buffers;

static void
mounts(void)
{
	char command[512];

	snprintf(command, sizeof(command),
		"mke2fs -q -F -t ext2 %s -d %%s/root %%s/image 64M >/dev/null 2>&1",
		image_arguments);
	CHECK_EQ(tree_run(command), 0);
	REQUIRE(host_disk_load(&disk, tree_path("image")));
	CHECK_EQ(ext2_mount(&disk.dev, image_buffers, &fs), 0);
}

static void
no_damage_was_reported(void)
{
	CHECK_EQ(host_reports, 0);
}

/* Runs the tests on an image made with these mke2fs arguments. */
static void
on_image(const char *arguments, unsigned buffers)
{
	fs = NULL;
	image_arguments = arguments;
	image_buffers = buffers;
	TEST(mounts);
	if (!fs)
		return;
	TEST(reads_files);
	TEST(reads_holes_and_triple_indirect_blocks);
	TEST(maps_holes_in_one_piece);
	TEST(reads_big_directories);
	TEST(resumes_directory_walks);
	TEST(reads_symlinks);
	TEST(attributes_match_the_host);
	TEST(a_disk_error_is_an_error);
	TEST(no_damage_was_reported);
	ext2_unmount(fs);
	free(disk.data);
	unlink(tree_path("image"));
}

static void
refused(const char *make, const char *change, const char *message)
{
	host_last_report[0] = 0;
	CHECK_EQ(tree_run(make), 0);
	CHECK_EQ(tree_run(change), 0);
	REQUIRE(host_disk_load(&disk, tree_path("image")));
	CHECK_EQ(ext2_mount(&disk.dev, 64, &fs), EINVAL);
	CHECK(strstr(host_last_report, message) != NULL);
	free(disk.data);
}

#define SMALL "mke2fs -q -F -t ext2 %s/image 1M"

static void
refuses_what_it_cannot_read(void)
{
	refused(SMALL, "debugfs -w -R 'ssv feature_incompat 0x42' %s/image 2>/dev/null",
		"unknown feature extent");
	refused(SMALL, "debugfs -w -R 'ssv feature_incompat 0x400002' %s/image 2>/dev/null",
		"unknown feature 0x400000");
	refused(SMALL, "debugfs -w -R 'ssv feature_incompat 0x6' %s/image 2>/dev/null", "journal");
	refused(SMALL, "truncate -s 512K %s/image", "smaller");
	refused(SMALL, "truncate -s 1K %s/image", "small");
	refused(SMALL,
		"dd if=/dev/zero of=%s/image bs=1024 seek=1 count=1 conv=notrunc 2>/dev/null",
		"magic");
	refused(SMALL, "debugfs -w -R 'ssv log_block_size 6' %s/image 2>/dev/null || true", "");
}

static void
unknown_ro_features_mount_read_only(void)
{
	struct ext2_inode root;

	CHECK_EQ(tree_run(SMALL), 0);
	CHECK_EQ(tree_run("debugfs -w -R 'ssv feature_ro_compat 0x103' %s/image 2>/dev/null"), 0);
	REQUIRE(host_disk_load(&disk, tree_path("image")));
	REQUIRE(ext2_mount(&disk.dev, 64, &fs) == 0);
	CHECK(fs->read_only);
	CHECK_EQ(ext2_inode_read(fs, EXT2_ROOT_INO, &root), 0);
	ext2_unmount(fs);
	free(disk.data);
}

static void
a_clean_ext3_is_read(void)
{
	struct ext2_inode root;

	CHECK_EQ(tree_run("mke2fs -q -F -t ext3 %s/image 8M"), 0);
	REQUIRE(host_disk_load(&disk, tree_path("image")));
	REQUIRE(ext2_mount(&disk.dev, 64, &fs) == 0);
	CHECK(!fs->read_only);
	CHECK_EQ(find("lost+found", &root), 0);
	ext2_unmount(fs);
	free(disk.data);
}

int
main(void)
{
	if (!tree_begin())
		return 1;
	make_tree();
	on_image("-b 1024", 64);
	on_image("-b 2048 -I 128", 256);
	on_image("-b 4096 -N 6000", 4096);
	on_image("-b 1024 -O ^filetype,^dir_index -N 6000", 256);
	on_image("-b 4096 -r 0 -O none -I 128", 256);
	TEST(refuses_what_it_cannot_read);
	TEST(unknown_ro_features_mount_read_only);
	TEST(a_clean_ext3_is_read);
	tree_end();
	return unit_done();
}
