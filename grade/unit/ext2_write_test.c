// SOURCES: grade/unit/vfs_host.c fs/vfs/bcache.c fs/vfs/bcache_grow.c fs/vfs/bcache_write.c fs/vfs/rwlock.c
// SOURCES: fs/ext2/super.c fs/ext2/inode.c fs/ext2/map.c fs/ext2/file.c fs/ext2/dir.c fs/ext2/dirindex.c
// SOURCES: fs/ext2/alloc.c fs/ext2/dirchange.c fs/ext2/journal.c fs/ext2/order.c
// SOURCES: fs/ext2/orphan.c fs/ext2/replay.c fs/ext2/trans.c fs/ext2/truncate.c
// SOURCES: fs/ext2/write.c fs/vfs/vnode.c fs/vfs/mount.c fs/vfs/ops.c fs/vfs/attr.c
// SOURCES: fs/vfs/change.c fs/vfs/walk.c fs/vfs/file.c fs/devfs/devfs.c fs/devfs/disk.c fs/ext2/names.c
// SOURCES: fs/devfs/random.c fs/ext2/vnode.c
// CFLAGS: -pthread
/*
 * Writing to ext2 and ext3 images: whatever was done, the host's e2fsck finds nothing wrong after
 * unmounting, debugfs reads back the bytes, and so do we after mounting again.
 */
#include "fs_calls.h"

static const char *image_arguments;

static void
mounts(void)
{
	REQUIRE(mount_new(image_arguments));
	CHECK(!root_mount->read_only);
}

/* Writes everything out and has the host look; the file system stays mounted. */
static void
settle(void)
{
	CHECK_EQ(vfs_sync(), 0);
	CHECK_CLEAN();
}

/* Has debugfs read a file and compares. */
static void
host_reads(const char *path, unsigned seed, uint64_t offset, size_t length)
{
	char command[256];
	FILE *f;
	size_t bad = 0;

	snprintf(command, sizeof(command), "debugfs -R 'dump /%s %%s/out' %%s/image 2>/dev/null", path);
	CHECK_EQ(tree_run(command), 0);
	f = fopen(tree_path("out"), "rb");
	REQUIRE(f != NULL);
	fseeko(f, offset, SEEK_SET);
	for (size_t i = 0; i < length; i++)
		bad += getc(f) != tree_byte(seed, offset + i);
	CHECK_EQ(bad, 0);
	CHECK_EQ(getc(f), EOF);
	fclose(f);
}

static void
files_are_made_and_read_back(void)
{
	struct vfs_attr attr;

	CHECK_EQ(do_create("empty"), 0);
	CHECK_EQ(do_fill("one", 1, 0, 1, 1, false), 0);
	CHECK_EQ(do_fill("odd", 2, 0, 70001, 777, false), 0);
	CHECK_EQ(do_fill("big", 3, 0, 1500000, 65536, false), 0);
	CHECK_EQ(do_fill("odd", 2, 70001, 5000, 5000, false), 0);
	CHECK_EQ(do_compare("odd", 2, 0, 75001), 0);
	CHECK_EQ(do_stat("odd", &attr), 0);
	CHECK_EQ(attr.size, 75001);
	CHECK_EQ(attr.mode, VFS_S_IFREG | 0644);
	CHECK_EQ(attr.links, 1);
	settle();
	host_reads("one", 1, 0, 1);
	host_reads("odd", 2, 0, 75001);
	host_reads("big", 3, 0, 1500000);
}

static void
holes_cost_nothing(void)
{
	struct vfs_attr attr;

	CHECK_EQ(do_fill("sparse", 4, 900000, 3000, 3000, false), 0);
	CHECK_EQ(do_stat("sparse", &attr), 0);
	CHECK_EQ(attr.size, 903000);
	CHECK(attr.sectors < 100);
	CHECK_EQ(do_compare("sparse", 0, 0, 900000), 0);
	CHECK_EQ(do_compare("sparse", 4, 900000, 3000), 0);
	CHECK_EQ(do_fill("far", 5, mounted_fs()->max_file_size > 1ull << 31 ? (1ull << 31) + 12345
			: mounted_fs()->max_file_size - 10, 10, 10, false), 0);
	CHECK_EQ(do_truncate("sparse", 1000), 0);
	CHECK_EQ(do_truncate("sparse", 500000), 0);
	CHECK_EQ(do_compare("sparse", 0, 0, 500000), 0);
	settle();
}

