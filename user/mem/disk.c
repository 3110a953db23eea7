/*
 * Pages on the swap disk, through the block driver. A request that the driver did not answer because
 * it died is sent again: its service port lives on in init until the next instance takes it.
 */
#include "mem.h"

#include "blk.h"
#include "mach/partition.h"
#include "mach/print.h"
#include "mach/service.h"

#include <string.h>

#define PAGE_SECTORS	(VM_PAGE_SIZE / BLK_SECTOR_SIZE)
#define SIGNATURE	"SWAPSPACE2"	/* the last bytes of page 0 */
#define PAUSE_MS	20
#define COMPLAINTS_MAX	20u

static mach_port_t disk;
static uint64_t first;			/* sector of page 0 */

/* Whether the request met no driver, or one too busy to take it. Waits a little then. */
static bool
again(kern_return_t kr)
{
	if (kr != MIG_SERVER_DIED && kr != KERN_RESOURCE_SHORTAGE)
		return false;
	clock_sleep(PAUSE_MS);
	return true;
}

/* Of several pages it is not known which is the bad one: who has asked for them asks for each alone. */
static bool
failed(const char *what, uint64_t page, uint32_t count, kern_return_t kr)
{
	if (count == 1 && ++statistics.errors <= COMPLAINTS_MAX)
		print("mem: %s: cannot %s page %llu: %s\n", statistics.disk, what,
			(unsigned long long)page, kern_return_name(kr));
	return false;
}

bool
disk_read(uint64_t page, uint32_t count, void **data)
{
	uint32_t bytes = 0;
	kern_return_t kr;

	do {
		kr = blk_read(disk, first + page * PAGE_SECTORS, count * PAGE_SECTORS, data, &bytes);
	} while (again(kr));
	if (kr == KERN_SUCCESS && bytes != count * VM_PAGE_SIZE) {
		mig_free(*data, bytes);
		kr = KERN_FAILURE;
	}
	if (kr != KERN_SUCCESS)
		return failed("read", page, count, kr);
	statistics.pages_in += count;
	statistics.reads++;
	return true;
}

bool
disk_write(uint64_t page, uint32_t count, const void *data)
{
	kern_return_t kr;

	do {
		kr = blk_write(disk, first + page * PAGE_SECTORS, data, count * VM_PAGE_SIZE);
	} while (again(kr));
	if (kr != KERN_SUCCESS)
		return failed("write", page, count, kr);
	statistics.pages_out += count;
	statistics.writes++;
	return true;
}

static bool
signature_found(void)
{
	size_t length = strlen(SIGNATURE);
	void *page;
	bool found;

	if (!disk_read(0, 1, &page))
		return false;
	found = memcmp((char *)page + VM_PAGE_SIZE - length, SIGNATURE, length) == 0;
	mig_free(page, VM_PAGE_SIZE);
	statistics.pages_in = statistics.reads = 0;
	return found;
}

static int
read_sector(void *context, uint64_t sector, void *data)
{
	uint32_t bytes = 0;
	void *got;
	kern_return_t kr;

	(void)context;
	do {
		kr = blk_read(disk, sector, 1, &got, &bytes);
	} while (again(kr));
	if (kr != KERN_SUCCESS)
		return kr;
	memcpy(data, got, PARTITION_SECTOR);
	mig_free(got, bytes);
	return 0;
}

/* Looks for the signature on the partitions, in order. Returns the number of pages of the first that has it, which is used from now on; 0. */
static uint64_t
open_partition(const struct blk_info *info)
{
	struct partition found[PARTITIONS_MAX];
	const char *note;		/* the file server says it, too */
	int count = partitions_find(info->sectors, read_sector, NULL, found, &note);

	for (int i = 0; i < count; i++) {
		first = found[i].first;
		if (found[i].count >= PAGE_SECTORS && signature_found()) {
			print_to(statistics.disk, sizeof(statistics.disk), "%s%u", info->name, found[i].number);
			return found[i].count / PAGE_SECTORS;
		}
	}
	first = 0;
	return 0;
}

/* Looks at the disk of a driver. whole: it may be for swap as a whole. Returns the number of pages; 0. */
static uint64_t
open_disk(const char *service, bool whole)
{
	struct blk_info info;
	uint64_t pages = 0;
	kern_return_t kr;

	disk = service_look_up(service);
	if (disk == MACH_PORT_NULL)
		return 0;
	do {
		kr = blk_info(disk, &info);
	} while (again(kr));
	if (kr == KERN_SUCCESS && info.sectors >= PAGE_SECTORS) {
		info.name[sizeof(info.name) - 1] = 0;
		memcpy(statistics.disk, info.name, sizeof(statistics.disk));
		if (whole && info.read_only)
			print("mem: %s is read-only: no swap\n", info.name);
		else if (!info.read_only)
			pages = whole && signature_found() ? info.sectors / PAGE_SECTORS : open_partition(&info);
		if (pages == 0 && whole && !info.read_only)
			print("mem: %s is no swap disk: it is not touched\n", info.name);
	}
	if (pages == 0) {
		memset(statistics.disk, 0, sizeof(statistics.disk));
		port_drop(disk);
	}
	return pages;
}

uint64_t
disk_open(void)
{
	uint64_t pages = open_disk("swap", true);

	return pages != 0 ? pages : open_disk("blk", false);
}
