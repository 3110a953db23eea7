// SOURCES: grade/unit/vfs_host.c fs/vfs/bcache.c fs/vfs/bcache_grow.c fs/vfs/bcache_write.c
// CFLAGS: -pthread
/*
 * The block cache, on a disk of random bytes and with threads at the same time.
 */
#include "unit.h"
#include "vfs_host.h"
#include "../../fs/vfs/bcache.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#define DISK_SIZE	(4u << 20)

static struct host_disk disk;

static pthread_mutex_t gate_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t gate_changed = PTHREAD_COND_INITIALIZER;
static bool gate_closed, gate_reached;

static void
close_gate(void)
{
	gate_closed = true;
	gate_reached = false;
}

static void
await_gate(void)
{
	pthread_mutex_lock(&gate_lock);
	while (!gate_reached)
		pthread_cond_wait(&gate_changed, &gate_lock);
	pthread_mutex_unlock(&gate_lock);
}

static void
open_gate(void)
{
	pthread_mutex_lock(&gate_lock);
	gate_closed = false;
	pthread_cond_broadcast(&gate_changed);
	pthread_mutex_unlock(&gate_lock);
}

/* Holds up whoever reads or writes the disk while the gate is closed. */
static void
gate(uint64_t offset)
{
	(void)offset;
	pthread_mutex_lock(&gate_lock);
	gate_reached = true;
	pthread_cond_broadcast(&gate_changed);
	while (gate_closed)
		pthread_cond_wait(&gate_changed, &gate_lock);
	pthread_mutex_unlock(&gate_lock);
}

static void *
get_block_9(void *cache)
{
	struct buf *b;

	if (bcache_get(cache, 9, &b))
		return NULL;
	bcache_release(cache, b);
	return b;
}

static void
a_slow_read_does_not_stop_a_cached_one(void)
{
	struct bcache *cache;
	struct bcache_stats stats;
	pthread_t threads[2];
	struct buf *b;
	void *got[2];

	REQUIRE(bcache_create(&disk.dev, 1024, 64, 0, &cache) == 0);
	REQUIRE(bcache_get(cache, 5, &b) == 0);
	bcache_release(cache, b);
	close_gate();
	disk.gate = gate;
	pthread_create(&threads[0], NULL, get_block_9, cache);
	await_gate();
	pthread_create(&threads[1], NULL, get_block_9, cache);
	CHECK_EQ(bcache_get(cache, 5, &b), 0);		/* would hang if it waited for block 9 */
	bcache_release(cache, b);
	open_gate();
	for (unsigned i = 0; i < 2; i++)
		pthread_join(threads[i], &got[i]);
	CHECK(got[0] != NULL && got[0] == got[1]);
	bcache_stats(cache, &stats);
	CHECK_EQ(stats.reads, 2);
	disk.gate = NULL;
	bcache_destroy(cache);
}

static void
the_cache_stays_bounded(void)
{
	struct bcache *cache;
	struct bcache_stats stats;
	struct buf *held, *b;
	unsigned wrong = 0;

	REQUIRE(bcache_create(&disk.dev, 512, 64, 0, &cache) == 0);
	REQUIRE(bcache_get(cache, 7, &held) == 0);
	for (uint64_t i = 0; i < 1000; i++) {
		REQUIRE(bcache_get(cache, i, &b) == 0);
		wrong += memcmp(b->data, disk.data + i * 512, 512) != 0;
		bcache_release(cache, b);
	}
	CHECK_EQ(wrong, 0);
	CHECK(memcmp(held->data, disk.data + 7 * 512, 512) == 0);
	bcache_release(cache, held);
	bcache_prefetch(cache, 2000, 1, 200);		/* more than the cache holds */
	bcache_stats(cache, &stats);
	REQUIRE(bcache_get(cache, 2000, &b) == 0);
	CHECK(memcmp(b->data, disk.data + 2000 * 512, 512) == 0);
	bcache_release(cache, b);
	CHECK_EQ(bcache_get(cache, disk.dev.size / 512, &b), EIO);
	bcache_destroy(cache);
}

