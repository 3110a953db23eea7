/*
 * The driver's memory that the device sees besides the data: one region of its dma port.
 *
 *	+-----------------------+----------------+----------------------------+
 *	| header[REQUESTS_MAX]  | state[...]     | ring (vring_layout(size))  |
 *	+-----------------------+----------------+----------------------------+
 */
#ifndef FS_BLK_SHARED_H
#define FS_BLK_SHARED_H

#include "device.h"

struct blk_header {
	uint32_t type;			/* enum request_kind */
	uint32_t reserved;
	uint64_t sector;		/* of 512 bytes */
};

_Static_assert(sizeof(struct blk_header) == 16, "virtio-blk request header");

/* A request's pieces in the ring: header, data, state. */
#define PIECES_MAX (DATA_PIECES_MAX + 2)

/* What the device says of a request; NONE is ours, for one it has not looked at. */
enum { STATE_OK = 0, STATE_NONE = 0xff };

struct shared {
	struct blk_header header[REQUESTS_MAX];
	volatile uint8_t state[REQUESTS_MAX];
	_Alignas(VRING_ALIGN) uint8_t ring[];
};

#endif
