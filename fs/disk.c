/*
 * Reading and writing through the block driver. Requests are idempotent: when the driver dies before it
 * answered, its service port lives on in init, and the same request is sent again until the next
 * instance answers.
 */
#include "disk.h"

#include "blk.h"
#include "mach/mach.h"
#include "mach/print.h"
#include "mach/service.h"

#include <errno.h>
#include <string.h>

#define TRIES		200		/* with the pause: 10 s for a driver to be restarted */
#define PAUSE_MS	50
#define COMPLAINTS_MAX	20u		/* errors printed of one disk */

/* Whether a request met no driver, or one too busy to take it. */
static bool
worth_another_try(kern_return_t kr)
{
	return kr == MIG_SERVER_DIED || kr == KERN_RESOURCE_SHORTAGE;
}

/* Says what went wrong, the first few times. Returns EIO. */
static int
complain(struct disk *disk, const char *what, uint64_t sector, kern_return_t kr)
{
	if (__atomic_fetch_add(&disk->complaints, 1, __ATOMIC_RELAXED) < COMPLAINTS_MAX)
		print("fs: %s: cannot %s sector %llu: %s\n", disk->name, what,
			(unsigned long long)sector, kern_return_name(kr));
	return EIO;
}

/* Reads `count` sectors into memory that the caller gives back with mig_free. */
static int
read_sectors(struct disk *disk, uint64_t sector, uint32_t count, void **data)
{
	uint32_t bytes = 0;
	kern_return_t kr = KERN_FAILURE;

	service_wait_begin();
	for (unsigned i = 0; i < TRIES; i++) {
		kr = blk_read(disk->port, sector, count, data, &bytes);
		if (!worth_another_try(kr))
			break;
		clock_sleep(PAUSE_MS);
	}
	service_wait_end();
	if (kr == KERN_SUCCESS && bytes == count * BLK_SECTOR_SIZE)
		return 0;
	if (kr == KERN_SUCCESS)
		mig_free(*data, bytes);
	return complain(disk, "read", sector, kr);
}

static int
disk_read(struct blockdev *dev, uint64_t offset, const struct blockdev_segment *segments,
	unsigned count)
{
	struct disk *disk = (struct disk *)dev;
	uint64_t length = 0;
	uint8_t *from;
	void *data;
	int error;

	for (unsigned i = 0; i < count; i++)
		length += segments[i].length;
	if (length == 0 || length > BLK_TRANSFER_MAX || length > dev->size ||
		offset > dev->size - length)
		return EIO;
	error = read_sectors(disk, offset / BLK_SECTOR_SIZE, (uint32_t)(length / BLK_SECTOR_SIZE),
		&data);
	if (error)
		return error;
	from = data;
	for (unsigned i = 0; i < count; i++) {
		memcpy(segments[i].data, from, segments[i].length);
		from += segments[i].length;
	}
	mig_free(data, length);
	return 0;
}

/*
 * Writes whole sectors; the memory stays the caller's, so the request can be sent again. Returns 0; EIO;
 * ENODEV when no driver takes it.
 */
static int
write_sectors(struct disk *disk, uint64_t sector, const void *data, uint32_t bytes)
{
	kern_return_t kr = KERN_FAILURE;

	service_wait_begin();
	for (unsigned i = 0; i < TRIES; i++) {
		kr = blk_write(disk->port, sector, data, bytes);
		if (!worth_another_try(kr))
			break;
		clock_sleep(PAUSE_MS);
	}
	service_wait_end();
	if (kr == KERN_SUCCESS)
		return 0;
	(void)complain(disk, "write", sector, kr);
	return worth_another_try(kr) ? ENODEV : EIO;
}

static int
disk_write(struct blockdev *dev, uint64_t offset, const struct blockdev_segment *segments,
	unsigned count)
{
	struct disk *disk = (struct disk *)dev;
	vm_address_t pages = 0;
	uint64_t length = 0;
	uint8_t *to;
	int error;

	if (dev->read_only)
		return EROFS;
	for (unsigned i = 0; i < count; i++)
		length += segments[i].length;
	if (length == 0 || length > BLK_TRANSFER_MAX || length > dev->size ||
		offset > dev->size - length)
		return EIO;
	if (vm_allocate(mach_task_self(), &pages, vm_page_round(length), VM_FLAGS_ANYWHERE) !=
		KERN_SUCCESS)
		return complain(disk, "get memory to write", offset / BLK_SECTOR_SIZE,
			KERN_RESOURCE_SHORTAGE);
	to = (uint8_t *)pages;
	for (unsigned i = 0; i < count; i++) {
		memcpy(to, segments[i].data, segments[i].length);
		to += segments[i].length;
	}
	error = write_sectors(disk, offset / BLK_SECTOR_SIZE, (void *)pages, (uint32_t)length);
	vm_deallocate(mach_task_self(), pages, vm_page_round(length));
	return error;
}

static int
disk_flush(struct blockdev *dev)
{
	struct disk *disk = (struct disk *)dev;
	kern_return_t kr = KERN_FAILURE;

	service_wait_begin();
	for (unsigned i = 0; i < TRIES; i++) {
		kr = blk_flush(disk->port);
		if (!worth_another_try(kr))
			break;
		clock_sleep(PAUSE_MS);
	}
	service_wait_end();
	return kr == KERN_SUCCESS ? 0 : complain(disk, "flush after", 0, kr);
}

static const struct blockdev_ops disk_ops = {
	.read = disk_read, .write = disk_write, .flush = disk_flush,
};

int
disk_open(struct disk *disk, const char *service)
{
	struct blk_info info;
	kern_return_t kr = KERN_FAILURE;

	disk->port = service_look_up(service);
	if (disk->port == MACH_PORT_NULL)
		return ENODEV;
	for (unsigned i = 0; i < TRIES; i++) {
		kr = blk_info(disk->port, &info);
		if (!worth_another_try(kr))
			break;
		clock_sleep(PAUSE_MS);
	}
	if (kr != KERN_SUCCESS) {
		port_drop(disk->port);
		return ENODEV;
	}
	disk->dev.ops = &disk_ops;
	disk->dev.name = disk->name;
	disk->dev.size = info.sectors * BLK_SECTOR_SIZE;
	disk->dev.read_only = info.read_only;
	memcpy(disk->name, info.name, sizeof(disk->name));
	disk->name[sizeof(disk->name) - 1] = 0;
	return 0;
}
