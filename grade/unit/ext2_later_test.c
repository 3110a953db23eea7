// SOURCES: grade/unit/vfs_host.c fs/vfs/bcache.c fs/vfs/bcache_grow.c fs/vfs/bcache_write.c fs/vfs/rwlock.c
// SOURCES: fs/ext2/super.c fs/ext2/inode.c fs/ext2/map.c fs/ext2/file.c fs/ext2/dir.c fs/ext2/dirindex.c
// SOURCES: fs/ext2/alloc.c fs/ext2/dirchange.c fs/ext2/journal.c fs/ext2/order.c
// SOURCES: fs/ext2/orphan.c fs/ext2/replay.c fs/ext2/trans.c fs/ext2/truncate.c
// SOURCES: fs/ext2/write.c fs/vfs/vnode.c fs/vfs/mount.c fs/vfs/ops.c fs/vfs/attr.c
// SOURCES: fs/vfs/change.c fs/vfs/walk.c fs/vfs/file.c fs/devfs/devfs.c fs/devfs/disk.c fs/ext2/names.c
// SOURCES: fs/devfs/random.c fs/ext2/vnode.c fs/tmpfs/data.c fs/tmpfs/dir.c fs/tmpfs/node.c
// CFLAGS: -pthread
/*
 * Requests of threads that may not wait for the disk (os_wait_place): what is cached is answered, all else is OS_LATER and leaves no
 * trace, and the same request then does its work once.
 */
#include "fs_calls.h"
#include "../../fs/tmpfs/tmpfs.h"

#define SIZE	60000u
#define NAMES	1000u			/* in so many blocks that they are not fetched at once */

static void
mounts(void)
{
	REQUIRE(mount_new("-t ext3 -b 1024 -N 4000 %s/image 16M"));
	CHECK_EQ(do_mkdir("d"), 0);
	CHECK_EQ(do_fill("d/file", 1, 0, SIZE, 5000, false), 0);
	CHECK_EQ(do_fill("d/odd", 2, 0, 100, 100, false), 0);
	CHECK_EQ(do_mkdir("d/many"), 0);
	for (unsigned i = 0; i < NAMES; i++) {
		char path[64];

		snprintf(path, sizeof(path), "d/many/a-name-of-some-length-%u", i);
		CHECK_EQ(do_create(path), 0);
	}
}

/* Nothing is cached any more. */
static void
forget_all(void)
{
	unmount_disk();
	vfs_init(64);
	CHECK_EQ(ext2_mount_on(&disk.dev, 512, 1, NULL, &root_mount), 0);
}

static void
cold_files_are_for_later(void)
{
	struct vfs_attr attr;

	forget_all();
	host_no_places = true;
	CHECK_EQ(do_stat("d/file", &attr), OS_LATER);
	CHECK_EQ(do_stat("d/many/a-name-of-some-length-150", &attr), OS_LATER);
	host_no_places = false;
	CHECK_EQ(do_stat("d/file", &attr), 0);
	host_no_places = true;
	CHECK_EQ(do_stat("d/file", &attr), 0);
	CHECK_EQ(attr.size, SIZE);
	CHECK_EQ(do_stat("d/none", &attr), ENOENT);
	host_no_places = false;
}

/* Half of what is to be read is cached: none of it is given, and the offset stays. */
static void
a_read_is_whole_or_later(void)
{
	static uint8_t data[SIZE];
	struct file *file;
	unsigned wrong = 0;
	size_t done = 7;

	forget_all();
	REQUIRE(do_open("d/file", FILE_READ_ONLY, 0, &file) == 0);
	CHECK_EQ(file_read(file, 3000, data, 1000, &done), 0);
	host_no_places = true;
	CHECK_EQ(file_read(file, 3000, data, 1000, &done), 0);
	CHECK_EQ(done, 1000);
	CHECK_EQ(file_read(file, 3000, data, 30000, &done), OS_LATER);
	CHECK_EQ(done, 0);
	CHECK_EQ(file_read(file, FILE_OFFSET_CURRENT, data, SIZE, &done), OS_LATER);
	CHECK_EQ(done, 0);
	host_no_places = false;
	CHECK_EQ(file_read(file, FILE_OFFSET_CURRENT, data, SIZE, &done), 0);
	CHECK_EQ(done, SIZE);
	for (unsigned i = 0; i < SIZE; i++)
		wrong += data[i] != tree_byte(1, i);
	CHECK_EQ(wrong, 0);
	host_no_places = true;
	CHECK_EQ(file_read(file, 0, data, SIZE, &done), 0);
	host_no_places = false;
	file_close(file);
}

