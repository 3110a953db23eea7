// SOURCES: grade/unit/vfs_host.c fs/vfs/bcache.c fs/vfs/bcache_grow.c fs/vfs/bcache_write.c fs/devfs/disk.c
// CFLAGS: -pthread
/*
 * Disks as files: any bytes of one, beside a file system's cache of blocks, and without one.
 */
#include "unit.h"
#include "vfs_host.h"
#include "../../fs/devfs/disk.h"

#include <errno.h>
#include <stdlib.h>

#define SIZE	(1u << 20)
#define BLOCK	4096u
#define TAIL	1536u			/* behind the last whole block */

static struct host_disk host;
static struct devfs_disk disk;
static uint8_t *model, *buffer;

/* A disk of random bytes, which the model has too; with a cache over it or without. */
static void
begin(bool cached)
{
	uint8_t *data = malloc(SIZE + TAIL);

	for (unsigned i = 0; i < SIZE + TAIL; i++)
		data[i] = (uint8_t)(rand() >> 3);
	memcpy(model, data, SIZE + TAIL);
	host_disk_init(&host, data, SIZE + TAIL);
	disk = (struct devfs_disk){ .name = "vda", .dev = &host.dev };
	os_mutex_init(&disk.lock);
	if (cached)
		REQUIRE(bcache_create(&host.dev, BLOCK, 64, 0, &disk.cache) == 0);
}

static void
end(void)
{
	if (disk.cache)
		bcache_destroy(disk.cache);
	free(host.data);
}

static void
check_read(uint64_t offset, size_t length)
{
	size_t done = 1, expected = offset >= SIZE + TAIL ? 0 : SIZE + TAIL - offset;

	if (expected > length)
		expected = length;
	memset(buffer, 0xa5, length + 1);
	CHECK_EQ(disk_file_read(&disk, offset, buffer, length, &done), 0);
	CHECK_EQ(done, expected);
	CHECK(memcmp(buffer, model + offset, expected) == 0);
	CHECK_EQ(buffer[length], 0xa5);
}

static void
read_at_random(void)
{
	for (int i = 0; i < 2000; i++)
		check_read((uint64_t)rand() % (SIZE + TAIL + 1000), (size_t)rand() % (i % 10 ? 9000 : SIZE / 2));
	check_read(0, SIZE + TAIL);
	check_read(0, SIZE + TAIL + 1);
	check_read(SIZE + TAIL - 1, 2);
	check_read(SIZE + TAIL, 1);
	check_read(UINT64_MAX - 3, 10);
	check_read(7, 0);
}

static void
any_bytes_are_read(void)
{
	begin(false);
	read_at_random();
	end();
}

/* Changes a block as a file system does: in its cache. */
static void
change_block(uint64_t block, bool pinned)
{
	struct buf *b;

	REQUIRE(bcache_get(disk.cache, block, &b) == 0);
	if (pinned)
		bcache_pin(disk.cache, b);
	memset(b->data, (int)(block + 1), BLOCK);
	memset(model + block * BLOCK, (int)(block + 1), BLOCK);
	if (!pinned)
		bcache_dirty(disk.cache, b, 1);
	bcache_release(disk.cache, b);
}

static void
what_a_cache_has_is_read_from_it(void)
{
	struct bcache_stats before, after;

	begin(true);
	for (unsigned block = 3; block < SIZE / BLOCK; block += 1 + (unsigned)rand() % 30)
		change_block(block, block % 2);
	bcache_stats(disk.cache, &before);
	read_at_random();
	bcache_stats(disk.cache, &after);
	CHECK_EQ(after.misses, before.misses);	/* reading a disk takes nobody's place in the cache */
	end();
}

static void
whole_disks_are_read_in_large_pieces(void)
{
	begin(true);
	check_read(0, SIZE);
	CHECK(host.reads <= SIZE / 65536);
	end();
}