static void
cutting_frees_blocks(void)
{
	struct vfs_statfs before, after;
	struct vfs_attr attr;

	CHECK_EQ(vfs_statfs(root_mount->root, &before), 0);
	CHECK_EQ(do_fill("cut", 6, 0, 2000000, 65536, false), 0);
	CHECK_EQ(do_truncate("cut", 100001), 0);
	CHECK_EQ(do_stat("cut", &attr), 0);
	CHECK_EQ(attr.size, 100001);
	CHECK(attr.sectors < 260);
	CHECK_EQ(do_compare("cut", 6, 0, 100001), 0);
	CHECK_EQ(do_truncate("cut", 200000), 0);
	CHECK_EQ(do_compare("cut", 0, 100001, 99999), 0);
	settle();
	CHECK_EQ(do_truncate("cut", 0), 0);
	CHECK_EQ(do_stat("cut", &attr), 0);
	CHECK_EQ(attr.sectors, 0);
	CHECK_EQ(do_unlink("cut"), 0);
	settle();
	CHECK_EQ(vfs_statfs(root_mount->root, &after), 0);
	CHECK_EQ(after.blocks_free, before.blocks_free);
	CHECK_EQ(after.files_free, before.files_free);
}

static void
directories_grow(void)
{
	char name[64];
	uint64_t id;
	struct vfs_attr attr;

	CHECK_EQ(do_mkdir("many"), 0);
	for (unsigned i = 0; i < 700; i++) {
		snprintf(name, sizeof(name), "many/a-longer-name-to-fill-blocks-%u", i);
		CHECK_EQ(do_create(name), 0);
	}
	CHECK_EQ(do_create(name), 0);
	CHECK_EQ(do_mkdir("many/sub"), 0);
	CHECK_EQ(do_stat("many", &attr), 0);
	CHECK_EQ(attr.links, 3);
	id = attr.size;
	settle();
	for (unsigned i = 0; i < 700; i += 2) {
		snprintf(name, sizeof(name), "many/a-longer-name-to-fill-blocks-%u", i);
		CHECK_EQ(do_unlink(name), 0);
	}
	for (unsigned i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "many/short-%u", i);
		CHECK_EQ(do_create(name), 0);
	}
	CHECK_EQ(do_stat("many", &attr), 0);
	CHECK_EQ(attr.size, id);		/* room of removed names was used */
	CHECK_EQ(do_rmdir("many"), ENOTEMPTY);
	settle();
}

static void
links_of_all_kinds(void)
{
	char target[300], buffer[400];
	struct walk_start start = from_root();
	struct vfs_attr attr;
	struct vnode *vn;
	size_t length;

	memset(target, 't', sizeof(target));
	target[299] = 0;
	CHECK_EQ(do_symlink("short", "fast"), 0);
	CHECK_EQ(do_symlink(target, "slow"), 0);
	REQUIRE(vfs_walk(&start, "slow", WALK_NOFOLLOW, &vn) == 0);
	CHECK_EQ(vfs_readlink(vn, buffer, sizeof(buffer), &length), 0);
	CHECK_EQ(length, 299);
	vnode_put(vn);
	CHECK_EQ(do_fill("linked", 7, 0, 5000, 5000, false), 0);
	CHECK_EQ(do_link("linked", "other"), 0);
	CHECK_EQ(do_link("linked", "other"), EEXIST);
	CHECK_EQ(do_link("many", "dir"), EPERM);
	CHECK_EQ(do_stat("other", &attr), 0);
	CHECK_EQ(attr.links, 2);
	CHECK_EQ(do_unlink("linked"), 0);
	CHECK_EQ(do_compare("other", 7, 0, 5000), 0);
	CHECK_EQ(do_new("fifo", VFS_S_IFIFO | 0600, 0, NULL), 0);
	CHECK_EQ(do_new("device", VFS_S_IFBLK | 0600, 0x801, NULL), 0);
	CHECK_EQ(do_stat("device", &attr), 0);
	CHECK_EQ(attr.rdev, 0x801);
	CHECK_EQ(do_unlink("slow"), 0);
	settle();
}

