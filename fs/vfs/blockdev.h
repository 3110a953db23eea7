/*
 * A disk as the file systems see it: bytes at offsets, moved from and to scattered memory.
 *
 * The server implements it with messages to the block driver, tests with an image file. Offsets and
 * lengths are multiples of 512 bytes; the caller stays below `size`, the implementation checks it
 * again.
 */
#ifndef FS_VFS_BLOCKDEV_H
#define FS_VFS_BLOCKDEV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BLOCKDEV_SECTOR 512u
#define BLOCKDEV_SEGMENTS_MAX 64u	/* pieces of one transfer */

struct blockdev_segment {
	void *data;
	size_t length;			/* bytes, multiple of a sector */
};

struct blockdev;

struct blockdev_ops {
	/*
	 * Purpose: read the bytes from `offset` on into the segments, in order.
	 * Conditions: no lock that another reader needs is held; may block; may be called by many
	 * threads at once.
	 * Returns: 0, or EIO when any part could not be read (the segments' content is then
	 * undefined).
	 */
	int (*read)(struct blockdev *dev, uint64_t offset, const struct blockdev_segment *segments,
		unsigned count);
	/*
	 * Purpose: write the segments, in order, from `offset` on.
	 * Conditions: as for read; no two writes to the same bytes at a time. The disk may keep
	 * what it was given in a volatile cache, and write it in any order, until the next flush.
	 * Returns: 0; EIO when any part could not be written; ENODEV when the disk does not answer
	 * at all; EROFS.
	 */
	int (*write)(struct blockdev *dev, uint64_t offset, const struct blockdev_segment *segments,
		unsigned count);
	/* Returns 0 when every write that had returned before is on stable storage; EIO. */
	int (*flush)(struct blockdev *dev);
};

struct blockdev {
	const struct blockdev_ops *ops;
	const char *name;		/* "vda1", for messages */
	uint64_t size;			/* bytes */
	bool read_only;
};

#endif
