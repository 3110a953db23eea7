/*
 * The block cache: hash table for finding, LRU list for replacing, one lock for both. See bcache.h
 * for the rules; writing back is in bcache_write.c, growing and shrinking in bcache_grow.c.
 *
 * Invariants, under cache->lock:
 *  - a buffer is on a dirty list while it is dirty and neither pinned nor being written; on the LRU
 *    list while it is clean and nobody uses it; else on no list;
 *  - a buffer is in the hash exactly while BUSY or VALID;
 *  - a BUSY buffer is referenced by the thread that reads it, one being written by the thread that
 *    writes it.
 */
#include "bcache_internal.h"

#include <errno.h>
#include <string.h>

/* Puts a buffer on the list its state calls for, if it is not there yet. Conditions: lock held. */
void
bcache_settle(struct bcache *cache, struct buf *b)
{
	struct buf *list = NULL;

	if (b->dirty && !b->pinned && !b->writing)
		list = &cache->dirty[b->dirty_kind];
	else if (b->refs == 0 && !b->dirty && !b->pinned && !b->writing)
		list = &cache->lru;
	if (b->list == list)
		return;
	if (b->list) {
		b->list_prev->list_next = b->list_next;
		b->list_next->list_prev = b->list_prev;
	}
	b->list = list;
	if (!list)
		return;
	b->list_prev = b->state == BUF_FREE ? list : list->list_prev;
	b->list_next = b->list_prev->list_next;
	b->list_prev->list_next = b;
	b->list_next->list_prev = b;
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

void
bcache_unhash(struct bcache *cache, struct buf *b)
{
	struct buf **p = hash_slot(cache, b->block);

	while (*p != b)
		p = &(*p)->hash_next;
	*p = b->hash_next;
}

struct buf *
bcache_find(struct bcache *cache, uint64_t block)
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
bcache_create(struct blockdev *dev, uint32_t block_size, unsigned buffers, unsigned most, struct bcache **result)
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
	cache->buffer_count = cache->empty_count = buffers;
	cache->more_max = most > buffers ? most - buffers : 0;
	cache->hash_mask = hash_size(buffers + cache->more_max) - 1;
	cache->buffers = os_alloc(buffers * sizeof(*cache->buffers));
	cache->hash = os_alloc((cache->hash_mask + 1) * sizeof(*cache->hash));
	cache->pages = os_pages_alloc((size_t)buffers * block_size);
	os_mutex_init(&cache->lock);
	os_cond_init(&cache->changed);
	cache->lru.list_prev = cache->lru.list_next = &cache->lru;
	for (unsigned i = 0; i < BCACHE_KINDS; i++)
		cache->dirty[i].list_prev = cache->dirty[i].list_next = &cache->dirty[i];
	if (!cache->buffers || !cache->hash || !cache->pages) {
		bcache_destroy(cache);
		return ENOMEM;
	}
	for (unsigned i = 0; i < buffers; i++) {
		cache->buffers[i].data = cache->pages + (size_t)i * block_size;
		bcache_settle(cache, &cache->buffers[i]);
	}
	*result = cache;
	return 0;
}

void
bcache_destroy(struct bcache *cache)
{
	while (cache->chunks) {
		struct bcache_chunk *chunk = cache->chunks;

		cache->chunks = chunk->next;
		os_pages_free(chunk->pages, (size_t)BCACHE_CHUNK * cache->block_size);
		os_free(chunk);
	}
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
	struct buf *b = cache->lru.list_next;

	if (b == &cache->lru)
		return NULL;
	if (b->state == BUF_VALID)
		bcache_unhash(cache, b);
	else
		cache->empty_count--;
	if (cache->trim_at > cache->empty_count + BCACHE_CHUNK)
		cache->trim_at = cache->empty_count + BCACHE_CHUNK;
	if (cache->empty_count < BCACHE_CHUNK)
		__atomic_store_n(&cache->crowded, true, __ATOMIC_RELAXED);
	b->block = block;
	b->elsewhere = false;
	b->state = BUF_BUSY;
	b->refs = 1;
	bcache_settle(cache, b);
	hash_insert(cache, b);
	cache->stats.misses++;
	return b;
}

void
bcache_unreference(struct bcache *cache, struct buf *b)
{
	if (--b->refs > 0)
		return;
	if (b->state == BUF_VALID && b->elsewhere && !b->dirty && !b->pinned && !b->writing) {
		bcache_unhash(cache, b);
		b->state = BUF_FAILED;
	}
	if (b->state == BUF_FAILED) {
		b->state = BUF_FREE;		/* first to be used again */
		cache->empty_count++;
	}
	bcache_settle(cache, b);
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
			bcache_unhash(cache, run[i]);
		run[i]->state = error ? BUF_FAILED : BUF_VALID;
	}
	os_cond_broadcast(&cache->changed);
	os_mutex_unlock(&cache->lock);
}

/*
 * Purpose: a reference to the buffer of `block`, waiting for a free one if need be.
 * Conditions: lock held; released while waiting.
 * Returns: the buffer; *fresh tells that the caller has to read it. NULL: that, or waiting for who reads it, is not for this thread.
 */
