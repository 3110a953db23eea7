/*
 * What the two halves of the block cache share.
 */
#ifndef FS_VFS_BCACHE_INTERNAL_H
#define FS_VFS_BCACHE_INTERNAL_H

#include "bcache.h"
#include "os.h"

struct bcache {
	struct blockdev *dev;
	uint32_t block_size;
	uint64_t blocks;		/* whole blocks on the disk */
	unsigned buffer_count;
	unsigned hash_mask;
	uint8_t *pages;			/* data of all buffers */
	struct buf *buffers;
	struct buf **hash;

	struct os_mutex lock;
	struct os_cond changed;		/* a transfer ended, or a buffer became free */
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

#endif
