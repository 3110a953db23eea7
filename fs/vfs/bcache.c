/*
 * The block cache: hash table for finding, LRU list for replacing, one lock for both. See bcache.h
 * for the rules.
 *
 * Invariants, under cache->lock:
 *  - a buffer is on the LRU list exactly while refs == 0;
 *  - a buffer is in the hash exactly while BUSY or VALID;
 *  - a BUSY buffer is referenced by the thread that reads it.
 */
#include "bcache.h"
#include "os.h"

#include <errno.h>
#include <string.h>

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
	struct os_cond changed;		/* a read ended, or a buffer became free */
	struct buf lru;			/* list head: lru_next is the least recently used */
	struct bcache_stats stats;
};

static void
lru_remove(struct buf *b)
{
	b->lru_prev->lru_next = b->lru_next;
	b->lru_next->lru_prev = b->lru_prev;
}

static void
lru_insert(struct buf *prev, struct buf *b)
{
	b->lru_prev = prev;
	b->lru_next = prev->lru_next;
	prev->lru_next->lru_prev = b;
	prev->lru_next = b;
}

static struct buf **
hash_slot(struct bcache *cache, uint64_t block)
{
	return &cache->hash[(block * 0x9e3779b97f4a7c15ull >> 32) & cache->hash_mask];
}

static void
hash_insert(struct bcache *cache, struct buf *b)
{
	struct buf **slot = hash_slot(cache, b->block);

	b->hash_next = *slot;
	*slot = b;
}

static void
hash_remove(struct bcache *cache, struct buf *b)
{
	struct buf **p = hash_slot(cache, b->block);

	while (*p != b)
		p = &(*p)->hash_next;
	*p = b->hash_next;
}

static struct buf *
hash_find(struct bcache *cache, uint64_t block)
{
	struct buf *b = *hash_slot(cache, block);

	while (b && b->block != block)
		b = b->hash_next;
	return b;
}

/* Returns the power of two from which hash chains are about one long. */
static unsigned
hash_size(unsigned buffers)
{
	unsigned size = 1;

	while (size < buffers)
		size *= 2;
	return size;
}

int
bcache_create(struct blockdev *dev, uint32_t block_size, unsigned buffers, struct bcache **result)
{
	struct bcache *cache;

	if (block_size < BLOCKDEV_SECTOR || block_size > 65536 || (block_size & (block_size - 1)))
		return EINVAL;
	if (buffers < BCACHE_BUFFERS_MIN)
		buffers = BCACHE_BUFFERS_MIN;
	cache = os_alloc(sizeof(*cache));
	if (!cache)
		return ENOMEM;
	cache->dev = dev;
	cache->block_size = block_size;
	cache->blocks = dev->size / block_size;
	cache->buffer_count = buffers;
	cache->hash_mask = hash_size(buffers) - 1;
	cache->buffers = os_alloc(buffers * sizeof(*cache->buffers));
	cache->hash = os_alloc((cache->hash_mask + 1) * sizeof(*cache->hash));
	cache->pages = os_pages_alloc((size_t)buffers * block_size);
	os_mutex_init(&cache->lock);
	os_cond_init(&cache->changed);
	cache->lru.lru_prev = cache->lru.lru_next = &cache->lru;
	if (!cache->buffers || !cache->hash || !cache->pages) {
		bcache_destroy(cache);
		return ENOMEM;
	}
	for (unsigned i = 0; i < buffers; i++) {
		cache->buffers[i].data = cache->pages + (size_t)i * block_size;
		lru_insert(cache->lru.lru_prev, &cache->buffers[i]);
	}
	*result = cache;
	return 0;
}

void
bcache_destroy(struct bcache *cache)
{
	if (cache->pages)
		os_pages_free(cache->pages, (size_t)cache->buffer_count * cache->block_size);
	os_free(cache->hash);
	os_free(cache->buffers);
	os_free(cache);
}

/*
 * Purpose: take the least recently used buffer for `block`, BUSY and referenced once.
 * Conditions: lock held; the block is not cached.
 * Returns: the buffer, or NULL when every buffer is in use.
 */
static struct buf *
claim(struct bcache *cache, uint64_t block)
{
	struct buf *b = cache->lru.lru_next;

	if (b == &cache->lru)
		return NULL;
	lru_remove(b);
	if (b->state == BUF_VALID)
		hash_remove(cache, b);
	b->block = block;
	b->state = BUF_BUSY;
	b->refs = 1;
	hash_insert(cache, b);
	cache->stats.misses++;
	return b;
}