/* Visits so many names. */
static int
count_down(void *context, const struct vfs_dirent *entry)
{
	unsigned *left = context;

	(void)entry;
	if (*left == 0)
		return 1;
	--*left;
	return 0;
}

/* The first blocks of it are cached. */
static void
a_directory_is_read_on_where_it_was(void)
{
	struct file *dir;
	unsigned left = 10;

	forget_all();
	REQUIRE(do_open("d/many", FILE_READ_ONLY, 0, &dir) == 0);
	CHECK_EQ(file_readdir(dir, count_down, &left), 0);
	host_no_places = true;
	left = NAMES;
	CHECK_EQ(file_readdir(dir, count_down, &left), OS_LATER);
	CHECK(left < NAMES && left > 0);
	host_no_places = false;
	left = NAMES;
	CHECK_EQ(file_readdir(dir, count_down, &left), 0);
	CHECK_EQ(left, 10 - 2);			/* "." and ".." were among the first */
	file_close(dir);
}

static struct file *open_file;

static int
write_some(void)
{
	size_t done;

	return file_write(open_file, FILE_OFFSET_CURRENT, "0123456789", 10, &done);
}

static int create(void) { return do_create("d/new"); }
static int make_dir(void) { return do_mkdir("d/dir"); }
static int link_symbolic(void) { return do_symlink("target", "d/symlink"); }
static int link_hard(void) { return do_link("d/file", "d/link"); }
static int rename_over(void) { return do_rename("d/link", "d/odd"); }
static int rename_away(void) { return do_rename("d/dir", "d/many/dir"); }
static int remove_file(void) { return do_unlink("d/new"); }
static int remove_dir(void) { return do_rmdir("d/many/dir"); }
static int cut(void) { return do_truncate("d/file", 7000); }

static int
change_mode(void)
{
	return vfs_chmod(open_file->vn, &caller, 0600);
}

/* All of it is cached; a change is for later all the same, once. */
static void
changes_are_for_later_and_done_once(void)
{
	static int (*const changes[])(void) = { create, make_dir, link_symbolic, link_hard, rename_over, rename_away, remove_file,
		remove_dir, cut, write_some, change_mode, vfs_sync };
	static uint8_t before[16 << 20];

	REQUIRE(do_open("d/odd", FILE_READ_WRITE | FILE_APPEND, 0, &open_file) == 0);
	CHECK_EQ(write_some(), 0);
	for (unsigned i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		struct vfs_attr attr, after;

		CHECK_EQ(vfs_getattr(open_file->vn, &attr), 0);
		CHECK_EQ(vfs_sync(), 0);
		memcpy(before, disk.data, sizeof(before));
		host_no_places = true;
		CHECK_EQ(changes[i](), OS_LATER);
		host_no_places = false;
		CHECK_EQ(vfs_getattr(open_file->vn, &after), 0);
		CHECK_EQ(after.size, attr.size);
		CHECK_EQ(after.mode, attr.mode);
		CHECK_EQ(after.ctime.nanoseconds, attr.ctime.nanoseconds);
		CHECK_EQ(vfs_sync(), 0);
		CHECK(memcmp(before, disk.data, sizeof(before)) == 0);
		CHECK_EQ(changes[i](), 0);
	}
	CHECK_EQ(open_file->offset, 120);
	file_close(open_file);
	CHECK_EQ(vfs_sync(), 0);
	CHECK_CLEAN();
}

/*
 * Without a disk nothing has to wait but what comes after the write: it is asked for before, or the bytes would be written twice. What is made may
 * have to wait too, for a number that is being given up. And a removed file that nobody has any more is no reason to refuse an unmount.
 */
static void
changes_without_a_disk_are_done_once(void)
{
	struct walk_start start = from_root();
	struct vfs_attr attr;
	struct mount *mount;
	struct vnode *on;

	REQUIRE(vfs_walk(&start, "d/many", 0, &on) == 0);
	REQUIRE(tmpfs_mount(2, on, &mount) == 0);
	vnode_put(on);
	CHECK_EQ(do_create("d/many/file"), 0);
	REQUIRE(do_open("d/many/file", FILE_READ_WRITE | FILE_APPEND | FILE_SYNC, 0, &open_file) == 0);
	host_no_places = true;
	CHECK_EQ(write_some(), OS_LATER);
	CHECK_EQ(vfs_getattr(open_file->vn, &attr), 0);
	CHECK_EQ(attr.size, 0);
	host_no_places = false;
	CHECK_EQ(write_some(), 0);
	CHECK_EQ(vfs_getattr(open_file->vn, &attr), 0);
	CHECK_EQ(attr.size, 10);
	CHECK_EQ(open_file->offset, 10);
	host_no_places = true;
	CHECK_EQ(do_mkdir("d/many/dir"), OS_LATER);
	CHECK_EQ(do_stat("d/many/dir", &attr), ENOENT);
	CHECK_EQ(do_mkdir("d/many/file"), EEXIST);
	CHECK_EQ(do_unlink("d/many/file"), 0);
	file_close(open_file);
	host_no_places = false;
	CHECK_EQ(vfs_unmount(mount), 0);
}