static void
any_bytes_are_written(void)
{
	size_t done;

	begin(false);
	for (int i = 0; i < 2000; i++) {
		uint64_t offset = (uint64_t)rand() % (SIZE + TAIL);
		size_t length = (size_t)rand() % (i % 10 ? 9000 : SIZE / 2), fits = SIZE + TAIL - offset;

		fits = length < fits ? length : fits;
		for (size_t j = 0; j < length; j++)
			buffer[j] = (uint8_t)(rand() >> 3);
		memcpy(model + offset, buffer, fits);
		CHECK_EQ(disk_file_write(&disk, offset, buffer, length, &done), 0);
		CHECK_EQ(done, fits);
	}
	CHECK(memcmp(model, host.data, SIZE + TAIL) == 0);
	CHECK_EQ(disk_file_write(&disk, SIZE + TAIL, buffer, 1, &done), ENOSPC);
	CHECK_EQ(done, 0);
	CHECK_EQ(disk_file_write(&disk, UINT64_MAX, buffer, 1, &done), ENOSPC);
	CHECK_EQ(disk_file_write(&disk, SIZE + TAIL, buffer, 0, &done), 0);
	end();
}

static void
disks_in_use_are_not_written(void)
{
	size_t done;

	begin(true);
	disk.in_use = true;
	CHECK_EQ(disk_file_writable(&disk), EBUSY);
	CHECK_EQ(disk_file_write(&disk, 0, buffer, 1, &done), EBUSY);
	host.dev.read_only = true;
	CHECK_EQ(disk_file_writable(&disk), EROFS);
	CHECK_EQ(disk_file_write(&disk, 0, buffer, 1, &done), EROFS);
	CHECK_EQ(host.writes, 0);
	end();
}

static void
bad_sectors_are_errors(void)
{
	size_t done;

	begin(false);
	host.fail_from = 300 * 1024;
	host.fail_to = host.fail_from + 512;
	CHECK_EQ(disk_file_read(&disk, host.fail_from + 5, buffer, 1, &done), EIO);
	CHECK_EQ(done, 0);
	CHECK_EQ(disk_file_write(&disk, host.fail_from + 5, buffer, 1, &done), EIO);
	CHECK_EQ(disk_file_write(&disk, host.fail_from, buffer, 512, &done), EIO);
	check_read(host.fail_from - 700, 700);
	check_read(host.fail_to, 700);
	/* What came before it is told; the next call meets the error. */
	CHECK_EQ(disk_file_read(&disk, host.fail_from - 7, buffer, 100, &done), 0);
	CHECK_EQ(done, 7);
	end();
}

/* Who takes a disk takes its partitions, and the other way round; two partitions are two. */
static void
a_disk_is_taken_with_its_partitions(void)
{
	struct devfs_disk whole, parts[2];

	begin(false);
	whole = parts[0] = parts[1] = disk;
	for (unsigned i = 0; i < 2; i++) {
		parts[i].whole = &whole;
		parts[i].number = i + 1;
	}
	CHECK_EQ(disk_file_claim(&parts[0]), 0);
	CHECK_EQ(disk_file_claim(&parts[0]), EBUSY);
	CHECK_EQ(disk_file_claim(&whole), EBUSY);
	CHECK_EQ(disk_file_writable(&parts[0]), EBUSY);
	CHECK_EQ(disk_file_writable(&whole), EBUSY);
	CHECK_EQ(disk_file_writable(&parts[1]), 0);
	CHECK_EQ(disk_file_claim(&parts[1]), 0);
	disk_file_release(&parts[0]);
	CHECK_EQ(disk_file_writable(&whole), EBUSY);
	disk_file_release(&parts[1]);
	CHECK_EQ(disk_file_claim(&whole), 0);
	CHECK_EQ(disk_file_claim(&parts[1]), EBUSY);
	CHECK_EQ(disk_file_writable(&parts[0]), EBUSY);
	disk_file_release(&whole);
	CHECK_EQ(disk_file_writable(&parts[0]), 0);
	end();
}

int
main(void)
{
	model = malloc(SIZE + TAIL + 1);
	buffer = malloc(2 * SIZE);
	srand(1);
	TEST(any_bytes_are_read);
	TEST(what_a_cache_has_is_read_from_it);
	TEST(whole_disks_are_read_in_large_pieces);
	TEST(any_bytes_are_written);
	TEST(disks_in_use_are_not_written);
	TEST(a_disk_is_taken_with_its_partitions);
	TEST(bad_sectors_are_errors);
	free(model);
	free(buffer);
	return unit_done();
}
