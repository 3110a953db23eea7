/*
 * ext2: the interface of the file system logic.
 *
 * Everything here is pure: it reads and writes through a block cache and trusts nothing on the
 * disk. Each number taken from the disk is checked where it is used, so a damaged image gives EIO
 * (and a report), never a crash, an endless loop or a transfer outside of the disk. The disk bounds
 * all loops: a directory is at most as long as the disk, a block map four levels deep. A file system
 * found damaged while it can be written becomes read-only.
 *
 * Functions return 0 or an errno value. Conditions for all that take an inode: the caller holds the
 * vnode's lock, exclusively for those that change it; they may block on the disk.
 *
 * Changes are made under a handle, which belongs to the running transaction (trans.h): all that
 * happens under one handle reaches the disk together, or so that fsck can repair it.
 *
 * Lock order: vnode locks; a handle; the lock of the orphan list; the allocation lock; the
 * transaction lock; the block cache's lock. The last three are held for moments, never over I/O; so is
 * the lock of the indexes, over nothing.
 *
 * Where things are: super.c mounting and group descriptors, inode.c inodes, map.c file block ->
 * disk block, file.c reading, write.c writing, truncate.c, dir.c reading and dirchange.c changing
 * directories, dirindex.c finding names in large ones, alloc.c free blocks and inodes, orphan.c removed files still open, trans.c
 * transactions, order.c writing them without a journal, journal.c and replay.c with one, names.c making and removing files, vnode.c
 * the face towards vfs.
 */
#ifndef FS_EXT2_EXT2_H
#define FS_EXT2_EXT2_H

#include "../vfs/bcache.h"
#include "../vfs/os.h"
#include "format.h"
#include "trans.h"

#include <stddef.h>

struct mount;

struct ext2_fs {
	struct blockdev *dev;
	struct mount *mount;		/* NULL: none yet; learns that the disk became read-only */
	struct bcache *cache;		/* of block_size */
	struct ext2_super_block super;	/* as checked at mount; counts: alloc_lock */
	uint32_t block_size;		/* bytes: 1024, 2048 or 4096 */
	uint32_t block_shift;
	uint32_t pointers_shift;	/* log2 of block numbers per block */
	uint32_t inode_size;		/* bytes on disk */
	uint32_t first_ino;
	uint32_t group_count;
	uint64_t max_file_size;		/* bytes a block map can reach */
	bool has_filetype;
	bool read_only;			/* may become true at any time; relaxed atomic */
	bool writable_kind;		/* disk and features would allow writing */
	bool was_clean;			/* the superblock said so at mount */
	bool failed;			/* a write failed; relaxed atomic */
	unsigned complaints;		/* damage reports printed so far; relaxed atomic */

	/* for writing; absent while it was never writable */
	struct buf *super_buf;		/* the block with the superblock, always referenced */
	struct ext2_trans trans;

	struct os_mutex alloc_lock;	/* bitmaps, counts in super and group descriptors, and: */
	uint8_t *busy_blocks;		/* bits: free, but not yet to be used again (alloc.c) */
	uint8_t *busy_inodes;
	uint8_t *checked_groups;	/* bits: the bitmap was found to protect the metadata */

	struct os_mutex index_lock;	/* dirindex.c: */
	struct ext2_index *indexes;	/* the one used last first */
	size_t index_room;		/* bytes for all */
	uint32_t index_seed;

	struct os_mutex orphan_lock;
	struct ext2_inode *orphans;	/* first of the list (orphan.c) */
	bool orphans_left;		/* one could not be freed: the disk is not clean */
};

/*
 * Purpose: check the superblock of a disk and prepare to read it. Reports why it refuses.
 * Returns: 0; EINVAL when it is no ext2 or a kind we must not read; EIO; ENOMEM. With features
 * unknown for writing, or a read-only disk, fs->read_only is set.
 */
int ext2_mount(struct blockdev *dev, unsigned cache_buffers, struct ext2_fs **result);

/* Writes all and frees it. Conditions: no inode or buffer of it is in use. Returns 0; EIO. */
int ext2_unmount(struct ext2_fs *fs);

/* Purpose: prepare to write, or stop to. Returns 0; EROFS when disk or features forbid; ENOMEM; EIO. */
int ext2_remount(struct ext2_fs *fs, bool read_only);

/* No change is accepted from now on. The reason is printed. */
void ext2_abort(struct ext2_fs *fs, const char *why);
bool ext2_is_read_only(const struct ext2_fs *fs);