static unsigned marks = VFS_SET_MTIME;

static unsigned
take_marks(void *what)
{
	unsigned taken = marks;

	CHECK(what == &marks);
	marks = 0;
	return taken;
}

/* Who has no place to set them leaves the marks to the next. */
static void
marks_of_transfers_stay(void)
{
	struct walk_start start = from_root();
	struct vfs_attr before, after;
	struct vnode *fifo;

	CHECK_EQ(do_new("d/fifo", VFS_S_IFIFO | 0600, 0, NULL), 0);
	REQUIRE(vfs_walk(&start, "d/fifo", 0, &fifo) == 0);
	CHECK_EQ(vfs_getattr(fifo, &before), 0);
	host_no_places = true;
	CHECK_EQ(vfs_note_transfers(fifo, take_marks, &marks), OS_LATER);
	host_no_places = false;
	CHECK_EQ(marks, VFS_SET_MTIME);
	CHECK_EQ(vfs_note_transfers(fifo, take_marks, &marks), 0);
	CHECK_EQ(marks, 0);
	CHECK_EQ(vfs_getattr(fifo, &after), 0);
	CHECK(after.mtime.seconds > before.mtime.seconds || after.mtime.nanoseconds != before.mtime.nanoseconds);
	vnode_put(fifo);
}

/* More files are open than vnodes are kept: whoever comes after may open his own all the same. */
static void
open_files_are_not_bounded_by_what_is_kept(void)
{
	static struct file *files[300];
	char path[64];

	for (unsigned round = 0; round < 2; round++) {
		for (unsigned i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
			snprintf(path, sizeof(path), "d/many/a-name-of-some-length-%u", i);
			REQUIRE(do_open(path, FILE_READ_ONLY, 0, &files[i]) == 0);
		}
		for (unsigned i = 0; i < sizeof(files) / sizeof(files[0]); i++)
			file_close(files[i]);
	}
}

/* The last user of a removed file may not wait: its blocks are freed by the errand. */
static void
a_removed_file_is_freed_by_an_errand(void)
{
	struct vfs_statfs with, without;
	struct vfs_attr attr;

	CHECK_EQ(do_fill("d/gone", 3, 0, 100000, 5000, true), 0);
	REQUIRE(do_open("d/gone", FILE_READ_ONLY, 0, &open_file) == 0);
	CHECK_EQ(do_unlink("d/gone"), 0);
	CHECK_EQ(vfs_statfs(root_mount->root, &with), 0);
	host_no_places = true;
	host_errands = 0;
	file_close(open_file);
	CHECK_EQ(host_errands, 1);
	CHECK_EQ(do_stat("d/odd", &attr), 0);
	host_no_places = false;
	CHECK_EQ(vfs_statfs(root_mount->root, &without), 0);
	CHECK_EQ(without.files_free, with.files_free);
	vnode_errands();
	CHECK_EQ(vfs_sync(), 0);
	CHECK_EQ(vfs_statfs(root_mount->root, &without), 0);
	CHECK_EQ(without.files_free, with.files_free + 1);
	CHECK(without.blocks_free >= with.blocks_free + 97);
	CHECK_CLEAN();
	CHECK_EQ(host_damage_reports, 0);
	unmount_disk();
	free(disk.data);
}

int
main(void)
{
	if (!tree_begin())
		return 1;
	TEST(mounts);
	TEST(cold_files_are_for_later);
	TEST(a_read_is_whole_or_later);
	TEST(a_directory_is_read_on_where_it_was);
	TEST(changes_are_for_later_and_done_once);
	TEST(changes_without_a_disk_are_done_once);
	TEST(marks_of_transfers_stay);
	TEST(open_files_are_not_bounded_by_what_is_kept);
	TEST(a_removed_file_is_freed_by_an_errand);
	tree_end();
	return unit_done();
}