static void
an_unlinked_file_lives_until_closed(void)
{
	struct vfs_statfs before, after;
	uint8_t byte;
	struct file *file;
	size_t done;

	CHECK_EQ(vfs_statfs(root_mount->root, &before), 0);
	CHECK_EQ(do_fill("doomed", 8, 0, 100000, 100000, false), 0);
	REQUIRE(do_open("doomed", FILE_READ_WRITE, 0, &file) == 0);
	CHECK_EQ(do_unlink("doomed"), 0);
	CHECK_EQ(do_unlink("doomed"), ENOENT);
	CHECK_EQ(file_write(file, 100000, "x", 1, &done), 0);
	CHECK_EQ(file_read(file, 99999, &byte, 1, &done), 0);
	CHECK_EQ(byte, tree_byte(8, 99999));
	CHECK_EQ(file_truncate(file, 5), 0);
	CHECK_EQ(do_create("doomed"), 0);	/* another file, the same name */
	CHECK_EQ(vfs_sync(), 0);
	file_close(file);
	CHECK_EQ(do_unlink("doomed"), 0);
	settle();
	CHECK_EQ(vfs_statfs(root_mount->root, &after), 0);
	CHECK_EQ(after.blocks_free, before.blocks_free);
	CHECK_EQ(after.files_free, before.files_free);
}

/* Who is in it may still ask for its "..", which is a number of an inode that is free, or another's. */
static int
count_entry(void *context, const struct vfs_dirent *e)
{
	(void)e;
	++*(unsigned *)context;
	return 0;
}

static void
a_removed_directory_leads_nowhere(void)
{
	struct walk_start start = from_root();
	struct vnode *inner, *found = NULL;
	uint64_t position = 0;
	unsigned entries = 0;

	CHECK_EQ(do_mkdir("outer"), 0);
	CHECK_EQ(do_mkdir("outer/inner"), 0);
	REQUIRE(vfs_walk(&start, "outer/inner", 0, &inner) == 0);
	CHECK_EQ(do_rmdir("outer/inner"), 0);
	CHECK_EQ(do_rmdir("outer"), 0);
	CHECK_EQ(vfs_sync(), 0);
	CHECK_EQ(vfs_lookup(inner, "..", 2, &found), ENOENT);
	CHECK_EQ(vfs_lookup(inner, "x", 1, &found), ENOENT);
	CHECK_EQ(vfs_lookup(inner, ".", 1, &found), 0);
	CHECK_EQ(vfs_readdir(inner, &position, count_entry, &entries), 0);
	CHECK_EQ(entries, 0);
	vnode_put(found);
	vnode_put(inner);
	CHECK(!root_mount->read_only);
	settle();
}

