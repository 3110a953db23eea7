/*
 * The block cache's size. Beyond the buffers that it always has there are chunks of others, which come while memory is plenty, before blocks have
 * to go, and go when it is short. Whoever counts on buffers, so that a get always finds one, counts on the first only: what is in a chunk is
 * there as long as it is used.
 */
#include "bcache_internal.h"

#define KEEP	(4 * BCACHE_CHUNK)	/* empty buffers, for the next blocks */

static void
chunk_free(struct bcache *cache, struct bcache_chunk *chunk)
{
	if (chunk->pages)
		os_pages_free(chunk->pages, (size_t)BCACHE_CHUNK * cache->block_size);
	os_free(chunk);
}

static void
grow(struct bcache *cache)
{
	struct bcache_chunk *chunk = os_alloc(sizeof(*chunk));
	bool fits;

	if (!chunk)
		return;
	chunk->pages = os_pages_alloc((size_t)BCACHE_CHUNK * cache->block_size);
	os_mutex_lock(&cache->lock);
	fits = chunk->pages && cache->more_count + BCACHE_CHUNK <= cache->more_max;
	if (fits) {
		chunk->next = cache->chunks;
		cache->chunks = chunk;
		cache->more_count += BCACHE_CHUNK;
		cache->empty_count += BCACHE_CHUNK;
		for (unsigned i = 0; i < BCACHE_CHUNK; i++) {
			chunk->buffers[i].data = chunk->pages + (size_t)i * cache->block_size;
			bcache_settle(cache, &chunk->buffers[i]);
		}
		os_cond_broadcast(&cache->changed);
	}
	os_mutex_unlock(&cache->lock);
	if (!fits)
		chunk_free(cache, chunk);
}

void
bcache_grow(struct bcache *cache)
{
	if (!__atomic_load_n(&cache->crowded, __ATOMIC_RELAXED))
		return;
	__atomic_store_n(&cache->crowded, false, __ATOMIC_RELAXED);
	if (__atomic_load_n(&cache->more_count, __ATOMIC_RELAXED) + BCACHE_CHUNK <= cache->more_max && os_memory_is_plenty())
		grow(cache);
}

/* Takes the buffers of a chunk out of the cache, unless one is dirty or in use, or (unused) holds a block. Conditions: lock held. */
static bool
empty(struct bcache *cache, struct bcache_chunk *chunk, bool unused)
{
	for (unsigned i = 0; i < BCACHE_CHUNK; i++)
		if (chunk->buffers[i].list != &cache->lru || (unused && chunk->buffers[i].state != BUF_FREE))
			return false;
	for (unsigned i = 0; i < BCACHE_CHUNK; i++) {
		struct buf *b = &chunk->buffers[i];

		if (b->state == BUF_VALID)
			bcache_unhash(cache, b);
		else
			cache->empty_count--;
		b->list_prev->list_next = b->list_next;
		b->list_next->list_prev = b->list_prev;
	}
	return true;
}

/* Takes chunks with about so many buffers out of the cache. Returns of how many. Conditions: lock held. */
static unsigned
take(struct bcache *cache, unsigned count, bool unused, struct bcache_chunk **taken)
{
	struct bcache_chunk **at = &cache->chunks, *chunk;
	unsigned done = 0;

	while (*at && done < count) {
		chunk = *at;
		if (empty(cache, chunk, unused)) {
			*at = chunk->next;
			chunk->next = *taken;
			*taken = chunk;
			cache->more_count -= BCACHE_CHUNK;
			done += BCACHE_CHUNK;
		} else {
			at = &chunk->next;
		}
	}
	return done;
}

/* No locks. */
static void
free_taken(struct bcache *cache, struct bcache_chunk *taken)
{
	struct bcache_chunk *chunk;

	/* First what nobody can hold up: the heap may be in use by one who waits for this memory. */
	for (chunk = taken; chunk; chunk = chunk->next) {
		os_pages_free(chunk->pages, (size_t)BCACHE_CHUNK * cache->block_size);
		chunk->pages = NULL;
	}
	while (taken) {
		chunk = taken;
		taken = chunk->next;
		chunk_free(cache, chunk);
	}
}

unsigned
bcache_shrink(struct bcache *cache, unsigned count)
{
	struct bcache_chunk *taken = NULL;
	unsigned done;

	os_mutex_lock(&cache->lock);
	done = take(cache, count, false, &taken);
	os_mutex_unlock(&cache->lock);
	free_taken(cache, taken);
	return done;
}

void
bcache_trim(struct bcache *cache)
{
	struct bcache_chunk *taken = NULL;

	os_mutex_lock(&cache->lock);
	if (cache->empty_count >= KEEP && cache->empty_count >= cache->trim_at) {
		take(cache, cache->empty_count - KEEP, true, &taken);
		cache->trim_at = cache->empty_count + BCACHE_CHUNK;
	}
	os_mutex_unlock(&cache->lock);
	free_taken(cache, taken);
}