/* Prints that the disk is damaged, the first few times, and stops writing to it. Returns EIO. */
int ext2_damaged(struct ext2_fs *fs, const char *what, uint64_t where);

/* Returns whether a disk block can belong to a file. */
bool ext2_block_valid(const struct ext2_fs *fs, uint32_t block);

/* Returns 0 and a checked copy of the descriptor; EIO. */
int ext2_group_read(struct ext2_fs *fs, uint32_t group, struct ext2_group_desc *desc);

/* The place of a group's descriptor in a block of descriptors. */
uint64_t ext2_group_block(const struct ext2_fs *fs, uint32_t group);
struct ext2_group_desc *ext2_group_at(const struct ext2_fs *fs, struct buf *b, uint32_t group);

/* The blocks of a group: [first, first + *count). */
uint32_t ext2_group_first(const struct ext2_fs *fs, uint32_t group, uint32_t *count);

/*
 * Returns 0 and whether the `count` blocks from `block` on, valid ones, hold no metadata of the
 * group of the first; EIO.
 */
int ext2_is_data(struct ext2_fs *fs, uint32_t block, uint32_t count, bool *is);

struct ext2_time {
	int64_t seconds;		/* since 1970 */
	uint32_t nanoseconds;
};

/* An inode in memory. */
struct ext2_inode {
	struct ext2_fs *fs;
	uint32_t ino;
	uint16_t mode;			/* EXT2_S_IF* | permissions */
	uint16_t links;
	uint32_t uid, gid;
	uint64_t size;			/* bytes */
	uint32_t sectors;		/* 512 byte units in use */
	uint32_t flags;
	uint32_t generation;
	uint32_t file_acl;
	struct ext2_time atime, mtime, ctime;
	uint32_t block[EXT2_BLOCK_POINTERS];
	uint32_t dtime;			/* of a removed file: time of removal, or the orphan list */
	uint64_t next_read;		/* a sequential reader's next offset; relaxed atomic */
	uint64_t goal_index;		/* file block that was allocated last, */
	uint32_t goal_block;		/* and where; 0: none yet */
	uint64_t dir_hint;		/* directory block with room, perhaps; none before it */
	bool orphan;			/* on the orphan list; its lock */
	struct ext2_inode *orphan_prev, *orphan_next;
};

/*
 * Purpose: read an inode that a directory entry names.
 * Returns: 0; EIO when the number or the inode is damaged, or it is not in use.
 */
int ext2_inode_read(struct ext2_fs *fs, uint32_t ino, struct ext2_inode *inode);

/* As ext2_inode_read, for a removed file whose storage is still to be freed. */
int ext2_inode_read_orphan(struct ext2_fs *fs, uint32_t ino, struct ext2_inode *inode);

/* As ext2_inode_read, for the reserved inode of the journal. */
int ext2_inode_read_journal(struct ext2_fs *fs, uint32_t ino, struct ext2_inode *inode);

/* Purpose: put the inode into its place on the disk. Conditions: one credit. Returns 0; EIO. */
int ext2_inode_write(struct ext2_handle *h, struct ext2_inode *inode);

/* Purpose: set only the i_dtime of an inode. Conditions: orphan_lock held; one credit. */
int ext2_inode_link(struct ext2_handle *h, uint32_t ino, uint32_t next);

/* Purpose: as ext2_inode_write, clearing first what stood in its place. */
int ext2_inode_write_new(struct ext2_handle *h, struct ext2_inode *inode);

/*
 * Returns what a disk's inodes can hold of a time, by their size: whole seconds in 32 bits, or nanoseconds too. An inode of 256 bytes or more that was
 * made without the extra fields still holds only seconds, which it is cut to when it is written.
 */
struct ext2_time ext2_time_kept(const struct ext2_fs *fs, struct ext2_time t);

/* Returns the time of day, as ext2_time_kept. */
struct ext2_time ext2_now(const struct ext2_fs *fs);

/* --- alloc.c --- */

/*
 * Purpose: take a free block, near `goal` (0: anywhere). Conditions: two credits.
 * Returns: 0; ENOSPC (those who are not privileged leave the reserve alone); EIO.
 */
int ext2_block_alloc(struct ext2_handle *h, uint32_t goal, bool privileged, uint32_t *block);

/*
 * Purpose: give blocks back. They are used again only once the transaction is on the disk.
 * Conditions: two credits; all in one group.
 * Returns: 0; EIO when they are no file's blocks or free already.
 */