static void
renames_follow_the_rules(void)
{
	struct vfs_attr attr, other;

	CHECK_EQ(do_mkdir("r"), 0);
	CHECK_EQ(do_mkdir("r/a"), 0);
	CHECK_EQ(do_mkdir("r/a/b"), 0);
	CHECK_EQ(do_mkdir("r/empty"), 0);
	CHECK_EQ(do_fill("r/f", 9, 0, 3000, 3000, false), 0);
	CHECK_EQ(do_fill("r/g", 10, 0, 4000, 4000, false), 0);
	CHECK_EQ(do_rename("r/a", "r/a/b/c"), EINVAL);
	CHECK_EQ(do_rename("r/a", "r/a"), 0);
	CHECK_EQ(do_rename("r/a", "r/a/x"), EINVAL);
	CHECK_EQ(do_rename("r/a/b", "r/a"), ENOTEMPTY);
	CHECK_EQ(do_rename("r/a/b", "r"), ENOTEMPTY);
	CHECK_EQ(do_rename("r/f", "r/a"), EISDIR);
	CHECK_EQ(do_rename("r/a", "r/f"), ENOTDIR);
	CHECK_EQ(do_rename("r/none", "r/f"), ENOENT);
	CHECK_EQ(do_rename("r/.", "r/x"), EINVAL);
	CHECK_EQ(do_rename("/", "r/x"), EBUSY);
	CHECK_EQ(do_rename("r/empty", "r/a"), ENOTEMPTY);
	CHECK_EQ(do_rename("r/f", "r/g"), 0);
	CHECK_EQ(do_compare("r/g", 9, 0, 3000), 0);
	CHECK_EQ(do_stat("r/f", &attr), ENOENT);
	CHECK_EQ(do_link("r/g", "r/h"), 0);
	CHECK_EQ(do_rename("r/g", "r/h"), 0);		/* the same file: both names stay */
	CHECK_EQ(do_stat("r/g", &attr), 0);
	CHECK_EQ(do_rename("r/a", "r/empty"), 0);	/* over an empty directory */
	CHECK_EQ(do_stat("r/empty/b", &attr), 0);
	CHECK_EQ(do_mkdir("other_dir"), 0);
	CHECK_EQ(do_rename("r/empty", "other_dir/moved"), 0);
	CHECK_EQ(do_stat("other_dir/moved/..", &attr), 0);
	CHECK_EQ(do_stat("other_dir", &other), 0);
	CHECK_EQ(attr.ino, other.ino);
	CHECK_EQ(other.links, 3);
	CHECK_EQ(do_stat("r", &attr), 0);
	CHECK_EQ(attr.links, 2);
	CHECK_EQ(do_rename("other_dir/moved", "r/back/"), 0);
	CHECK_EQ(do_rename("r/g", "r/x/"), ENOTDIR);
	CHECK_EQ(do_rmdir("r/back"), ENOTEMPTY);
	CHECK_EQ(do_rmdir("r/back/b"), 0);
	CHECK_EQ(do_rmdir("r/back"), 0);
	settle();
}

static void
names_of_every_length(void)
{
	char name[300];
	struct vfs_attr attr;

	CHECK_EQ(do_mkdir("lengths"), 0);
	for (unsigned n = 1; n <= 255; n++) {
		snprintf(name, sizeof(name), "lengths/%0*u", n, n % 10);
		CHECK_EQ(do_create(name), 0);
	}
	memset(name, 'n', 256);
	name[256] = 0;
	CHECK_EQ(do_create(name), ENAMETOOLONG);
	for (unsigned n = 1; n <= 255; n += 2) {
		snprintf(name, sizeof(name), "lengths/%0*u", n, n % 10);
		CHECK_EQ(do_unlink(name), 0);
	}
	for (unsigned n = 2; n <= 255; n += 2) {
		snprintf(name, sizeof(name), "lengths/%0*u", n, n % 10);
		CHECK_EQ(do_stat(name, &attr), 0);
	}
	settle();
}

