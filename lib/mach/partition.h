/*
 * Partition tables: MBR with logical partitions, and GPT. Pure logic; nothing on the disk is trusted.
 */
#ifndef MACH_PARTITION_H
#define MACH_PARTITION_H

#include <stdint.h>

#define PARTITIONS_MAX		15u		/* of a disk, and the highest number: as many names as there are minor numbers */
#define PARTITION_SECTOR	512u		/* bytes */

struct partition {
	unsigned number;		/* MBR: 1-4, logical ones from 5 on; GPT: place in the table */
	uint64_t first, count;		/* sectors; within the disk, and apart from all others */
};

/* Reads one sector. Returns 0, or an error number of the caller's. */
typedef int partition_read_t(void *context, uint64_t sector, void *data);

/*
 * Purpose: the partitions of a disk of `sectors` sectors. *note is set to what there is to say of the table, or NULL: why it is not
 * used, or that only the copy of a GPT was good, or that some partitions have numbers that are too high.
 * Returns: how many; 0 also for a disk without a table, and with a damaged one: all of it counts, or nothing. -1: the disk cannot be read.
 */
int partitions_find(uint64_t sectors, partition_read_t *read, void *context, struct partition found[PARTITIONS_MAX],
	const char **note);

#endif