int ext2_block_free(struct ext2_handle *h, uint32_t block, uint32_t count);

/* What a transaction freed may be used again. */
void ext2_freed_reusable(struct ext2_fs *fs, const struct ext2_lists *lists);

/* Near the parent, directories in emptier groups. Three credits. Returns 0; ENOSPC; EIO. */
int ext2_inode_alloc(struct ext2_handle *h, uint32_t parent, bool directory, uint32_t *ino);
int ext2_inode_free(struct ext2_handle *h, uint32_t ino, bool directory);

/* A stretch of file blocks that lie one after the other on the disk, or of holes. */
struct ext2_run {
	uint32_t block;			/* on the disk; 0: a hole */
	uint32_t count;			/* blocks, at least 1 */
};

/*
 * Purpose: find where file block `index` lies, and how many of the up to `want` blocks from it on
 * follow it on the disk.
 * Returns: 0; EIO on damage; EFBIG past what the map can reach.
 */
int ext2_map(struct ext2_inode *inode, uint64_t index, uint32_t want, struct ext2_run *run);

/* What ext2_map_add may need: bitmap and descriptor for up to four blocks, the map, the inode. */
#define EXT2_CREDITS_MAP 12u

/*
 * Purpose: give file block `index`, a hole, a block of the disk. The inode is changed in memory.
 * Conditions: EXT2_CREDITS_MAP credits, one of them for writing the inode.
 * Returns: 0; ENOSPC, nothing is changed then; EFBIG; EIO.
 */
int ext2_map_add(struct ext2_handle *h, struct ext2_inode *inode, uint64_t index, bool privileged,
	uint32_t *block);

/*
 * Purpose: free blocks of the file from its end down to `keep` blocks, as many as the handle has
 * credits for. Conditions: EXT2_CREDITS_TRIM credits.
 * Returns: 0, *done tells that all are freed; EIO.
 */
#define EXT2_CREDITS_TRIM 40u
int ext2_map_trim(struct ext2_handle *h, struct ext2_inode *inode, uint64_t keep, bool *done);

/* Purpose: free what lies past the size, and take the inode off the orphan list if it has a name. */
int ext2_trim(struct ext2_inode *inode);

/* Purpose: set the size, freeing blocks. Returns 0; EFBIG; ENOSPC; EIO; EROFS. */
int ext2_truncate(struct ext2_inode *inode, uint64_t size);

/*
 * Purpose: write, allocating what is needed. Times and size are set.
 * Returns: 0 with *done bytes, fewer when the disk is full or fails after some; ENOSPC; EFBIG; EIO.
 */
int ext2_write(struct ext2_inode *inode, uint64_t offset, const void *data, size_t length,
	bool privileged, size_t *done);

/*
 * Purpose: let no block be missing for bytes within the file, so that writing them needs none. Times
 * are set. Returns: 0; ENOSPC; EIO; EROFS.
 */
int ext2_reserve(struct ext2_inode *inode, uint64_t offset, size_t length);

/* Purpose: say that others keep these bytes in memory; what is cached of them is the first to go. */
void ext2_uncache(struct ext2_inode *inode, uint64_t offset, size_t length);

/* Returns whether the target stands in the inode itself. */
bool ext2_symlink_fast(const struct ext2_inode *inode);

/*
 * Purpose: read up to `length` bytes at `offset`; holes read as zeros.
 * Returns: 0 with *done bytes (0 at or past the end); EIO when not even the first byte could be
 * read.
 */
int ext2_read(struct ext2_inode *inode, uint64_t offset, void *data, size_t length, size_t *done);

/*
 * Purpose: the target of a symlink into buffer[size], not terminated.
 * Returns: 0 with *length; EINVAL if it is no symlink; ENAMETOOLONG; EIO.
 */
int ext2_readlink(struct ext2_inode *inode, char *buffer, size_t size, size_t *length);

struct ext2_dirent {
	uint32_t ino;
	uint8_t type;			/* EXT2_FT_*; UNKNOWN without the FILETYPE feature */
	uint8_t name_length;
	const char *name;		/* in the cache: valid during the call it is passed to */
	uint64_t position;
	uint64_t next;			/* position after this entry */
};

/*
 * Called for each entry; nonzero stops the walk before this entry. Must not call back into the
 * cache.
 */
