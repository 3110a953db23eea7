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
 * A disk in memory. `fail_from`..`fail_to` (bytes) cannot be read; `gate`, if set, is called before
 * each read.
 */
struct host_disk {
	struct blockdev dev;
	uint8_t *data;
	uint64_t fail_from, fail_to;
	unsigned long reads;
	void (*gate)(uint64_t offset);
};

/* Reads a whole image file. Returns whether that worked; the data is the caller's to free. */
bool host_disk_load(struct host_disk *disk, const char *path);
void host_disk_init(struct host_disk *disk, uint8_t *data, uint64_t size);

#endif