static void
permissions_are_kept(void)
{
	struct walk_start start;
	struct vfs_attr attr;
	struct vnode *vn;
	struct file *file;
	size_t done;

	CHECK_EQ(do_mkdir("sticky"), 0);
	start = from_root();
	REQUIRE(vfs_walk(&start, "sticky", 0, &vn) == 0);
	CHECK_EQ(vfs_chmod(vn, &caller, 01777), 0);
	vnode_put(vn);
	CHECK_EQ(do_create("private"), 0);
	caller = (struct vfs_cred){ 1000, 100 };
	CHECK_EQ(do_create("not_allowed"), EACCES);
	CHECK_EQ(do_mkdir("not_allowed"), EACCES);
	CHECK_EQ(do_unlink("private"), EACCES);
	CHECK_EQ(do_rename("private", "sticky/x"), EACCES);
	CHECK_EQ(do_open("private", FILE_WRITE_ONLY, 0, &file), EACCES);
	CHECK_EQ(do_new("sticky/dev", VFS_S_IFCHR | 0666, 0x103, NULL), EPERM);
	REQUIRE(do_open("sticky/mine", FILE_CREATE | FILE_READ_WRITE, 0400, &file) == 0);
	CHECK_EQ(vfs_getattr(file->vn, &attr), 0);
	CHECK_EQ(attr.uid, 1000);
	CHECK_EQ(attr.gid, 100);
	CHECK_EQ(vfs_chmod(file->vn, &caller, 04755), 0);
	CHECK_EQ(vfs_chown(file->vn, &caller, 0, VFS_ID_KEEP), EPERM);
	CHECK_EQ(vfs_chown(file->vn, &caller, 1000, 100), 0);
	CHECK_EQ(vfs_getattr(file->vn, &attr), 0);
	CHECK_EQ(attr.mode & 07777, 0755);		/* set-id goes with a chown */
	CHECK_EQ(vfs_chmod(file->vn, &caller, 06755), 0);
	CHECK_EQ(file_write(file, 0, "x", 1, &done), 0);
	CHECK_EQ(vfs_getattr(file->vn, &attr), 0);
	CHECK_EQ(attr.mode & 07777, 0755);		/* and with a write */
	caller = (struct vfs_cred){ 1001, 100 };
	CHECK_EQ(do_unlink("sticky/mine"), EPERM);
	CHECK_EQ(do_rename("sticky/mine", "sticky/yours"), EPERM);
	CHECK_EQ(vfs_chmod(file->vn, &caller, 0777), EPERM);
	caller = (struct vfs_cred){ 1000, 100 };
	CHECK_EQ(do_unlink("sticky/mine"), 0);
	caller = (struct vfs_cred){ 0, 0 };
	file_close(file);
	settle();
}

static void
appending_goes_to_the_end(void)
{
	struct file *a, *b;
	struct vfs_attr attr;
	size_t done;

	REQUIRE(do_open("log", FILE_CREATE | FILE_WRITE_ONLY | FILE_APPEND, 0644, &a) == 0);
	REQUIRE(do_open("log", FILE_READ_WRITE, 0644, &b) == 0);
	CHECK_EQ(file_write(a, FILE_OFFSET_CURRENT, "1234", 4, &done), 0);
	CHECK_EQ(file_write(b, FILE_OFFSET_CURRENT, "ab", 2, &done), 0);
	CHECK_EQ(file_write(b, 100, "x", 1, &done), 0);
	CHECK_EQ(file_write(a, FILE_OFFSET_CURRENT, "56", 2, &done), 0);
	CHECK_EQ(vfs_getattr(a->vn, &attr), 0);
	CHECK_EQ(attr.size, 103);
	CHECK_EQ(a->offset, 103);
	file_close(a);
	file_close(b);
	CHECK_EQ(do_open("log", FILE_WRITE_ONLY | FILE_TRUNCATE, 0, &a), 0);
	CHECK_EQ(vfs_getattr(a->vn, &attr), 0);
	CHECK_EQ(attr.size, 0);
	file_close(a);
}

/* Two files' times as they were told before all was read again. */
static struct { const char *name; struct vfs_attr told; } timed[] = { { .name = "set" }, { .name = "timed" } };

static void
note_times(void)
{
	struct vfs_time odd = { 1000000000, 123456789 };
	struct walk_start start = from_root();
	struct vnode *vn;

	CHECK_EQ(do_fill("set", 4, 0, 10, 10, false), 0);
	REQUIRE(vfs_walk(&start, "set", 0, &vn) == 0);
	CHECK_EQ(vfs_set_times(vn, &caller, &odd, &odd, false), 0);
	vnode_put(vn);
	for (unsigned i = 0; i < sizeof(timed) / sizeof(timed[0]); i++)
		CHECK_EQ(do_stat(timed[i].name, &timed[i].told), 0);
}

static void
times_are_as_noted(void)
{
	for (unsigned i = 0; i < sizeof(timed) / sizeof(timed[0]); i++) {
		const struct vfs_attr *told = &timed[i].told;
		struct vfs_attr now;

		CHECK_EQ(do_stat(timed[i].name, &now), 0);
		CHECK_EQ(now.mtime.seconds, told->mtime.seconds);
		CHECK_EQ(now.mtime.nanoseconds, told->mtime.nanoseconds);
		CHECK_EQ(now.ctime.nanoseconds, told->ctime.nanoseconds);
		CHECK_EQ(now.atime.nanoseconds, told->atime.nanoseconds);
	}
}