/* What a cache may grow to is used while there is memory, and given back but for what is in use or dirty. */
static void
the_cache_follows_the_memory(void)
{
	struct bcache *cache;
	struct bcache_stats stats;
	struct buf *held = NULL, *b;
	unsigned wrong = 0;

	REQUIRE(bcache_create(&disk.dev, 512, 64, 64 + 1024, &cache) == 0);
	for (unsigned round = 0; round < 3; round++) {
		host_memory_is_plenty = round > 0;
		for (uint64_t i = 0; i < 1000; i++) {
			REQUIRE(bcache_get(cache, i, &b) == 0);
			wrong += memcmp(b->data, disk.data + i * 512, 512) != 0;
			bcache_release(cache, b);
		}
		bcache_stats(cache, &stats);
		CHECK_EQ(stats.buffers > 64, round > 0);
		CHECK(stats.buffers <= 64 + 1024);
	}
	CHECK(stats.hits > 0);
	REQUIRE(bcache_get(cache, 500, &held) == 0);
	REQUIRE(bcache_get(cache, 700, &b) == 0);
	b->data[0] ^= 1;
	bcache_dirty(cache, b, 1);
	bcache_release(cache, b);
	while (bcache_shrink(cache, 100) > 0)
		continue;
	bcache_stats(cache, &stats);
	CHECK(stats.buffers <= 64 + 2 * 64);
	CHECK(memcmp(held->data, disk.data + 500 * 512, 512) == 0);
	bcache_release(cache, held);
	CHECK_EQ(bcache_write_back(cache, BCACHE_DATA, 0), 0);
	host_memory_is_plenty = false;
	while (bcache_shrink(cache, 100) > 0)
		continue;
	bcache_stats(cache, &stats);
	CHECK_EQ(stats.buffers, 64);
	for (uint64_t i = 0; i < 1000; i++) {
		REQUIRE(bcache_get(cache, i, &b) == 0);
		wrong += memcmp(b->data, disk.data + i * 512, 512) != 0;
		bcache_release(cache, b);
	}
	CHECK_EQ(wrong, 0);
	bcache_destroy(cache);
}

/* While there is memory no block goes: what was read in order is there when it is read in order again. */
static void
what_fits_is_kept(void)
{
	struct bcache_stats first, again;
	struct bcache *cache;
	struct buf *b;

	host_memory_is_plenty = true;
	REQUIRE(bcache_create(&disk.dev, 512, 64, 64 + 2048, &cache) == 0);
	for (uint64_t i = 0; i < 4000; i++) {
		if (i % 64 == 0)
			bcache_prefetch(cache, i % 2000, 1, 64);
		REQUIRE(bcache_get(cache, i % 2000, &b) == 0);
		bcache_release(cache, b);
		if (i == 1999)
			bcache_stats(cache, &first);
	}
	bcache_stats(cache, &again);
	CHECK_EQ(again.misses, first.misses);
	CHECK_EQ(again.reads, first.reads);
	bcache_destroy(cache);
	host_memory_is_plenty = false;
}

struct crowd {
	struct bcache *cache;
	unsigned seed, wrong;
};

static void *
read_at_random(void *context)
{
	struct crowd *c = context;

	for (unsigned i = 0; i < 3000; i++) {
		uint64_t block = (c->seed = c->seed * 1103515245 + 12345) >> 8 & 255;
		struct buf *b;

		if (i % 97 == 0)
			bcache_shrink(c->cache, 64);
		if (i % 31 == 0)
			bcache_uncache(c->cache, block, 6);
		if (i % 3 == 0)
			bcache_prefetch(c->cache, block, 4, 8);
		if (bcache_get(c->cache, block, &b)) {
			c->wrong++;
			continue;
		}
		c->wrong += memcmp(b->data, disk.data + block * 1024, 1024) != 0;
		bcache_release(c->cache, b);
	}
	return NULL;
}

static void
threads_share_the_cache(void)
{
	struct crowd crowd[4] = { { 0 } };
	pthread_t threads[4];
	struct bcache *cache;

	REQUIRE(bcache_create(&disk.dev, 1024, 64, 64 + 192, &cache) == 0);
	host_memory_is_plenty = true;
	for (unsigned i = 0; i < 4; i++) {
		crowd[i] = (struct crowd){ cache, i * 77, 0 };
		pthread_create(&threads[i], NULL, read_at_random, &crowd[i]);
	}
	for (unsigned i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		CHECK_EQ(crowd[i].wrong, 0);
	}
	host_memory_is_plenty = false;
	bcache_destroy(cache);
}

/* --- writing back --- */

/* Makes a block hold `byte` all over. */
static void
fill_block(struct bcache *cache, uint64_t block, int byte)
{
	struct buf *b;

	REQUIRE(bcache_get(cache, block, &b) == 0);
	memset(b->data, byte, 1024);
	bcache_dirty(cache, b, 1);
	bcache_release(cache, b);
}

static void *
write_all_back(void *cache)
{
	return bcache_write_back(cache, BCACHE_DATA, 0) ? cache : NULL;
}

/*
 * A block is changed again while it is written; somebody who then wants all on the disk gets that,
 * though yet another block becomes dirty before the write ends.
 */