typedef int ext2_dir_visit_t(void *context, const struct ext2_dirent *entry);

/*
 * Purpose: visit the entries in use from byte *position on. A position between entries means the
 * next one.
 * Returns: 0 with *position at the first entry not visited (the size at the end); ENOTDIR; EIO.
 */
int ext2_dir_walk(struct ext2_inode *dir, uint64_t *position, ext2_dir_visit_t *visit,
	void *context);

/* Returns 0 and the referenced buffer of a directory's block; a directory has no holes. EIO. */
int ext2_dir_block(struct ext2_inode *dir, uint64_t index, struct buf **b);

/* Returns the length of the entry at `offset` of a directory block, a copy of its head in *entry; 0: damaged. */
uint32_t ext2_dir_entry(const struct ext2_fs *fs, const uint8_t *block, uint32_t offset,
	struct ext2_disk_dirent *entry);

/* Returns 0 and the inode number of a name; ENOENT; ENOTDIR; EIO. */
int ext2_dir_lookup(struct ext2_inode *dir, const char *name, size_t length, uint32_t *ino);

/* --- dirindex.c: where the names of large directories stand --- */

#define EXT2_PLACES_MAX 8u

/* Positions of entries in a directory, in rising order. */
struct ext2_places {
	unsigned count;
	uint64_t positions[EXT2_PLACES_MAX];
};

void ext2_indexes_init(struct ext2_fs *fs);
void ext2_indexes_destroy(struct ext2_fs *fs);

/*
 * Purpose: where a name can stand in a directory: if it is there, then at one of these places. May
 * read all of the directory.
 * Returns: false: that is not known, all of it has to be searched.
 */
bool ext2_index_find(struct ext2_inode *dir, const char *name, size_t length,
	struct ext2_places *places);

/* An entry has come or gone. Conditions: the vnode's lock, exclusively, as for the change itself. */
void ext2_index_add(struct ext2_inode *dir, const char *name, size_t length, uint64_t position);
void ext2_index_remove(struct ext2_inode *dir, const char *name, size_t length, uint64_t position);

/* The number stands for a new directory. */
void ext2_index_drop(struct ext2_inode *dir);

/* --- dirchange.c: the caller writes the directory's inode afterwards --- */

/* What adding a name may need, without the directory's inode. */
#define EXT2_CREDITS_NAME (EXT2_CREDITS_MAP + 1)

/* The name is not there yet. Returns 0; ENOSPC; EIO. */
int ext2_dir_add(struct ext2_handle *h, struct ext2_inode *dir, const char *name, size_t length,
	uint32_t ino, uint16_t mode, uint64_t *where);	/* where: the sector of the disk; may be NULL */
/* One credit. ENOENT. */
int ext2_dir_remove(struct ext2_handle *h, struct ext2_inode *dir, const char *name, size_t length);
/* Returns 0 and the sector of the disk that is written to replace a name, or to remove it; ENOENT; EIO. */
int ext2_dir_locate(struct ext2_inode *dir, const char *name, size_t length, bool removal, uint64_t *where);
/* Lets a name stand for another inode. One credit. ENOENT. */
int ext2_dir_replace(struct ext2_handle *h, struct ext2_inode *dir, const char *name, size_t length,
	uint32_t ino, uint16_t mode);
/* Returns 0; ENOTEMPTY; EIO. */
int ext2_dir_is_empty(struct ext2_inode *dir);
/* Gives a new directory its first block with "." and "..". EXT2_CREDITS_NAME. */
int ext2_dir_begin(struct ext2_handle *h, struct ext2_inode *dir, uint32_t parent);

/* --- orphan.c: files without a name, and such as are being cut, whose blocks are to be freed --- */

int ext2_orphan_add(struct ext2_handle *h, struct ext2_inode *inode);	/* two credits */
int ext2_orphan_remove(struct ext2_handle *h, struct ext2_inode *inode);	/* two credits */

/* Takes an inode off the list in memory only: freeing it failed. */
void ext2_orphan_leave(struct ext2_inode *inode);

/* Purpose: free all that belongs to a file without a name, then its inode. */
int ext2_inode_delete(struct ext2_inode *inode);

/* Purpose: at mount, finish what the list on the disk says was begun. */
void ext2_orphans_clean(struct ext2_fs *fs);

/* --- super.c --- */

/* Purpose: all that was written is on stable storage, and the disk says that it is clean. */
int ext2_sync(struct ext2_fs *fs);

#endif