/* Drops a reference. Conditions: lock held. */
static void
unreference(struct bcache *cache, struct buf *b)
{
	if (--b->refs > 0)
		return;
	if (b->state == BUF_FAILED) {
		b->state = BUF_FREE;
		lru_insert(&cache->lru, b);		/* first to be used again */
	} else {
		lru_insert(cache->lru.lru_prev, b);
	}
	os_cond_broadcast(&cache->changed);
}

/*
 * Purpose: read consecutive blocks into the BUSY buffers run[0..count) and make them VALID or
 * FAILED.
 * Conditions: lock not held; the caller claimed the buffers and keeps its references.
 */
static void
read_run(struct bcache *cache, struct buf **run, unsigned count)
{
	struct blockdev_segment segments[BLOCKDEV_SEGMENTS_MAX] = { { NULL, 0 } };
	int error;

	for (unsigned i = 0; i < count; i++)
		segments[i] = (struct blockdev_segment){ run[i]->data, cache->block_size };
	error = cache->dev->ops->read(cache->dev, run[0]->block * cache->block_size, segments,
		count);

	os_mutex_lock(&cache->lock);
	cache->stats.reads++;
	for (unsigned i = 0; i < count; i++) {
		if (error)
			hash_remove(cache, run[i]);
		run[i]->state = error ? BUF_FAILED : BUF_VALID;
	}
	os_cond_broadcast(&cache->changed);
	os_mutex_unlock(&cache->lock);
}

/*
 * Purpose: a reference to the buffer of `block`, waiting for a free one if need be.
 * Conditions: lock held; released while waiting.
 * Returns: the buffer; *fresh tells that the caller has to read it.
 */
static struct buf *
find_or_claim(struct bcache *cache, uint64_t block, bool *fresh)
{
	struct buf *b;

	for (;;) {
		*fresh = false;
		b = hash_find(cache, block);
		if (b) {
			if (b->refs++ == 0)
				lru_remove(b);
			cache->stats.hits++;
			return b;
		}
		*fresh = true;
		b = claim(cache, block);
		if (b)
			return b;
		os_cond_wait(&cache->changed, &cache->lock);
	}
}

int
bcache_get(struct bcache *cache, uint64_t block, struct buf **result)
{
	struct buf *b;
	bool fresh;

	if (block >= cache->blocks)
		return EIO;
	os_mutex_lock(&cache->lock);
	b = find_or_claim(cache, block, &fresh);
	if (fresh) {
		os_mutex_unlock(&cache->lock);
		read_run(cache, &b, 1);
		os_mutex_lock(&cache->lock);
	}
	while (b->state == BUF_BUSY)
		os_cond_wait(&cache->changed, &cache->lock);
	if (b->state == BUF_FAILED) {
		unreference(cache, b);
		b = NULL;
	}
	os_mutex_unlock(&cache->lock);
	*result = b;
	return b ? 0 : EIO;
}

void
bcache_release(struct bcache *cache, struct buf *buf)
{
	os_mutex_lock(&cache->lock);
	unreference(cache, buf);
	os_mutex_unlock(&cache->lock);
}

/*
 * Purpose: claim the next stretch of consecutive absent blocks in [*block, end), moving *block past
 * it.
 * Conditions: lock held. Never waits: with no free buffer the stretch is shorter.
 * Returns: how many buffers stand in run; 0 when nothing in the range is left to read.
 */
static unsigned
claim_run(struct bcache *cache, uint64_t *block, uint64_t end, struct buf **run)
{
	unsigned count = 0;

	while (*block < end && hash_find(cache, *block))
		++*block;
	while (*block < end && count < BLOCKDEV_SEGMENTS_MAX && !hash_find(cache, *block)) {
		run[count] = claim(cache, *block);
		if (!run[count]) {
			*block = end;
			break;
		}
		count++;
		++*block;
	}
	return count;
}

void
bcache_prefetch(struct bcache *cache, uint64_t block, unsigned need, unsigned window)
{
	struct buf *run[BLOCKDEV_SEGMENTS_MAX];
	uint64_t end = block + need, window_end = block + window;
	unsigned count;

	if (end > cache->blocks)
		return;
	os_mutex_lock(&cache->lock);
	while (block < end && hash_find(cache, block))
		block++;
	if (block < end)
		end = window_end < cache->blocks ? window_end : cache->blocks;
	while ((count = claim_run(cache, &block, end, run)) > 0) {
		os_mutex_unlock(&cache->lock);
		read_run(cache, run, count);
		os_mutex_lock(&cache->lock);
		for (unsigned i = 0; i < count; i++)
			unreference(cache, run[i]);
	}
	os_mutex_unlock(&cache->lock);
}

void
bcache_stats(struct bcache *cache, struct bcache_stats *stats)
{
	os_mutex_lock(&cache->lock);
	*stats = cache->stats;
	os_mutex_unlock(&cache->lock);
}
