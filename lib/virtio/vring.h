/*
 * The split virtqueue ("Virtual I/O Device (VIRTIO) Version 1.2", section 2.7): the driver's side,
 * without any I/O.
 *
 *	descriptors (driver writes)    available ring (driver)    used ring (device writes)
 *	+------+-----+-------+------+  +-------+-----+---------+  +-------+-----+--------------+
 *	| addr | len | flags | next |  | flags | idx | head[n] |  | flags | idx | {id, len}[n] |
 *	+------+-----+-------+------+  +-------+-----+---------+  +-------+-----+--------------+
 *	 n of them, chained by next     idx counts up for ever      idx counts up for ever
 *
 * A request is a chain of pieces of memory: first those the device reads, then those it writes. The
 * caller gives each request a token and gets it back when the device is done. What the driver must
 * remember (free descriptors, chain lengths, tokens) is kept outside of the shared memory, and what
 * the device says is checked, so that a faulty device makes the ring `broken` but cannot make the
 * driver touch what is not its own.
 *
 * Not thread-safe: the caller locks.
 */
#ifndef LIB_VIRTIO_VRING_H
#define LIB_VIRTIO_VRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VRING_SIZE_MAX 256u		/* descriptors; devices may offer more */
#define VRING_ALIGN 16u			/* bytes, of the ring's memory */

enum { VRING_DESC_NEXT = 1, VRING_DESC_WRITE = 2 };
enum { VRING_USED_NO_NOTIFY = 1 };

struct vring_desc {
	uint64_t addr;			/* physical */
	uint32_t len;			/* bytes */
	uint16_t flags;			/* VRING_DESC_* */
	uint16_t next;
};

struct vring_avail {
	uint16_t flags;
	uint16_t idx;
	uint16_t ring[];
};

struct vring_used_element {
	uint32_t id;			/* head of the chain */
	uint32_t len;			/* bytes the device wrote */
};

struct vring_used {
	uint16_t flags;
	uint16_t idx;
	struct vring_used_element ring[];
};

_Static_assert(sizeof(struct vring_desc) == 16, "descriptor");
_Static_assert(sizeof(struct vring_used_element) == 8, "used element");

/* One contiguous piece of a request's memory. */
struct vring_piece {
	uint64_t physical;
	uint32_t length;		/* bytes, > 0 */
	bool device_writes;
};

struct vring {
	uint16_t size;			/* a power of two */
	uint16_t free_count;
	uint16_t free_head;
	uint16_t added;			/* our available index; vring_publish shows it */
	uint16_t taken;			/* used index up to which requests were handed back */
	bool broken;			/* the device broke the rules: reset it */

	struct vring_desc *desc;	/* shared with the device */
	struct vring_avail *avail;
	struct vring_used *used;

	uint16_t next[VRING_SIZE_MAX];	/* our copy of the chains and of the free list */
	uint16_t chain[VRING_SIZE_MAX];	/* length of the chain that begins here */
	void *token[VRING_SIZE_MAX];
};

/* Where the three parts lie in the ring's memory. */
struct vring_layout {
	size_t avail, used;		/* bytes from the start, where the descriptors are */
	size_t total;
};

struct vring_layout vring_layout(uint16_t size);

/*
 * Purpose: start with an empty ring.
 * Conditions: size a power of two up to VRING_SIZE_MAX; memory zeroed, VRING_ALIGN aligned,
 * vring_layout(size).total bytes.
 */
void vring_init(struct vring *ring, void *memory, uint16_t size);

/*
 * Purpose: add a request; the device sees it after vring_publish.
 * Conditions: token not NULL.
 * Returns: false when there are fewer than `count` free descriptors, or count is 0; nothing changed
 * then.
 */
bool vring_add(struct vring *ring, const struct vring_piece *pieces, unsigned count, void *token);

/* Shows the device all requests added. Returns whether it wants to be notified. */
bool vring_publish(struct vring *ring);

/*
 * Purpose: take back the next finished request.
 * Returns: its token, and in *written how many bytes the device says it wrote; NULL when none is
 * finished, or when the ring is broken.
 */
void *vring_take(struct vring *ring, uint32_t *written);

/*
 * Purpose: take back a request the device never finished. Conditions: the device was reset. Returns
 * its token; NULL: none left.
 */
void *vring_abandon(struct vring *ring);

#endif
