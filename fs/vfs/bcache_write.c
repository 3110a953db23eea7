/*
 * The block cache's other half: what is dirty, and writing it back. See bcache.h.
 *
 * Write-backs take turns, so no block is ever written twice at a time, and one that has its turn
 * knows that nothing began before it is still under way.
 */
#include "bcache_internal.h"

#include <errno.h>

/* Conditions: lock held; the buffer is neither pinned nor being written when it becomes clean. */
static void
set_dirty(struct bcache *cache, struct buf *b, bool dirty, enum bcache_kind kind)
{
	if (b->dirty && dirty && b->dirty_kind == kind)
		return;
	if (b->dirty)
		cache->dirty_count[b->dirty_kind]--;
	b->dirty = dirty;
	if (dirty) {
		b->dirty_kind = kind;
		b->dirty_turn = ++cache->dirty_turn;
		cache->dirty_count[kind]++;
	}
	bcache_settle(cache, b);
}

/* Conditions: lock held, released while waiting; the caller has a reference. */
static void
wait_written(struct bcache *cache, struct buf *b)
{
	while (b->writing)
		os_cond_wait(&cache->changed, &cache->lock);
}

void
bcache_on_lost(struct bcache *cache, void (*lost)(void *context, uint64_t file, uint64_t block),
	void *context)
{
	cache->lost = lost;
	cache->lost_context = context;
}

void
bcache_dirty(struct bcache *cache, struct buf *buf, uint64_t file)
{
	os_mutex_lock(&cache->lock);
	buf->file = file;
	buf->elsewhere = false;
	set_dirty(cache, buf, true, BCACHE_DATA);
	os_mutex_unlock(&cache->lock);
}

void
bcache_pin(struct bcache *cache, struct buf *buf)
{
	os_mutex_lock(&cache->lock);
	wait_written(cache, buf);
	buf->pinned = true;
	buf->elsewhere = false;
	set_dirty(cache, buf, false, 0);
	os_mutex_unlock(&cache->lock);
}

void
bcache_unpin(struct bcache *cache, struct buf *buf, bool dirty)
{
	os_mutex_lock(&cache->lock);
	buf->pinned = false;
	set_dirty(cache, buf, dirty, BCACHE_META);
	os_cond_broadcast(&cache->changed);
	os_mutex_unlock(&cache->lock);
}

void
bcache_forget(struct bcache *cache, uint64_t block)
{
	struct buf *b;

	os_mutex_lock(&cache->lock);
	b = bcache_find(cache, block);
	if (b) {
		b->refs++;
		bcache_settle(cache, b);
		wait_written(cache, b);
		if (!b->pinned)
			set_dirty(cache, b, false, 0);
		bcache_unreference(cache, b);
	}
	os_mutex_unlock(&cache->lock);
}

/* Returns whether a block's buffer can be written along with others of the kind. */
static struct buf *
writable(struct bcache *cache, uint64_t block, enum bcache_kind kind)
{
	struct buf *b = bcache_find(cache, block);

	return b && b->list == &cache->dirty[kind] ? b : NULL;
}

/*
 * Purpose: take the oldest dirty buffer and its dirty neighbours, in order of blocks, to be written
 * now.
 * Conditions: lock held; there is one. Each is referenced, clean and WRITING afterwards.
 */
static unsigned
take_run(struct bcache *cache, enum bcache_kind kind, struct buf **run)
{
	struct buf *b = cache->dirty[kind].list_next, *before;
	unsigned count = 0;

	for (unsigned i = 1; i < BLOCKDEV_SEGMENTS_MAX / 2 && b->block > 0; i++) {
		before = writable(cache, b->block - 1, kind);
		if (!before)
			break;
		b = before;
	}
	for (uint64_t next = b->block + 1; b && count < BLOCKDEV_SEGMENTS_MAX; next++) {
		b->refs++;
		b->writing = true;
		set_dirty(cache, b, false, 0);
		run[count++] = b;
		b = writable(cache, next, kind);
	}
	return count;
}

