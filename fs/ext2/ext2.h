/*
 * ext2: the interface of the file system logic.
 *
 * Everything here is pure: it reads through a block cache and trusts nothing on the disk. Each
 * number taken from the disk is checked where it is used, so a damaged image gives EIO (and a
 * report), never a crash, an endless loop or a read outside of the disk. The disk bounds all loops:
 * a directory is at most as long as the disk, a block map four levels deep.
 *
 * Functions return 0 or an errno value. Conditions for all that take an inode: it does not change
 * meanwhile (the caller holds the vnode's lock, or the file system is read-only); they may block on
 * the disk; at most one cache buffer is held at a time.
 *
 * Where things are: super.c mounting and group descriptors, inode.c inodes, map.c file block ->
 * disk block, file.c reading and symlinks, dir.c directories, vnode.c the face towards vfs.
 */
#ifndef FS_EXT2_EXT2_H
#define FS_EXT2_EXT2_H

#include "../vfs/bcache.h"
#include "format.h"

struct ext2_fs {
	struct blockdev *dev;
	struct bcache *cache;		/* of block_size */
	struct ext2_super_block super;	/* as checked at mount */
	uint32_t block_size;		/* bytes: 1024, 2048 or 4096 */
	uint32_t block_shift;
	uint32_t pointers_shift;	/* log2 of block numbers per block */
	uint32_t inode_size;		/* bytes on disk */
	uint32_t first_ino;
	uint32_t group_count;
	uint64_t max_file_size;		/* bytes a block map can reach */
	bool has_filetype;
	bool read_only;
	unsigned complaints;		/* damage reports printed so far; relaxed atomic */
};

/*
 * Purpose: check the superblock of a disk and prepare to read it. Reports why it refuses.
 * Returns: 0; EINVAL when it is no ext2 or a kind we must not read; EIO; ENOMEM. With features
 * unknown for writing, or a read-only disk, fs->read_only is set.
 */
int ext2_mount(struct blockdev *dev, unsigned cache_buffers, struct ext2_fs **result);

/* Conditions: no inode or buffer of it is in use. */
void ext2_unmount(struct ext2_fs *fs);

/* Prints that the disk is damaged, the first few times. Returns EIO. */
int ext2_damaged(struct ext2_fs *fs, const char *what, uint64_t where);

/* Returns whether a disk block can belong to a file. */
bool ext2_block_valid(const struct ext2_fs *fs, uint32_t block);

/* Returns 0 and a checked copy of the descriptor; EIO. */
int ext2_group_read(struct ext2_fs *fs, uint32_t group, struct ext2_group_desc *desc);

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
	uint64_t next_read;		/* a sequential reader's next offset; relaxed atomic */
};

/*
 * Purpose: read an inode that a directory entry names.
 * Returns: 0; EIO when the number or the inode is damaged, or it is not in use.
 */
int ext2_inode_read(struct ext2_fs *fs, uint32_t ino, struct ext2_inode *inode);

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

/* Returns 0 and the inode number of a name; ENOENT; ENOTDIR; EIO. */
int ext2_dir_lookup(struct ext2_inode *dir, const char *name, size_t length, uint32_t *ino);

#endif
