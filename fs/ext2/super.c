/*
 * Mounting: the checks that make all later arithmetic safe, group descriptors, becoming writable.
 *
 * After ext2_mount succeeded these hold: the block size is 1-4 KB, every block below s_blocks_count
 * is on the disk, every inode number 1..s_inodes_count has a group below group_count, and a group's
 * inode table is a whole number of blocks.
 */
#include "ext2.h"
#include "journal.h"
#include "../vfs/vnode.h"

#include <errno.h>
#include <string.h>

#define COMPLAINTS_MAX	20u		/* damage reports per mount */
#define BUFFERS_MIN	512u		/* of a cache that transactions share with readers */

bool
ext2_is_read_only(const struct ext2_fs *fs)
{
	return __atomic_load_n(&fs->read_only, __ATOMIC_RELAXED);
}

static void
set_read_only(struct ext2_fs *fs, bool read_only)
{
	__atomic_store_n(&fs->read_only, read_only, __ATOMIC_RELAXED);
	if (fs->mount)
		__atomic_store_n(&fs->mount->read_only, read_only, __ATOMIC_RELAXED);
}

/* Accepts no more changes. What was changed before may still be written. */
static void
stop_changes(struct ext2_fs *fs, const char *why)
{
	if (ext2_is_read_only(fs))
		return;
	set_read_only(fs, true);
	os_report("ext2: %s: read-only from now on: %s", fs->dev->name, why);
}

void
ext2_abort(struct ext2_fs *fs, const char *why)
{
	__atomic_store_n(&fs->failed, true, __ATOMIC_RELAXED);
	stop_changes(fs, why);
}

int
ext2_damaged(struct ext2_fs *fs, const char *what, uint64_t where)
{
	if (__atomic_fetch_add(&fs->complaints, 1, __ATOMIC_RELAXED) < COMPLAINTS_MAX)
		os_report("ext2: %s: damaged disk: %s (%llu)", fs->dev->name, what, (unsigned long long)where);
	if (fs->super_buf) {
		__atomic_store_n(&fs->was_clean, false, __ATOMIC_RELAXED);
		stop_changes(fs, "the disk is damaged");
	}
	return EIO;
}

static int
refuse(const struct ext2_fs *fs, const char *why, uint32_t value)
{
	os_report("ext2: %s: not mounted: %s (0x%x)", fs->dev->name, why, value);
	return EINVAL;
}

struct feature {
	uint32_t bit;
	const char *name;
};

/* The names mke2fs knows them by. */
static const struct feature incompat_features[] = {
	{ 0x1, "compression" }, { 0x2, "filetype" }, { 0x4, "needs_recovery" },
	{ 0x8, "journal_dev" }, { 0x10, "meta_bg" }, { 0x40, "extent" }, { 0x80, "64bit" },
	{ 0x100, "mmp" }, { 0x200, "flex_bg" }, { 0x400, "ea_inode" }, { 0x1000, "dirdata" },
	{ 0x2000, "metadata_csum_seed" }, { 0x4000, "large_dir" }, { 0x8000, "inline_data" },
	{ 0x10000, "encrypt" }, { 0x20000, "casefold" }, { 0, NULL },
};
static const struct feature ro_compat_features[] = {
	{ 0x1, "sparse_super" }, { 0x2, "large_file" }, { 0x4, "btree_dir" }, { 0x8, "huge_file" },
	{ 0x10, "uninit_bg" }, { 0x20, "dir_nlink" }, { 0x40, "extra_isize" }, { 0x100, "quota" },
	{ 0x200, "bigalloc" }, { 0x400, "metadata_csum" }, { 0x800, "replica" },
	{ 0x1000, "read-only" }, { 0x2000, "project" }, { 0x8000, "verity" },
	{ 0x10000, "orphan_present" }, { 0, NULL },
};

static void
report_feature(const struct ext2_fs *fs, const char *what, uint32_t bit, const struct feature *names)
{
	while (names->name && names->bit != bit)
		names++;
	if (names->name)
		os_report("ext2: %s: %s: unknown feature %s", fs->dev->name, what, names->name);
	else
		os_report("ext2: %s: %s: unknown feature 0x%x", fs->dev->name, what, bit);
}

/* Reports each of some features by its name. */
static void
report_features(const struct ext2_fs *fs, const char *what, uint32_t bits, const struct feature *names)
{
	for (uint32_t bit = 1; bit != 0; bit <<= 1)
		if (bits & bit)
			report_feature(fs, what, bit, names);
}

