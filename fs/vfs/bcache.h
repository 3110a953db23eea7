/*
 * A bounded cache of disk blocks.
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
 * Buffer states:
 *
 *	free (no block) --claim--> busy (being read) --ok--> valid --evicted--> free
 *	                             \--error--> failed (out of the hash; freed by its last user)
 */
#ifndef FS_VFS_BCACHE_H
#define FS_VFS_BCACHE_H

#include "blockdev.h"

#define BCACHE_HELD_MAX 2u	/* buffers one thread may hold */
#define BCACHE_BUFFERS_MIN 64u

struct bcache;

struct buf {
	uint64_t block;			/* in units of the cache's block size */
	uint8_t *data;			/* block size bytes */

	/* guarded by the cache's lock */
	unsigned refs;
	enum { BUF_FREE, BUF_BUSY, BUF_VALID, BUF_FAILED } state;
	struct buf *hash_next;
	struct buf *lru_prev, *lru_next;	/* linked while refs == 0 */
};

struct bcache_stats {
	uint64_t hits, misses, reads;	/* reads: transfers asked of the disk */
};

/*
 * Purpose: make a cache of `buffers` blocks of `block_size` bytes (512..65536, a power of two) over
 * a disk.
 * Returns: 0; EINVAL for a bad block size; ENOMEM.
 */
int bcache_create(struct blockdev *dev, uint32_t block_size, unsigned buffers,
	struct bcache **result);

/* Conditions: no buffer is referenced, no other thread is inside. */
void bcache_destroy(struct bcache *cache);

/*
 * Purpose: a reference to the buffer with this block, read from the disk if absent. May block.
 * Returns: 0; EIO when the disk fails or the block lies past its end.
 */
int bcache_get(struct bcache *cache, uint64_t block, struct buf **result);

/* Purpose: give a reference back. */
void bcache_release(struct bcache *cache, struct buf *buf);

/*
 * Purpose: see to it that `need` blocks from `block` on are cached. If one of them is absent, it
 * and all other absent ones of the `window` blocks from `block` on are read, in as few transfers as
 * possible. Only a hint: errors are met again, and reported, by bcache_get.
 * Conditions: window is at least need.
 */
void bcache_prefetch(struct bcache *cache, uint64_t block, unsigned need, unsigned window);

void bcache_stats(struct bcache *cache, struct bcache_stats *stats);

#endif