/* Writes neighbours in one transfer. Returns 0; EIO; ENODEV when the disk is gone. */
static int
transfer(struct bcache *cache, struct buf **run, unsigned count)
{
	struct blockdev_segment segments[BLOCKDEV_SEGMENTS_MAX] = { { NULL, 0 } };

	for (unsigned i = 0; i < count; i++)
		segments[i] = (struct blockdev_segment){ run[i]->data, cache->block_size };
	return cache->dev->ops->write(cache->dev, run[0]->block * cache->block_size, segments, count);
}

/*
 * Writes those one by one that failed together: the bad block takes none of its neighbours along. Of
 * file data that cannot be written the owner is told; the disk's other files are as good as before.
 * Returns 0; EIO, of metadata; ENODEV.
 */
static int
write_singly(struct bcache *cache, struct buf **run, unsigned count, enum bcache_kind kind)
{
	int error = 0;

	for (unsigned i = 0; i < count; i++) {
		int failed = transfer(cache, &run[i], 1);

		if (failed == EIO && kind == BCACHE_DATA && cache->lost)
			cache->lost(cache->lost_context, run[i]->file, run[i]->block);
		else if (failed)
			error = failed;
		if (failed && failed != EIO)
			break;
	}
	return error;
}

/* Writes what take_run took. Conditions: lock held, released while writing. Returns 0 or EIO. */
static int
write_run(struct bcache *cache, struct buf **run, unsigned count, enum bcache_kind kind)
{
	int error;

	os_mutex_unlock(&cache->lock);
	error = transfer(cache, run, count);
	if (error == EIO)
		error = write_singly(cache, run, count, kind);
	os_mutex_lock(&cache->lock);
	error = error ? EIO : 0;
	if (error)
		cache->write_error = error;
	for (unsigned i = 0; i < count; i++) {
		run[i]->writing = false;
		bcache_settle(cache, run[i]);
		bcache_unreference(cache, run[i]);
	}
	cache->stats.writes++;
	cache->stats.blocks_written += count;
	os_cond_broadcast(&cache->changed);
	return error;
}

/* Returns whether a write-back that began at `turn` has more to write. Conditions: lock held. */
static bool
more_to_write(struct bcache *cache, enum bcache_kind kind, unsigned keep, uint64_t turn)
{
	struct buf *oldest = cache->dirty[kind].list_next;

	return oldest != &cache->dirty[kind] && oldest->dirty_turn <= turn &&
	       cache->dirty_count[kind] > keep;
}

int
bcache_write_back(struct bcache *cache, enum bcache_kind kind, unsigned keep)
{
	struct buf *run[BLOCKDEV_SEGMENTS_MAX];
	uint64_t turn;
	int error = 0;

	os_mutex_lock(&cache->lock);
	turn = cache->dirty_turn;
	while (cache->writing_back && (keep == 0 || more_to_write(cache, kind, keep, turn)))
		os_cond_wait(&cache->changed, &cache->lock);
	/*
	 * What was changed while it was being written is on the list only now, behind what became
	 * dirty later: all that is there is this turn's.
	 */
	turn = cache->dirty_turn;
	if (more_to_write(cache, kind, keep, turn)) {
		cache->writing_back = true;
		while (more_to_write(cache, kind, keep, turn)) {
			unsigned count = take_run(cache, kind, run);
			int failed = write_run(cache, run, count, kind);

			error = error ? error : failed;
		}
		cache->writing_back = false;
		os_cond_broadcast(&cache->changed);
	}
	/* What somebody else's turn could not write was perhaps the caller's. */
	error = error ? error : cache->write_error;
	os_mutex_unlock(&cache->lock);
	bcache_trim(cache);
	return error;
}

unsigned
bcache_dirty_count(struct bcache *cache, enum bcache_kind kind)
{
	unsigned count;

	os_mutex_lock(&cache->lock);
	count = cache->dirty_count[kind];
	os_mutex_unlock(&cache->lock);
	return count;
}
