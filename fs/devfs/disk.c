/*
 * Bytes of disks, which know only sectors. See disk.h. Whole sectors go straight between the disk and
 * the caller; of the first and the last one, when only a part is wanted, there is a copy.
 */
#include "disk.h"

#include <errno.h>
#include <string.h>

#define SECTOR	BLOCKDEV_SECTOR
#define CHUNK	(128u * 1024)		/* bytes of one transfer */

/* Returns how many whole sectors' bytes can be moved at once; 0: only a part of one sector. */
static size_t
whole_sectors(uint64_t offset, size_t length)
{
	if (offset % SECTOR != 0)
		return 0;
	return length < CHUNK ? length - length % SECTOR : CHUNK;
}

/* Returns how many bytes of the sector at `offset` are meant. */
static size_t
part_of_sector(uint64_t offset, size_t length)
{
	size_t rest = SECTOR - offset % SECTOR;

	return length < rest ? length : rest;
}

/* Returns 0 and the sector that `offset` is in; EIO. */
static int
read_sector(struct devfs_disk *disk, uint64_t offset, uint8_t sector[SECTOR])
{
	struct blockdev_segment segment = { sector, SECTOR };

	return disk->dev->ops->read(disk->dev, offset - offset % SECTOR, &segment, 1);
}

/* Reads some of the bytes, at least one, from the disk itself. Returns 0 and how many; EIO. */
static int
read_some(struct devfs_disk *disk, uint64_t offset, void *data, size_t length, size_t *done)
{
	struct blockdev_segment segment = { data, whole_sectors(offset, length) };
	uint8_t sector[SECTOR];
	int error;

	if (segment.length > 0) {
		*done = segment.length;
		return disk->dev->ops->read(disk->dev, offset, &segment, 1);
	}
	error = read_sector(disk, offset, sector);
	if (error)
		return error;
	*done = part_of_sector(offset, length);
	memcpy(data, sector + offset % SECTOR, *done);
	return 0;
}

/* Copies what the file system's cache has of the block at `offset`. Returns how many bytes; 0: it has not got it. */
static size_t
copy_cached(struct devfs_disk *disk, uint64_t offset, void *data, size_t length)
{
	uint32_t size = bcache_block_size(disk->cache), in = (uint32_t)(offset % size);
	struct buf *b = bcache_peek(disk->cache, offset / size);

	if (!b)
		return 0;
	if (length > size - in)
		length = size - in;
	memcpy(data, b->data + in, length);
	bcache_release(disk->cache, b);
	return length;
}

/* Returns how many of the bytes lie before the next block that is cached. */
static size_t
uncached(struct devfs_disk *disk, uint64_t offset, size_t length)
{
	uint32_t size = bcache_block_size(disk->cache);
	size_t count = size - offset % size;
	struct buf *b;

	while (count < length && count < CHUNK) {
		b = bcache_peek(disk->cache, (offset + count) / size);
		if (b) {
			bcache_release(disk->cache, b);
			break;
		}
		count += size;
	}
	return count < length ? count : length;
}

int
disk_file_read(struct devfs_disk *disk, uint64_t offset, void *data, size_t length, size_t *done)
{
	uint8_t *to = data;
	int error = 0;

	*done = 0;
	if (offset >= disk->dev->size)
		return 0;
	if (length > disk->dev->size - offset)
		length = disk->dev->size - offset;
	while (*done < length && !error) {
		uint64_t at = offset + *done;
		size_t left = length - *done;
		size_t count = disk->cache ? copy_cached(disk, at, to + *done, left) : 0;

		if (count == 0 && disk->cache)
			left = uncached(disk, at, left);
		if (count == 0)
			error = os_wait_place();
		if (count == 0 && !error)
			error = read_some(disk, at, to + *done, left, &count);
		if (!error)
			*done += count;
	}
	return *done > 0 && error != OS_LATER ? 0 : error;
}

/* Writes some of the bytes, at least one. Conditions: the disk's lock is held. Returns 0 and how many; EIO. */
static int
write_some(struct devfs_disk *disk, uint64_t offset, const void *data, size_t length, size_t *done)
{
	struct blockdev_segment segment = { (void *)(uintptr_t)data, whole_sectors(offset, length) };
	uint8_t sector[SECTOR];
	int error;

	*done = segment.length;
	if (*done == 0) {
		error = read_sector(disk, offset, sector);
		if (error)
			return error;
		*done = part_of_sector(offset, length);
		memcpy(sector + offset % SECTOR, data, *done);
		segment = (struct blockdev_segment){ sector, SECTOR };
	}
	error = disk->dev->ops->write(disk->dev, offset - offset % SECTOR, &segment, 1);
	return error == ENODEV ? EIO : error;
}

static bool
is_taken(const struct devfs_disk *disk)
{
	return __atomic_load_n(&disk->in_use, __ATOMIC_RELAXED) || __atomic_load_n(&disk->parts_in_use, __ATOMIC_RELAXED) > 0 ||
	       (disk->whole && __atomic_load_n(&disk->whole->in_use, __ATOMIC_RELAXED));
}

int
disk_file_claim(struct devfs_disk *disk)
{
	if (is_taken(disk))
		return EBUSY;
	__atomic_store_n(&disk->in_use, true, __ATOMIC_RELAXED);
	if (disk->whole)
		__atomic_fetch_add(&disk->whole->parts_in_use, 1, __ATOMIC_RELAXED);
	return 0;
}

void
disk_file_release(struct devfs_disk *disk)
{
	__atomic_store_n(&disk->in_use, false, __ATOMIC_RELAXED);
	if (disk->whole)
		__atomic_fetch_sub(&disk->whole->parts_in_use, 1, __ATOMIC_RELAXED);
}

int
disk_file_writable(const struct devfs_disk *disk)
{
	if (disk->dev->read_only)
		return EROFS;
	return is_taken(disk) ? EBUSY : 0;
}

int
disk_file_write(struct devfs_disk *disk, uint64_t offset, const void *data, size_t length,
	size_t *done)
{
	const uint8_t *from = data;
	size_t count;
	int error = disk_file_writable(disk);

	*done = 0;
	if (error || length == 0)
		return error;
	if (offset >= disk->dev->size)
		return ENOSPC;
	if (length > disk->dev->size - offset)
		length = disk->dev->size - offset;
	error = os_wait_place();
	if (error)
		return error;
	os_mutex_lock(&disk->lock);
	while (*done < length && !error) {
		error = write_some(disk, offset + *done, from + *done, length - *done, &count);
		if (!error)
			*done += count;
	}
	os_mutex_unlock(&disk->lock);
	return *done > 0 ? 0 : error;
}