/* Returns 0 if we know every feature that must be known for reading. */
static int
check_features(struct ext2_fs *fs)
{
	const struct ext2_super_block *sb = &fs->super;
	uint32_t unknown;

	fs->writable_kind = !fs->dev->read_only;
	if (sb->s_rev_level == EXT2_REV_OLD)
		return 0;
	unknown = sb->s_feature_incompat & ~EXT2_INCOMPAT_SUPPORTED;
	if (unknown) {
		report_features(fs, "not mounted", unknown, incompat_features);
		return EINVAL;
	}
	fs->has_filetype = sb->s_feature_incompat & EXT2_INCOMPAT_FILETYPE;
	unknown = sb->s_feature_ro_compat & ~EXT2_RO_COMPAT_SUPPORTED;
	if (unknown) {
		report_features(fs, "mounted read-only", unknown, ro_compat_features);
		fs->writable_kind = false;
	}
	return 0;
}

/* Returns 0 and sets the sizes in fs if blocks and inodes have sizes we can handle. */
static int
check_sizes(struct ext2_fs *fs)
{
	const struct ext2_super_block *sb = &fs->super;

	if (sb->s_magic != EXT2_MAGIC)
		return refuse(fs, "no ext2 magic number", sb->s_magic);
	if (sb->s_rev_level > EXT2_REV_DYNAMIC)
		return refuse(fs, "unknown revision", sb->s_rev_level);
	if (sb->s_log_block_size > 2)
		return refuse(fs, "block size is not 1, 2 or 4 KB: shift", sb->s_log_block_size);
	fs->block_shift = 10 + sb->s_log_block_size;
	fs->block_size = 1u << fs->block_shift;
	fs->pointers_shift = fs->block_shift - 2;
	fs->inode_size = EXT2_OLD_INODE_SIZE;
	fs->first_ino = EXT2_OLD_FIRST_INO;
	if (sb->s_rev_level == EXT2_REV_DYNAMIC) {
		fs->inode_size = sb->s_inode_size;
		fs->first_ino = sb->s_first_ino;
	}
	if (fs->inode_size < EXT2_OLD_INODE_SIZE || fs->inode_size > fs->block_size ||
		(fs->inode_size & (fs->inode_size - 1)))
		return refuse(fs, "bad inode size", fs->inode_size);
	if (fs->first_ino <= EXT2_ROOT_INO)
		return refuse(fs, "bad first inode", fs->first_ino);
	return 0;
}

/* Returns 0 and sets group_count if the groups add up to what the superblock and the disk hold. */
static int
check_geometry(struct ext2_fs *fs)
{
	const struct ext2_super_block *sb = &fs->super;
	uint32_t inodes_per_block = fs->block_size / fs->inode_size;
	uint32_t data_blocks;

	if (sb->s_first_data_block != (fs->block_size == 1024 ? 1u : 0u))
		return refuse(fs, "bad first data block", sb->s_first_data_block);
	if (sb->s_blocks_count <= sb->s_first_data_block)
		return refuse(fs, "bad block count", sb->s_blocks_count);
	if ((uint64_t)sb->s_blocks_count << fs->block_shift > fs->dev->size)
		return refuse(fs, "the disk is smaller than the file system: blocks",
			sb->s_blocks_count);
	if (sb->s_blocks_per_group == 0 || sb->s_blocks_per_group > fs->block_size * 8)
		return refuse(fs, "bad blocks per group", sb->s_blocks_per_group);
	if (sb->s_inodes_per_group == 0 || sb->s_inodes_per_group > fs->block_size * 8
	    || sb->s_inodes_per_group % inodes_per_block != 0
	    || sb->s_inodes_per_group / inodes_per_block >= sb->s_blocks_per_group)
		return refuse(fs, "bad inodes per group", sb->s_inodes_per_group);
	data_blocks = sb->s_blocks_count - sb->s_first_data_block;
	fs->group_count =
		data_blocks / sb->s_blocks_per_group + (data_blocks % sb->s_blocks_per_group != 0);
	if ((uint64_t)fs->group_count * sb->s_inodes_per_group != sb->s_inodes_count)
		return refuse(fs, "bad inode count", sb->s_inodes_count);
	return 0;
}

/* Returns how many bytes of a file the block map reaches. */
static uint64_t
map_reach(const struct ext2_fs *fs)
{
	uint64_t p = 1ull << fs->pointers_shift;

	return (EXT2_DIRECT_BLOCKS + p + p * p + p * p * p) << fs->block_shift;
}

static int
read_super(struct ext2_fs *fs)
{
	struct blockdev_segment segment = { &fs->super, EXT2_SUPER_SIZE };
	int error;

	if (fs->dev->size < EXT2_SUPER_OFFSET + EXT2_SUPER_SIZE)
		return refuse(fs, "the disk is too small", (uint32_t)fs->dev->size);
	error = fs->dev->ops->read(fs->dev, EXT2_SUPER_OFFSET, &segment, 1);
	if (error)
		return error;
	error = check_sizes(fs);
	if (!error)
		error = check_features(fs);
	if (!error)
		error = check_geometry(fs);
	return error;
}

