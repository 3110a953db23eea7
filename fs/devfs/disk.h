/*
 * Disks as files: any byte of a disk, whether or not a file system is mounted from it.
 *
 * The disk or partition that is mounted at / is read as that file system knows it: a block that it
 * has in its cache comes from there, also one that is not yet written. Other blocks are read past the
 * cache, so that who reads a whole disk takes no file's place in it. What another file system, or the
 * one on a partition, has not written yet is not seen. A disk from which something is mounted, and
 * one that is swapped to, is not written by anybody else: opening it for writing is EBUSY, also
 * through the name of the whole disk or a part of it.
 */
#ifndef FS_DEVFS_DISK_H
#define FS_DEVFS_DISK_H

#include "../vfs/bcache.h"
#include "../vfs/os.h"

struct devfs_disk {
	const char *name;		/* "vda", "vda1" */
	unsigned number;		/* of a partition; 0: the whole disk */
	struct blockdev *dev;
	struct bcache *cache;		/* of the file system at /, if it is mounted from it, or NULL */
	bool in_use;			/* by somebody who would not notice that it is written; relaxed atomic */
	unsigned parts_in_use;		/* so many partitions of it are; relaxed atomic */
	struct devfs_disk *whole;	/* the disk of a partition, or NULL */
	struct os_mutex lock;		/* a sector that is written in part is read before */
};

/*
 * Purpose: read what there is of `length` bytes from `offset` on.
 * Returns: 0 and how many, 0 from the disk's end on; EIO if the first of them cannot be read; ENOMEM.
 */
int disk_file_read(struct devfs_disk *disk, uint64_t offset, void *data, size_t length, size_t *done);

/*
 * Purpose: write what fits on the disk. It is on its way there on return, and stable after a flush.
 * Returns: 0 and how many bytes; ENOSPC at the end; EROFS; EBUSY; EIO; ENOMEM.
 */
int disk_file_write(struct devfs_disk *disk, uint64_t offset, const void *data, size_t length,
	size_t *done);

/*
 * Purpose: take a disk or partition for somebody who would not notice that others write it, and give it back. Conditions: one at a time.
 * Returns: 0; EBUSY: it is taken, or a part of it, or what it is a part of.
 */
int disk_file_claim(struct devfs_disk *disk);
void disk_file_release(struct devfs_disk *disk);

/* Returns 0 if the disk may be written; EROFS; EBUSY. */
int disk_file_writable(const struct devfs_disk *disk);

#endif