static struct buf *
find_or_claim(struct bcache *cache, uint64_t block, bool *fresh)
{
	struct buf *b;

	for (;;) {
		*fresh = false;
		b = bcache_find(cache, block);
		if ((!b || b->state == BUF_BUSY) && os_wait_place() != 0)
			return NULL;
		if (b) {
			b->refs++;
			bcache_settle(cache, b);
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
	int error = 0;

	if (block >= cache->blocks)
		return EIO;
	bcache_grow(cache);
	os_mutex_lock(&cache->lock);
	b = find_or_claim(cache, block, &fresh);
	if (!b) {
		os_mutex_unlock(&cache->lock);
		return OS_LATER;
	}
	if (fresh) {
		os_mutex_unlock(&cache->lock);
		read_run(cache, &b, 1);
		os_mutex_lock(&cache->lock);
	}
	while (b->state == BUF_BUSY)
		os_cond_wait(&cache->changed, &cache->lock);
	if (b->state == BUF_FAILED) {
		bcache_unreference(cache, b);
		error = EIO;
	}
	os_mutex_unlock(&cache->lock);
	*result = b;
	return error;
}

/* A reference to a block's buffer whose content will be replaced: zeros, or as it is. Returns 0; EIO. */
static int
get_unread(struct bcache *cache, uint64_t block, bool zeros, struct buf **result)
{
	struct buf *b;
	bool fresh;

	if (block >= cache->blocks)
		return EIO;
	bcache_grow(cache);
	os_mutex_lock(&cache->lock);
	for (;;) {
		b = find_or_claim(cache, block, &fresh);
		if (!b) {
			os_mutex_unlock(&cache->lock);
			return OS_LATER;
		}
		while (!fresh && (b->state == BUF_BUSY || b->writing))
			os_cond_wait(&cache->changed, &cache->lock);
		if (b->state != BUF_FAILED)
			break;
		bcache_unreference(cache, b);	/* a read of it failed; this is no read */
	}
	if (zeros) {
		os_mutex_unlock(&cache->lock);
		memset(b->data, 0, cache->block_size);
		os_mutex_lock(&cache->lock);
	}
	if (b->state == BUF_BUSY) {
		b->state = BUF_VALID;
		os_cond_broadcast(&cache->changed);
	}
	os_mutex_unlock(&cache->lock);
	*result = b;
	return 0;
}

int
bcache_get_new(struct bcache *cache, uint64_t block, struct buf **result)
{
	return get_unread(cache, block, true, result);
}

int
bcache_get_whole(struct bcache *cache, uint64_t block, struct buf **result)
{
	return get_unread(cache, block, false, result);
}

struct buf *
bcache_peek(struct bcache *cache, uint64_t block)
{
	struct buf *b;

	os_mutex_lock(&cache->lock);
	b = bcache_find(cache, block);
	if (b && b->state == BUF_VALID) {
		b->refs++;
		bcache_settle(cache, b);
	} else {
		b = NULL;
	}
	os_mutex_unlock(&cache->lock);
	return b;
}

void
bcache_hold(struct bcache *cache, struct buf *buf)
{
	os_mutex_lock(&cache->lock);
	buf->refs++;
	bcache_settle(cache, buf);
	os_mutex_unlock(&cache->lock);
}

void
bcache_uncache(struct bcache *cache, uint64_t block, unsigned count)
{
	os_mutex_lock(&cache->lock);
	for (uint64_t end = block + count; block < end; block++) {
		struct buf *b = bcache_find(cache, block);

		if (!b || b->pinned)
			continue;
		b->elsewhere = true;
		b->refs++;
		bcache_settle(cache, b);
		bcache_unreference(cache, b);
	}
	os_mutex_unlock(&cache->lock);
	bcache_trim(cache);
}

unsigned
bcache_size(const struct bcache *cache)
{
	return cache->buffer_count;
}

uint32_t
bcache_block_size(const struct bcache *cache)
{
	return cache->block_size;
}

void
bcache_release(struct bcache *cache, struct buf *buf)
{
	os_mutex_lock(&cache->lock);
	bcache_unreference(cache, buf);
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

	while (*block < end && bcache_find(cache, *block))
		++*block;
	while (*block < end && count < BLOCKDEV_SEGMENTS_MAX && !bcache_find(cache, *block)) {
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
	bcache_grow(cache);
	os_mutex_lock(&cache->lock);
	while (block < end && bcache_find(cache, block))
		block++;
	if (block < end && os_wait_place() != 0)
		block = end;
	if (block < end)
		end = window_end < cache->blocks ? window_end : cache->blocks;
	while ((count = claim_run(cache, &block, end, run)) > 0) {
		os_mutex_unlock(&cache->lock);
		read_run(cache, run, count);
		os_mutex_lock(&cache->lock);
		for (unsigned i = 0; i < count; i++)
			bcache_unreference(cache, run[i]);
	}
	os_mutex_unlock(&cache->lock);
}

void
bcache_stats(struct bcache *cache, struct bcache_stats *stats)
{
	os_mutex_lock(&cache->lock);
	*stats = cache->stats;
	stats->buffers = cache->buffer_count + cache->more_count;
	for (unsigned i = 0; i < BCACHE_KINDS; i++)
		stats->dirty[i] = cache->dirty_count[i];
	os_mutex_unlock(&cache->lock);
}