static void
times_are_set(void)
{
	struct vfs_time old = { 1000000000, 5 };
	struct vfs_attr before, after;
	struct walk_start start = from_root();
	struct vnode *vn;

	CHECK_EQ(do_fill("timed", 11, 0, 10, 10, false), 0);
	REQUIRE(vfs_walk(&start, "timed", 0, &vn) == 0);
	CHECK_EQ(vfs_set_times(vn, &caller, &old, &old, false), 0);
	CHECK_EQ(vfs_getattr(vn, &before), 0);
	CHECK_EQ(before.mtime.seconds, 1000000000);
	CHECK(before.ctime.seconds > 1500000000);
	CHECK_EQ(do_compare("timed", 11, 0, 10), 0);
	CHECK_EQ(vfs_getattr(vn, &after), 0);
	CHECK(after.atime.seconds > 1500000000);
	CHECK_EQ(after.mtime.seconds, 1000000000);
	CHECK_EQ(do_fill("timed", 11, 0, 10, 10, false), 0);
	CHECK_EQ(vfs_getattr(vn, &after), 0);
	CHECK(after.mtime.seconds > 1500000000);
	vnode_put(vn);
	note_times();
}

/* --- remount: a pager has stores that the file does not have yet --- */

static bool refused_grants;
static size_t collected;

static int
collect_stores(struct mount *mount)
{
	struct walk_start start = from_root();
	struct vnode *vn;
	int error = vfs_walk(&start, "/remounted", 0, &vn);

	if (error)
		return error;
	refused_grants = mount->read_only;
	rwlock_write(&vn->lock);
	error = vn->ops->write(vn, 0, "stored", 6, true, &collected);
	rwlock_unlock_write(&vn->lock);
	vnode_put(vn);
	return error;
}

static void
a_remount_collects_before_writes_end(void)
{
	static const struct vfs_pager stub = { .collect_all = collect_stores };

	CHECK_EQ(do_create("/remounted"), 0);
	refused_grants = false;
	collected = 0;
	vfs_pager = &stub;
	CHECK_EQ(vfs_remount(root_mount, true), 0);
	vfs_pager = NULL;
	CHECK(refused_grants);
	CHECK_EQ(collected, 6);
	CHECK(root_mount->read_only);
	CHECK_EQ(do_create("/later"), EROFS);
	CHECK_EQ(vfs_remount(root_mount, false), 0);
	CHECK(!root_mount->read_only);
	CHECK_EQ(do_create("/later"), 0);
	settle();
}

static void
a_full_disk_stays_in_order(void)
{
	struct vfs_statfs info;
	char name[32];
	unsigned made = 0;
	int error = 0;

	caller = (struct vfs_cred){ 1000, 100 };
	while (made < 1000 && !error) {
		snprintf(name, sizeof(name), "sticky/full-%u", made++);
		error = do_fill(name, 12, 0, 300000, 65536, false);
	}
	CHECK_EQ(error, ENOSPC);
	CHECK_EQ(vfs_statfs(root_mount->root, &info), 0);
	CHECK_EQ(info.blocks_available, 0);
	CHECK(info.blocks_free > 0);		/* the administrator's reserve */
	caller = (struct vfs_cred){ 0, 0 };
	settle();
	CHECK_EQ(do_fill("sticky/root", 13, 0, 4000, 4000, false), 0);
	for (unsigned i = 0; i < made; i++) {
		snprintf(name, sizeof(name), "sticky/full-%u", i);
		CHECK_EQ(do_unlink(name), 0);
	}
	caller = (struct vfs_cred){ 1000, 100 };
	CHECK_EQ(do_fill("sticky/again", 14, 0, 300000, 65536, false), 0);	/* at once */
	CHECK_EQ(do_compare("sticky/again", 14, 0, 300000), 0);
	caller = (struct vfs_cred){ 0, 0 };
	settle();
}

