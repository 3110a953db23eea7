/*
 * What the two halves of the block cache share.
 */
#ifndef FS_VFS_BCACHE_INTERNAL_H
#define FS_VFS_BCACHE_INTERNAL_H

#include "bcache.h"
#include "os.h"

#define BCACHE_CHUNK 64u		/* buffers */

/* Some buffers beyond those that the cache always has: they come and go together. */
struct bcache_chunk {
	struct bcache_chunk *next;
	uint8_t *pages;
	struct buf buffers[BCACHE_CHUNK];
};

struct bcache {
	struct blockdev *dev;
	uint32_t block_size;
	uint64_t blocks;		/* whole blocks on the disk */
	unsigned buffer_count;		/* that are always there */
	unsigned hash_mask;
	uint8_t *pages;			/* data of all buffers */
	struct buf *buffers;
	struct buf **hash;

	bool crowded;			/* less than a chunk was empty at the last miss; relaxed atomic */

	struct os_mutex lock;
	struct os_cond changed;		/* a transfer ended, or a buffer became free */
	unsigned more_count, more_max;	/* buffers in chunks */
	unsigned empty_count;		/* buffers that hold no block */
	unsigned trim_at;		/* when so many are empty, look for chunks of them */
	struct bcache_chunk *chunks;
	struct buf lru;			/* list heads: list_next is the oldest */
	struct buf dirty[BCACHE_KINDS];
	unsigned dirty_count[BCACHE_KINDS];
	uint64_t dirty_turn;		/* of the newest dirty buffer */
	bool writing_back;		/* by one thread at a time */
	int write_error;		/* of the first write of metadata that failed, for good */
	void (*lost)(void *context, uint64_t file, uint64_t block);
	void *lost_context;
	struct bcache_stats stats;
};

/* Conditions of all: the cache's lock is held. */
void bcache_settle(struct bcache *cache, struct buf *b);
struct buf *bcache_find(struct bcache *cache, uint64_t block);
void bcache_unreference(struct bcache *cache, struct buf *b);
void bcache_unhash(struct bcache *cache, struct buf *b);

/* Purpose: another chunk, if the cache would use it and there is memory. No locks. */
void bcache_grow(struct bcache *cache);

/* Purpose: give chunks back that hold no block any more, when buffers enough are empty. No locks. */
void bcache_trim(struct bcache *cache);

#endif
