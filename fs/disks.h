/*
 * The machine's disks and their partitions: which there are, what they are called, which one is /.
 */
#ifndef FS_DISKS_H
#define FS_DISKS_H

#include "devfs/devfs.h"

/* Purpose: find the disks and read their partition tables. Conditions: once. Returns 0; ENODEV: there is no first disk. */
int disks_open(void);

/* The disk or partition that the word root=NAME of the command line names, the first disk without one; NULL, with a message: there is none such. */
struct devfs_disk *disks_root(void);

/*
 * Purpose: give all their names in /dev; the memory server is asked which of them it swaps to. Conditions: before devfs is mounted, after /.
 */
void disks_show(void);

#endif
