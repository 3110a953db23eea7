/*
 * The surroundings of the file server's logic on the host: fs/vfs/os.h on pthreads and malloc, and
 * a disk in memory.
 *
 * Reports are counted and the last one kept, so that a test can check what was said.
 */
#ifndef GRADE_UNIT_VFS_HOST_H
#define GRADE_UNIT_VFS_HOST_H

#include "../../fs/vfs/blockdev.h"

extern unsigned host_reports;
extern char host_last_report[256];

/*
 * A disk in memory. `fail_from`..`fail_to` (bytes) cannot be read or written; `gate`, if set, is
 * called before each read.
 *
 * With `stable` set the disk has a volatile cache: stable holds what is on the platter, what was
 * written since the last flush is listed, and host_disk_crash makes the image a power cut leaves.
 * After `cut_after` writes of one unit (0: never) the power is off: everything fails.
 */
struct host_disk {
	struct blockdev dev;
	uint8_t *data;
	uint64_t fail_from, fail_to;
	unsigned long reads, writes, flushes, blocks_written;	/* blocks: of `unit` bytes */
	void (*gate)(uint64_t offset);

	uint8_t *stable;
	unsigned long cut_after, units;
	size_t unit;			/* bytes that reach the disk whole or not at all */
	bool off;
	struct host_write {
		uint64_t offset;
		uint8_t *data;
	} *pending;
	size_t pending_count, pending_room;
};

/* Reads a whole image file. Returns whether that worked; the data is the caller's to free. */
bool host_disk_load(struct host_disk *disk, const char *path);
/*
 * Gives a disk a volatile cache whose units of `unit` bytes are written or lost as a whole, and cuts
 * the power after that many units.
 */
void host_disk_power(struct host_disk *disk, size_t unit, unsigned long cut_after);

/*
 * Decides by seed which of the writes not flushed reached the disk, and makes that its content. The
 * power is on again.
 */
void host_disk_crash(struct host_disk *disk, uint64_t seed);
void host_disk_power_end(struct host_disk *disk);

/* Writes the disk to a file. */
bool host_disk_store(const struct host_disk *disk, const char *path);

void host_disk_init(struct host_disk *disk, uint8_t *data, uint64_t size);

#endif
