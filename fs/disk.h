/*
 * The block driver as a struct blockdev.
 */
#ifndef FS_DISK_H
#define FS_DISK_H

#include "vfs/blockdev.h"

#include <mach/types.h>

struct disk {
	struct blockdev dev;		/* first: the operations get a pointer to it */
	mach_port_t port;		/* send right to the driver */
	char name[16];			/* "vda" */
	unsigned complaints;		/* errors printed so far; relaxed atomic */
};

/*
 * Purpose: find a block driver's service and ask it about its disk. Waits until it serves. Returns
 * 0; ENODEV.
 */
int disk_open(struct disk *disk, const char *service);

#endif
