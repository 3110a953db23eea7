/*
 * A bounded cache of disk blocks, written back later.
 *
 * Rules for users:
 *  - bcache_get returns a referenced buffer whose data stays put until bcache_release; nobody else
 *    may change it meanwhile.
 *  - A thread holds at most BCACHE_HELD_MAX buffers at a time, and the cache has at least that many
 *    for every thread of the server, so a get that has to wait for a free buffer always gets one.
 *  - No two buffers ever hold the same block.
 *  - The disk is read with no lock held: a get of a cached block never waits for somebody else's
 *    disk read.
 *
 *  - A dirty buffer is newer than the disk and is written by bcache_write_back. A pinned one belongs
 *    to a transaction, which says when it may be written. Neither is ever evicted: whoever changes
 *    blocks keeps their number below half of the cache.
 *  - No buffer is written twice at a time, and none while it is pinned: bcache_pin waits. One that is
 *    changed while it is being written is dirty again, and written again.
 *
 * Buffer states:
 *
 *	free (no block) --claim--> busy (being read) --ok--> valid --evicted--> free
 *	                             \--error--> failed (out of the hash; freed by its last user)
 *	valid --bcache_uncache--> free, by its last user
 */
#ifndef FS_VFS_BCACHE_H
#define FS_VFS_BCACHE_H

#include "blockdev.h"

#define BCACHE_HELD_MAX 4u	/* buffers one thread may hold */
#define BCACHE_BUFFERS_MIN 64u

struct bcache;

/* What a dirty buffer holds: each kind is written back on its own. */
enum bcache_kind { BCACHE_DATA, BCACHE_META, BCACHE_KINDS };

struct buf {
	uint64_t block;			/* in units of the cache's block size */
	uint8_t *data;			/* block size bytes */

	/* guarded by the cache's lock */
	unsigned refs;
	enum { BUF_FREE, BUF_BUSY, BUF_VALID, BUF_FAILED } state;
	bool dirty, pinned, writing;
	bool elsewhere;			/* bcache_uncache: goes when it is clean and nobody uses it */
	uint8_t dirty_kind;		/* enum bcache_kind, while dirty */
	uint64_t file;			/* whose data it holds, since bcache_dirty */
	uint64_t dirty_turn;		/* when it became dirty: grows along the list */
	struct buf *hash_next;
	struct buf *list;		/* head of the list it is on, or NULL: see bcache.c */
	struct buf *list_prev, *list_next;

	/* of whoever pinned it, and guarded by its lock */
	struct buf *owner_prev, *owner_next;
	uint32_t owner_id;
	uint8_t owner_kind;
};

struct bcache_stats {
	uint64_t hits, misses, reads;	/* reads: transfers asked of the disk */
	uint64_t blocks_written, writes;	/* writes: transfers */
	unsigned dirty[BCACHE_KINDS];	/* now */
	unsigned buffers;		/* now */
};

/*
 * Purpose: make a cache of `buffers` blocks of `block_size` bytes (512..65536, a power of two) over
 * a disk; it may grow to `most` while memory is plenty.
 * Returns: 0; EINVAL for a bad block size; ENOMEM.
 */
int bcache_create(struct blockdev *dev, uint32_t block_size, unsigned buffers, unsigned most,
	struct bcache **result);

/* Conditions: no buffer is referenced, no other thread is inside. What is dirty is lost. */
void bcache_destroy(struct bcache *cache);

/*
 * Purpose: give the memory of about so many buffers back that the cache has grown by; what is in them is clean and can be read again.
 * Conditions: needs no memory. Returns: of how many.
 */
unsigned bcache_shrink(struct bcache *cache, unsigned count);

/* Returns how many buffers there always are. */
unsigned bcache_size(const struct bcache *cache);
uint32_t bcache_block_size(const struct bcache *cache);	/* bytes */

/*
 * Purpose: a reference to the buffer with this block, read from the disk if absent. May block.
 * Returns: 0; EIO when the disk fails or the block lies past its end; OS_LATER (os.h), as do the next two.
 */
int bcache_get(struct bcache *cache, uint64_t block, struct buf **result);

/*
 * Purpose: a reference to the buffer of a block whose content does not matter: it is filled with
 * zeros, the disk is not read. Conditions: nobody else uses the block.
 * Returns: 0; EIO for a block past the end of the disk.
 */
int bcache_get_new(struct bcache *cache, uint64_t block, struct buf **result);

/*
 * As bcache_get_new, for a caller that now replaces all of the block: until then it may hold anything, another block's bytes too.
 */
int bcache_get_whole(struct bcache *cache, uint64_t block, struct buf **result);

/* Returns a reference to the buffer of a block if it is cached, NULL if not; never reads. */
struct buf *bcache_peek(struct bcache *cache, uint64_t block);

/* Purpose: one more reference to a referenced, or pinned, buffer. */
void bcache_hold(struct bcache *cache, struct buf *buf);

/* Purpose: give a reference back. */
void bcache_release(struct bcache *cache, struct buf *buf);

/*
 * Purpose: say that the caller has changed a buffer with data of a file (a number of the caller's),
 * which is then written some time. Conditions: the caller excludes other changers; the buffer is not
 * pinned.
 */
void bcache_dirty(struct bcache *cache, struct buf *buf, uint64_t file);

/*
 * Purpose: whom to tell of a block of a file's data that could not be written, and is lost.
 * Conditions: nobody else is inside yet. `lost` is called with no lock of the cache held; it must not
 * use the cache, nor wait for anything that a thread which writes back may hold.
 */
void bcache_on_lost(struct bcache *cache, void (*lost)(void *context, uint64_t file, uint64_t block),
	void *context);

/*
 * Purpose: keep a buffer from being written, or give it free again, dirty or clean.
 * Conditions: pinned by one owner at a time.
 */
void bcache_pin(struct bcache *cache, struct buf *buf);
void bcache_unpin(struct bcache *cache, struct buf *buf, bool dirty);

/*
 * Purpose: a block no longer belongs to anybody: its content need never be written. Waits for a
 * write under way. Pinned buffers are their owner's to unpin first.
 * Returns: nothing; an absent block is fine.
 */
void bcache_forget(struct bcache *cache, uint64_t block);

/*
 * Purpose: say that others keep the content of these blocks in memory: their buffers are free for other blocks, at once or as soon as they are
 * clean and nobody uses them. Not so one that is dirtied again meanwhile: that is newer.
 */
void bcache_uncache(struct bcache *cache, uint64_t block, unsigned count);

/*
 * Purpose: write dirty buffers of a kind, oldest first, neighbours together, until at most `keep`
 * of those that were dirty at the call are left; with 0, also wait for writes others began.
 * Returns: 0; EIO when one of metadata could not be written, or the disk is gone. What could not be
 * written counts as clean: trying for ever helps nobody.
 */
int bcache_write_back(struct bcache *cache, enum bcache_kind kind, unsigned keep);

/* Returns how many buffers of a kind are dirty. */
unsigned bcache_dirty_count(struct bcache *cache, enum bcache_kind kind);

/*
 * Purpose: see to it that `need` blocks from `block` on are cached. If one of them is absent, it
 * and all other absent ones of the `window` blocks from `block` on are read, in as few transfers as
 * possible. Only a hint: errors are met again, and reported, by bcache_get.
 * Conditions: window is at least need.
 */
void bcache_prefetch(struct bcache *cache, uint64_t block, unsigned need, unsigned window);

void bcache_stats(struct bcache *cache, struct bcache_stats *stats);

#endif