static void
what_changes_while_written_is_written_again(void)
{
	struct bcache *cache;
	pthread_t first, second;
	void *failed[2];

	REQUIRE(bcache_create(&disk.dev, 1024, 64, 0, &cache) == 0);
	fill_block(cache, 3, 1);
	close_gate();
	disk.write_gate = gate;
	pthread_create(&first, NULL, write_all_back, cache);
	await_gate();
	fill_block(cache, 3, 2);
	pthread_create(&second, NULL, write_all_back, cache);
	while (__atomic_load_n(&host_waiting, __ATOMIC_SEQ_CST) == 0)
		sched_yield();				/* until the second waits for its turn */
	fill_block(cache, 40, 3);
	open_gate();
	pthread_join(first, &failed[0]);
	pthread_join(second, &failed[1]);
	CHECK(!failed[0] && !failed[1]);
	CHECK_EQ(disk.data[3 * 1024], 2);
	disk.write_gate = NULL;
	bcache_destroy(cache);
}

static bool
is_cached(struct bcache *cache, uint64_t block)
{
	struct buf *b = bcache_peek(cache, block);

	if (b)
		bcache_release(cache, b);
	return b != NULL;
}

/* What others keep goes first: at once, at its last release, or when it is written; not if it was changed since. */
static void
what_others_keep_is_free(void)
{
	struct bcache *cache;
	struct bcache_stats stats;
	struct buf *held, *b;

	REQUIRE(bcache_create(&disk.dev, 1024, 64, 64, &cache) == 0);
	for (uint64_t i = 0; i < 64; i++) {
		REQUIRE(bcache_get(cache, i, &b) == 0);
		bcache_release(cache, b);
	}
	REQUIRE(bcache_get(cache, 11, &held) == 0);
	fill_block(cache, 12, 5);
	fill_block(cache, 13, 6);
	bcache_uncache(cache, 10, 20);
	CHECK(!is_cached(cache, 10));
	CHECK(is_cached(cache, 11) && is_cached(cache, 12) && is_cached(cache, 13));
	CHECK(!is_cached(cache, 29));
	CHECK(is_cached(cache, 9) && is_cached(cache, 30));
	CHECK(memcmp(held->data, disk.data + 11 * 1024, 1024) == 0);
	bcache_release(cache, held);
	CHECK(!is_cached(cache, 11));
	fill_block(cache, 13, 7);
	CHECK_EQ(bcache_write_back(cache, BCACHE_DATA, 0), 0);
	CHECK(!is_cached(cache, 12));
	CHECK_EQ(disk.data[12 * 1024], 5);
	CHECK(is_cached(cache, 13));
	CHECK_EQ(disk.data[13 * 1024], 7);
	for (uint64_t i = 100; i < 100 + 17; i++) {	/* those that are free now, and no others */
		REQUIRE(bcache_get(cache, i, &b) == 0);
		bcache_release(cache, b);
	}
	CHECK(is_cached(cache, 0) && is_cached(cache, 63) && is_cached(cache, 13));
	bcache_stats(cache, &stats);
	CHECK_EQ(stats.buffers, 64);
	bcache_destroy(cache);
}

/* So their memory goes back, when it is a lot, and comes again when it is wanted. */
static void
empty_chunks_are_given_back(void)
{
	struct bcache *cache;
	struct bcache_stats stats;
	struct buf *b;

	REQUIRE(bcache_create(&disk.dev, 512, 64, 64 + 2048, &cache) == 0);
	host_memory_is_plenty = true;
	for (unsigned round = 0; round < 3; round++) {
		for (uint64_t i = 0; i < 1500; i++) {
			REQUIRE(bcache_get(cache, i, &b) == 0);
			bcache_release(cache, b);
		}
		bcache_stats(cache, &stats);
		CHECK(stats.buffers >= 1500);
		for (uint64_t i = 0; i < 1400; i += 20)
			bcache_uncache(cache, i, 20);
		bcache_stats(cache, &stats);
		CHECK(stats.buffers <= 100 + 64 * 8);
		for (uint64_t i = 1400; i < 1500; i++)
			CHECK(is_cached(cache, i));
	}
	host_memory_is_plenty = false;
	bcache_destroy(cache);
}

int
main(void)
{
	uint8_t *data = malloc(DISK_SIZE);

	for (uint32_t i = 0, state = 1; i < DISK_SIZE; i++)
		data[i] = (uint8_t)((state = state * 1103515245 + 12345) >> 16);
	host_disk_init(&disk, data, DISK_SIZE);
	TEST(a_slow_read_does_not_stop_a_cached_one);
	TEST(the_cache_stays_bounded);
	TEST(the_cache_follows_the_memory);
	TEST(what_fits_is_kept);
	TEST(what_others_keep_is_free);
	TEST(empty_chunks_are_given_back);
	TEST(threads_share_the_cache);
	TEST(what_changes_while_written_is_written_again);
	free(data);
	return unit_done();
}
