/*
 * Disks and partitions. See disks.h. A partition is a struct blockdev over that of its disk.
 */
#include "disks.h"
#include "disk.h"

#include "mach/mach.h"
#include "mach/partition.h"
#include "mach/print.h"
#include "mach/service.h"
#include "mem.h"

#include <errno.h>
#include <mach/host_info.h>
#include <string.h>

#define DISKS		2u		/* the first, and the swap driver's */
#define ROOT_WORD	"root="

struct part {
	struct blockdev dev;		/* first: the operations get a pointer to it */
	struct blockdev *disk;
	uint64_t first;			/* byte of the disk */
	char name[20];			/* "vda1" */
	struct devfs_disk file;
};

static struct {
	struct disk disk;
	struct devfs_disk file;
	struct part parts[PARTITIONS_MAX];
	unsigned part_count;
} disks[DISKS];

/* Returns whether a transfer lies within the partition. */
static bool
within(const struct part *p, uint64_t offset, const struct blockdev_segment *segments, unsigned count)
{
	uint64_t length = 0;

	for (unsigned i = 0; i < count; i++)
		length += segments[i].length;
	return length <= p->dev.size && offset <= p->dev.size - length;
}

static int
part_read(struct blockdev *dev, uint64_t offset, const struct blockdev_segment *segments, unsigned count)
{
	struct part *p = (struct part *)dev;

	return within(p, offset, segments, count) ? p->disk->ops->read(p->disk, p->first + offset, segments, count) : EIO;
}

static int
part_write(struct blockdev *dev, uint64_t offset, const struct blockdev_segment *segments, unsigned count)
{
	struct part *p = (struct part *)dev;

	return within(p, offset, segments, count) ? p->disk->ops->write(p->disk, p->first + offset, segments, count) : EIO;
}

static int
part_flush(struct blockdev *dev)
{
	struct part *p = (struct part *)dev;

	return p->disk->ops->flush(p->disk);
}

static const struct blockdev_ops part_ops = {
	.read = part_read, .write = part_write, .flush = part_flush,
};

static int
read_sector(void *context, uint64_t sector, void *data)
{
	struct blockdev *dev = context;
	struct blockdev_segment segment = { data, PARTITION_SECTOR };

	return dev->ops->read(dev, sector * PARTITION_SECTOR, &segment, 1);
}

/* Reads the partition table of the n-th disk. */
static void
find_parts(unsigned n)
{
	struct partition found[PARTITIONS_MAX];
	struct disk *disk = &disks[n].disk;
	const char *note;
	int count = partitions_find(disk->dev.size / PARTITION_SECTOR, read_sector, &disk->dev, found, &note);

	if (note)
		print("fs: %s: partition table: %s\n", disk->name, note);
	else if (count < 0)
		print("fs: %s: the partition table cannot be read\n", disk->name);
	for (int i = 0; i < count; i++) {
		struct part *p = &disks[n].parts[disks[n].part_count++];

		p->dev = (struct blockdev){ &part_ops, p->name, found[i].count * PARTITION_SECTOR, disk->dev.read_only };
		p->disk = &disk->dev;
		p->first = found[i].first * PARTITION_SECTOR;
		print_to(p->name, sizeof(p->name), "%s%u", disk->name, found[i].number);
		p->file = (struct devfs_disk){
			.name = p->name, .number = found[i].number, .dev = &p->dev, .whole = &disks[n].file };
	}
}

int
disks_open(void)
{
	static const char *const services[DISKS] = { "blk", "swap" };

	for (unsigned n = 0; n < DISKS; n++) {
		struct disk *disk = &disks[n].disk;
		int error = disk_open(disk, services[n]);

		if (error && n == 0)
			return error;
		if (error || disk->dev.size == 0)
			continue;
		disks[n].file = (struct devfs_disk){ .name = disk->name, .dev = &disk->dev };
		find_parts(n);
	}
	return 0;
}

static struct devfs_disk *
find(const char *name, size_t length)
{
	for (unsigned n = 0; n < DISKS; n++) {
		if (!disks[n].file.name)
			continue;
		if (strlen(disks[n].file.name) == length && memcmp(disks[n].file.name, name, length) == 0)
			return &disks[n].file;
		for (unsigned i = 0; i < disks[n].part_count; i++)
			if (strlen(disks[n].parts[i].name) == length && memcmp(disks[n].parts[i].name, name, length) == 0)
				return &disks[n].parts[i].file;
	}
	return NULL;
}

struct devfs_disk *
disks_root(void)
{
	struct host_info info;
	struct devfs_disk *root;
	char *at;

	if (host_info(&info) != KERN_SUCCESS)
		return &disks[0].file;
	info.command_line[sizeof(info.command_line) - 1] = 0;
	for (at = info.command_line; *at; at += strcspn(at, " ")) {
		at += strspn(at, " ");
		if (strncmp(at, ROOT_WORD, sizeof(ROOT_WORD) - 1) == 0)
			break;
	}
	if (*at == 0)
		return &disks[0].file;
	at += sizeof(ROOT_WORD) - 1;
	if (strncmp(at, "/dev/", 5) == 0)
		at += 5;
	at[strcspn(at, " ")] = 0;
	root = find(at, strlen(at));
	if (!root)
		print("fs: there is no disk or partition \"%s\"\n", at);
	return root;
}

/* Marks what the memory server swaps to. Who cannot be asked is taken to use all of the swap driver's disk. */
static void
mark_swap(void)
{
	mach_port_t mem = service_look_up("mem");
	struct mem_statistics s = { 0 };
	struct devfs_disk *used = &disks[DISKS - 1].file;

	if (mem != MACH_PORT_NULL && mem_statistics(mem, &s) == KERN_SUCCESS) {
		s.disk[sizeof(s.disk) - 1] = 0;
		used = s.pages != 0 ? find(s.disk, strlen(s.disk)) : NULL;
	}
	port_drop(mem);
	if (used && used->name && disk_file_claim(used) != 0)
		print("fs: %s is swapped to, and used otherwise\n", used->name);
}

static void
show(struct devfs_disk *file, unsigned disk)
{
	if (devfs_add_disk(file, disk) != 0)
		print("fs: no name in /dev for %s\n", file->name);
}

void
disks_show(void)
{
	mark_swap();
	for (unsigned n = 0; n < DISKS; n++) {
		if (!disks[n].file.name)
			continue;
		show(&disks[n].file, n);
		for (unsigned i = 0; i < disks[n].part_count; i++)
			show(&disks[n].parts[i].file, n);
	}
}