/* --- becoming writable --- */

/* Gets what only writing needs. Returns 0; ENOMEM; EIO. */
static int
prepare_writing(struct ext2_fs *fs)
{
	int error;

	os_mutex_init(&fs->alloc_lock);
	os_mutex_init(&fs->orphan_lock);
	fs->busy_blocks = os_alloc(fs->super.s_blocks_count / 8 + 1);
	fs->busy_inodes = os_alloc(fs->super.s_inodes_count / 8 + 1);
	fs->checked_groups = os_alloc(fs->group_count / 8 + 1);
	if (!fs->busy_blocks || !fs->busy_inodes || !fs->checked_groups)
		return ENOMEM;
	error = ext2_trans_init(fs);
	if (!error)
		error = bcache_get(fs->cache, EXT2_SUPER_OFFSET / fs->block_size, &fs->super_buf);
	return error;
}

/* Returns 0; EROFS when the disk, a feature or damage forbids; ENOMEM; EIO. */
static int
become_writable(struct ext2_fs *fs)
{
	int error;

	if (!fs->writable_kind)
		return EROFS;
	if (__atomic_load_n(&fs->failed, __ATOMIC_RELAXED) || fs->complaints > 0)
		return EROFS;
	if (!fs->super_buf) {
		error = prepare_writing(fs);
		if (error)
			return error;
	}
	set_read_only(fs, false);
	ext2_orphans_clean(fs);
	return ext2_is_read_only(fs) ? EROFS : 0;
}

/* Frees everything but what is still dirty: that is lost. */
static void
destroy(struct ext2_fs *fs)
{
	if (fs->super_buf)
		bcache_release(fs->cache, fs->super_buf);
	if (fs->cache) {
		if (fs->trans.changed_blocks.owner_next)
			ext2_trans_destroy(fs);
		ext2_journal_close(fs);
		bcache_destroy(fs->cache);
	}
	ext2_indexes_destroy(fs);
	os_free(fs->busy_blocks);
	os_free(fs->busy_inodes);
	os_free(fs->checked_groups);
	os_free(fs);
}

/* Makes the cache. After a replay, what was read before it is out of date. */
static int
begin_cache(struct ext2_fs *fs, unsigned buffers)
{
	if (fs->writable_kind && buffers < BUFFERS_MIN)
		buffers = BUFFERS_MIN;
	if (fs->cache)
		bcache_destroy(fs->cache);
	fs->cache = NULL;
	return bcache_create(fs->dev, fs->block_size, buffers, (unsigned)(os_memory_for_caches() / fs->block_size), &fs->cache);
}

/*
 * Finds a journal and replays it. In that case the superblock is read and the journal, empty now, is opened again: what was replayed may
 * have changed either.
 */
static int
begin_journal(struct ext2_fs *fs, unsigned buffers)
{
	bool replayed = false;
	int error = ext2_journal_open(fs, &replayed);

	if (error || !replayed)
		return error;
	ext2_journal_close(fs);
	error = read_super(fs);
	if (error)
		return error;
	fs->max_file_size = map_reach(fs);
	fs->trans.limit = 0;
	error = begin_cache(fs, buffers);
	return error ? error : ext2_journal_open(fs, &replayed);
}

/* Notes whether the disk is in order; says so if not. */
static void
check_state(struct ext2_fs *fs)
{
	uint16_t state = fs->super.s_state;

	fs->was_clean = !(state & EXT2_STATE_ERRORS)
			&& ((state & EXT2_STATE_CLEAN) || fs->trans.journal);
	/* After a replay the disk is in order, but does not say so yet. */
	fs->trans.marked = fs->was_clean
		&& (!(state & EXT2_STATE_CLEAN)
			|| (fs->super.s_feature_incompat & EXT2_INCOMPAT_RECOVER));
	if (!fs->was_clean)
		os_report("ext2: %s was not unmounted cleanly, or has errors: e2fsck is due", fs->dev->name);
}

int
ext2_mount(struct blockdev *dev, unsigned cache_buffers, struct ext2_fs **result)
{
	struct ext2_fs *fs = os_alloc(sizeof(*fs));
	int error;

	if (!fs)
		return ENOMEM;
	fs->dev = dev;
	fs->read_only = true;
	error = read_super(fs);
	if (!error)
		error = begin_cache(fs, cache_buffers);
	if (!error) {
		fs->max_file_size = map_reach(fs);
		error = begin_journal(fs, cache_buffers);
	}
	if (error) {
		destroy(fs);
		return error;
	}
	ext2_indexes_init(fs);
	check_state(fs);
	error = fs->writable_kind ? become_writable(fs) : 0;
	if (error && error != EROFS) {
		destroy(fs);
		return error;
	}
	*result = fs;
	return 0;
}

