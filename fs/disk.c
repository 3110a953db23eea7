/*
 * Reading through the block driver. Requests are idempotent: when the driver dies before it
 * answered, its service port lives on in init, and the same request is sent again until the next
 * instance answers.
 */
#include "disk.h"

#include "blk.h"
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

/* Reads `count` sectors into memory that the caller gives back with mig_free. */
static int
read_sectors(struct disk *disk, uint64_t sector, uint32_t count, void **data)
{
	uint32_t bytes = 0;
	kern_return_t kr = KERN_FAILURE;

	for (unsigned i = 0; i < TRIES; i++) {
		kr = blk_read(disk->port, sector, count, data, &bytes);
		if (!worth_another_try(kr))
			break;
		clock_sleep(PAUSE_MS);
	}
	if (kr == KERN_SUCCESS && bytes == count * BLK_SECTOR_SIZE)
		return 0;
	if (kr == KERN_SUCCESS)
		mig_free(*data, bytes);
	if (__atomic_fetch_add(&disk->complaints, 1, __ATOMIC_RELAXED) < COMPLAINTS_MAX)
		print("fs: %s: cannot read sector %llu: %s\n", disk->name,
			(unsigned long long)sector, kern_return_name(kr));
	return EIO;
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

static const struct blockdev_ops disk_ops = { .read = disk_read };

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
	disk->dev.size = info.sectors * BLK_SECTOR_SIZE;
	disk->dev.read_only = info.read_only;
	memcpy(disk->name, info.name, sizeof(disk->name));
	disk->name[sizeof(disk->name) - 1] = 0;
	return 0;
}
