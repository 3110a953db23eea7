/*
 * Pages on the swap disk, through the block driver. A request that the driver did not answer because
 * it died is sent again: its service port lives on in init until the next instance takes it.
 */
#include "mem.h"

#include "blk.h"
#include "mach/print.h"
#include "mach/service.h"

#include <string.h>

#define SERVICE		"swap"
#define PAGE_SECTORS	(VM_PAGE_SIZE / BLK_SECTOR_SIZE)
#define SIGNATURE	"SWAPSPACE2"	/* the last bytes of page 0 */
#define PAUSE_MS	20
#define COMPLAINTS_MAX	20u

static mach_port_t disk;

/* Whether the request met no driver, or one too busy to take it. Waits a little then. */
static bool
again(kern_return_t kr)
{
	if (kr != MIG_SERVER_DIED && kr != KERN_RESOURCE_SHORTAGE)
		return false;
	clock_sleep(PAUSE_MS);
	return true;
}

static bool
failed(const char *what, uint64_t page, uint32_t count, kern_return_t kr)
{
	statistics.errors += count;
	if (statistics.errors <= COMPLAINTS_MAX)
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
		kr = blk_read(disk, page * PAGE_SECTORS, count * PAGE_SECTORS, data, &bytes);
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
		kr = blk_write(disk, page * PAGE_SECTORS, data, count * VM_PAGE_SIZE);
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
	if (!found)
		print("mem: %s is no swap disk: it is not touched\n", statistics.disk);
	return found;
}

uint64_t
disk_open(void)
{
	struct blk_info info;
	kern_return_t kr;

	disk = service_look_up(SERVICE);
	if (disk == MACH_PORT_NULL)
		return 0;
	do {
		kr = blk_info(disk, &info);
	} while (again(kr));
	if (kr != KERN_SUCCESS || info.sectors < PAGE_SECTORS)
		return 0;		/* the driver has no disk */
	memcpy(statistics.disk, info.name, sizeof(statistics.disk));
	if (info.read_only) {
		print("mem: %s is read-only: no swap\n", statistics.disk);
		return 0;
	}
	return signature_found() ? info.sectors / PAGE_SECTORS : 0;
}
