/*
 * Transactions: changes of metadata that belong together.
 *
 * A change is made under a handle, between ext2_begin and ext2_end. All handles join the running
 * transaction, which is committed as a whole when it is large enough or somebody wants it on the
 * disk:
 *
 *	running --handles end--> frozen: a copy of each block is taken, a new transaction runs
 *	                           |
 *	                           v
 *	          file data written, then the blocks: order.c or journal.c --> committed
 *
 * A block changed by the running transaction is pinned in the block cache. What is freed is not
 * used again before the transaction that freed it is committed (alloc.c).
 *
 * A handle says beforehand how many blocks it may change (credits), so that a transaction never
 * outgrows the cache or the journal. While a thread has a handle it must not begin another one, nor
 * wait for anything that a thread without a handle may hold longer than for a moment, the disk's
 * reads apart.
 */
#ifndef FS_EXT2_TRANS_H
#define FS_EXT2_TRANS_H

#include "../vfs/bcache.h"
#include "../vfs/os.h"

struct ext2_fs;
struct ext2_journal;

/* What a changed block holds; it decides when it is written where there is no journal. */
enum ext2_kind {
	EXT2_NEW,			/* a map or directory block nothing on the disk refers to */
	EXT2_MAP,			/* an indirect block */
	EXT2_INODES,			/* a piece of an inode table */
	EXT2_DIR,
	EXT2_BITMAP,			/* bitmaps, group descriptors, superblock */
	EXT2_KINDS
};

struct ext2_handle {
	struct ext2_fs *fs;
	unsigned credits, used;
};

/* A block of a transaction that is being committed. */
struct ext2_image {
	uint64_t block;
	const uint8_t *data;
	enum ext2_kind kind;
	struct buf *buf;		/* referenced */
};

/* A growing list of numbers. */
struct ext2_list {
	uint32_t *items;
	size_t count, room;
};

/* A transaction, apart from its blocks. */
struct ext2_lists {
	struct ext2_list freed_blocks;	/* pairs: first, count */
	struct ext2_list freed_inodes;
	struct ext2_list born;		/* inodes made; as the next three, only without a journal */
	struct ext2_list new_dirs;	/* directories among them */
	struct ext2_list thinned_dirs;	/* those that lost a name */
	struct ext2_list linked;	/* inodes that got another name */
	struct ext2_list revoked;	/* metadata blocks freed: what a journal says of them is void */
};

struct ext2_trans {
	struct os_mutex lock;
	struct os_cond changed;
	uint32_t first;			/* number of the first transaction, 0: any */
	uint32_t running;		/* number of the running transaction */
	uint32_t committed;		/* of the last one on the disk */
	unsigned handles;		/* open */
	unsigned reserved;		/* credits of open handles not yet used */
	unsigned count;			/* blocks changed by the running transaction */
	unsigned limit;			/* on count + reserved */
	struct buf changed_blocks;	/* list head, of the running transaction */
	struct ext2_lists lists;	/* of the running one */
	bool closing;			/* no new handles: a commit waits for, or excludes, them */
	bool committing;
	bool data_due;			/* what is committed may refer to data not yet on the disk */
	bool marked;			/* the superblock on the disk says that it is not clean */
	bool super_changed;		/* what only the superblock has */
	uint8_t *bounce;		/* one block, of whoever commits */
	struct ext2_journal *journal;	/* NULL: none */
};

/* Purpose: prepare transactions. Returns 0; ENOMEM. */
int ext2_trans_init(struct ext2_fs *fs);
void ext2_trans_destroy(struct ext2_fs *fs);

/*
 * Purpose: begin to change things. May commit, or wait for a commit.
 * Conditions: no handle is held; credits are at most EXT2_CREDITS_MAX.
 * Returns: 0; EROFS.
 */
#define EXT2_CREDITS_MAX 64u
#define EXT2_REVOKED_MAX 2000u		/* when that many blocks are revoked a commit is due */
int ext2_begin(struct ext2_fs *fs, unsigned credits, struct ext2_handle *h);
void ext2_end(struct ext2_handle *h);

/* Returns how many more blocks a handle may change. */
unsigned ext2_credits_left(const struct ext2_handle *h);

/*
 * Purpose: make a block part of the transaction, before changing it. Conditions: it is referenced.
 */
void ext2_change(struct ext2_handle *h, struct buf *b, enum ext2_kind kind);

/*
 * Purpose: forget a block that is being freed. metadata: a journal may have a copy, to be revoked.
 * File data that the transaction on its way to the disk may still refer to are written nonetheless.
 */
void ext2_forget(struct ext2_handle *h, uint32_t block, bool metadata);

/* What the superblock alone says has changed. */
void ext2_change_super(struct ext2_handle *h);

/* Appends a number. Returns 0; ENOMEM. Conditions: trans.lock held. */
int ext2_list_add(struct ext2_list *list, uint32_t item);
bool ext2_list_has(const struct ext2_list *list, uint32_t item);

/*
 * Purpose: everything changed before the call is on stable storage, file data included.
 * Conditions: no handle is held. Returns: 0; EIO.
 */
int ext2_commit(struct ext2_fs *fs);

/*
 * Purpose: as ext2_commit, and everything is in its own place, not only in the journal; the
 * superblock says that the file system is clean.
 */
int ext2_settle(struct ext2_fs *fs);

/* --- order.c: a commit without a journal --- */

int ext2_order_write(struct ext2_fs *fs, struct ext2_image *images, unsigned count,
	const struct ext2_lists *lists);

/*
 * Purpose: write images to their own places, neighbours together, of those whose bit
 * (1 << kind) is in `kinds`. Conditions: sorted by block. Returns 0 or EIO; *written counts them.
 */
int ext2_images_write(struct ext2_fs *fs, const struct ext2_image *images, unsigned count,
	unsigned kinds, unsigned *written);

#endif