static void
all_is_there_after_mounting_again(void)
{
	char name[64];
	struct vfs_attr attr;

	unmount_disk();
	CHECK_CLEAN();
	CHECK_EQ(tree_run("dumpe2fs -h %s/image 2>/dev/null | grep -q 'state: *clean'"), 0);
	CHECK(tree_run("dumpe2fs -h %s/image 2>/dev/null | grep -q needs_recovery") != 0);
	CHECK_EQ(ext2_mount_on(&disk.dev, 512, 1, NULL, &root_mount), 0);
	times_are_as_noted();
	CHECK_EQ(do_compare("odd", 2, 0, 75001), 0);
	CHECK_EQ(do_compare("big", 3, 0, 1500000), 0);
	for (unsigned i = 0; i < 700; i++) {
		snprintf(name, sizeof(name), "many/a-longer-name-to-fill-blocks-%u", i);
		CHECK_EQ(do_stat(name, &attr), i % 2 ? 0 : ENOENT);
	}
	unmount_disk();
}

static void
no_damage_was_reported(void)
{
	CHECK_EQ(host_reports, 0);
	if (host_reports)
		fprintf(stderr, "%s\n", host_last_report);
}

/* Many files in one directory share its blocks, the inodes' and the bitmaps': few writes for each. */
static void
ten_thousand_files_cost_little(void)
{
	unsigned long before, blocks;
	char name[32];

	REQUIRE(mount_new(image_arguments));
	CHECK_EQ(do_mkdir("d"), 0);
	CHECK_EQ(vfs_sync(), 0);
	before = disk.bytes_written;
	for (unsigned i = 0; i < 10000; i++) {
		snprintf(name, sizeof(name), "d/f%u", i);
		REQUIRE(do_fill(name, i, 0, 100, 100, false) == 0);
	}
	CHECK_EQ(vfs_sync(), 0);
	blocks = (disk.bytes_written - before) / mounted_fs()->block_size;
	CHECK(blocks <= 30000);
	if (blocks > 30000)
		fprintf(stderr, "\t%lu blocks written: %s\n", blocks, image_arguments);
	unmount_disk();
	CHECK_CLEAN();
	free(disk.data);
}

static void
many_on_image(const char *arguments)
{
	image_arguments = arguments;
	TEST(ten_thousand_files_cost_little);
}

static void
on_image(const char *arguments)
{
	image_arguments = arguments;
	host_reports = 0;
	TEST(mounts);
	if (!root_mount)
		return;
	TEST(files_are_made_and_read_back);
	TEST(holes_cost_nothing);
	TEST(cutting_frees_blocks);
	TEST(directories_grow);
	TEST(links_of_all_kinds);
	TEST(an_unlinked_file_lives_until_closed);
	TEST(a_removed_directory_leads_nowhere);
	TEST(renames_follow_the_rules);
	TEST(names_of_every_length);
	TEST(permissions_are_kept);
	TEST(appending_goes_to_the_end);
	TEST(times_are_set);
	TEST(a_remount_collects_before_writes_end);
	TEST(a_full_disk_stays_in_order);
	TEST(all_is_there_after_mounting_again);
	TEST(no_damage_was_reported);
	free(disk.data);
}

int
main(void)
{
	if (!tree_begin())
		return 1;
	on_image("-t ext2 -b 1024 -N 4000 %s/image 16M");
	on_image("-t ext2 -b 2048 -I 128 -N 4000 %s/image 16M");
	on_image("-t ext2 -b 4096 -N 4000 %s/image 32M");
	on_image("-t ext2 -b 1024 -O none -r 0 -N 4000 %s/image 16M");
	on_image("-t ext3 -b 1024 -N 4000 %s/image 16M");
	on_image("-t ext3 -b 4096 -N 4000 %s/image 32M");
	many_on_image("-t ext2 -b 1024 -N 12000 %s/image 32M");
	many_on_image("-t ext3 -b 1024 -N 12000 %s/image 32M");
	many_on_image("-t ext3 -b 4096 -N 12000 %s/image 64M");
	tree_end();
	return unit_done();
}