int
ext2_unmount(struct ext2_fs *fs)
{
	int error = ext2_sync(fs);

	destroy(fs);
	return error;
}

int
ext2_remount(struct ext2_fs *fs, bool read_only)
{
	if (!read_only)
		return ext2_is_read_only(fs) ? become_writable(fs) : 0;
	set_read_only(fs, true);
	return ext2_sync(fs);
}

int
ext2_sync(struct ext2_fs *fs)
{
	return ext2_settle(fs);
}

bool
ext2_block_valid(const struct ext2_fs *fs, uint32_t block)
{
	return block > fs->super.s_first_data_block && block < fs->super.s_blocks_count;
}

uint64_t
ext2_group_block(const struct ext2_fs *fs, uint32_t group)
{
	uint32_t per_block = fs->block_size / sizeof(struct ext2_group_desc);

	return (uint64_t)fs->super.s_first_data_block + 1 + group / per_block;
}

struct ext2_group_desc *
ext2_group_at(const struct ext2_fs *fs, struct buf *b, uint32_t group)
{
	uint32_t per_block = fs->block_size / sizeof(struct ext2_group_desc);

	return (struct ext2_group_desc *)b->data + group % per_block;
}

uint32_t
ext2_group_first(const struct ext2_fs *fs, uint32_t group, uint32_t *count)
{
	uint32_t first = fs->super.s_first_data_block + group * fs->super.s_blocks_per_group;
	uint32_t left = fs->super.s_blocks_count - first;

	*count = left < fs->super.s_blocks_per_group ? left : fs->super.s_blocks_per_group;
	return first;
}

int
ext2_group_read(struct ext2_fs *fs, uint32_t group, struct ext2_group_desc *desc)
{
	uint32_t table_blocks = fs->super.s_inodes_per_group / (fs->block_size / fs->inode_size);
	struct buf *b;
	int error = bcache_get(fs->cache, ext2_group_block(fs, group), &b);

	if (error)
		return error;
	if (fs->super_buf)
		os_mutex_lock(&fs->alloc_lock);
	memcpy(desc, ext2_group_at(fs, b, group), sizeof(*desc));
	if (fs->super_buf)
		os_mutex_unlock(&fs->alloc_lock);
	bcache_release(fs->cache, b);
	if (!ext2_block_valid(fs, desc->bg_inode_table)
	    || fs->super.s_blocks_count - desc->bg_inode_table < table_blocks)
		return ext2_damaged(fs, "inode table of group", group);
	if (!ext2_block_valid(fs, desc->bg_block_bitmap) ||
		!ext2_block_valid(fs, desc->bg_inode_bitmap))
		return ext2_damaged(fs, "bitmaps of group", group);
	return 0;
}

/* Returns whether n is a power of base, 1 included. */
static bool
is_power(uint32_t n, uint32_t base)
{
	while (n % base == 0)
		n /= base;
	return n == 1;
}

/* Returns how many blocks at a group's beginning hold a superblock and descriptors. */
static uint32_t
copies_length(const struct ext2_fs *fs, uint32_t group)
{
	uint32_t per_block = fs->block_size / sizeof(struct ext2_group_desc);
	uint32_t descriptors = (fs->group_count + per_block - 1) / per_block;
	bool sparse = fs->super.s_rev_level >= EXT2_REV_DYNAMIC
		      && (fs->super.s_feature_ro_compat & EXT2_RO_COMPAT_SPARSE_SUPER);

	if (sparse && group > 1 && !is_power(group, 3) && !is_power(group, 5) && !is_power(group, 7))
		return 0;
	return 1 + descriptors + (fs->super.s_rev_level >= EXT2_REV_DYNAMIC
				  ? fs->super.s_reserved_gdt_blocks : 0u);
}

static bool
overlaps(uint32_t block, uint32_t count, uint32_t first, uint32_t length)
{
	return block < first + length && first < block + count;
}

int
ext2_is_data(struct ext2_fs *fs, uint32_t block, uint32_t count, bool *is)
{
	uint32_t group = (block - fs->super.s_first_data_block) / fs->super.s_blocks_per_group;
	uint32_t in_group, first = ext2_group_first(fs, group, &in_group);
	struct ext2_group_desc d;
	int error = ext2_group_read(fs, group, &d);

	if (error)
		return error;
	*is = !overlaps(block, count, first, copies_length(fs, group))
	      && !overlaps(block, count, d.bg_block_bitmap, 1)
	      && !overlaps(block, count, d.bg_inode_bitmap, 1)
	      && !overlaps(block, count, d.bg_inode_table,
		      fs->super.s_inodes_per_group / (fs->block_size / fs->inode_size));
	return 0;
}
