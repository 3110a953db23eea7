/*
 * The virtio block device ("Virtual I/O Device (VIRTIO) Version 1.2", section 5.2) and the requests
 * on their way through it.
 *
 *	request_submit --> ring --> device --> interrupt --> device_interrupt --> done()
 *	        \-> waiting (ring full) -----/
 *
 * All functions are called by the driver's one thread; nothing waits for the device. It transfers to
 * and from the requests' own pages: pages.c.
 */
#ifndef FS_BLK_DEVICE_H
#define FS_BLK_DEVICE_H

#include "virtio/virtio.h"

#include <proto/types.h>

#define REQUESTS_MAX 64u		/* accepted and not answered; more are refused */
#define DATA_PIECES_MAX (BLK_TRANSFER_MAX / 4096 + 1)	/* pages that a request's data touch */

/* The device's numbers. */
enum request_kind { REQUEST_READ = 0, REQUEST_WRITE = 1, REQUEST_FLUSH = 4 };

struct request {
	enum request_kind kind;
	uint64_t sector;
	void *data;			/* what to write: owned; what was read: the receiver's */
	uint32_t bytes;
	mach_port_t reply_port;		/* owned */
	bool pinned;			/* its pages are in the device's hands */
	struct request *next;		/* free or waiting */
};

/*
 * Told once for each request submitted, in any order; the request is then free. A read that
 * succeeded brings its data in fresh pages, which belong to the function.
 */
typedef void request_done_t(struct request *request, kern_return_t result);

struct device {
	struct virtio_device virtio;
	struct vring ring;
	mach_port_t master;		/* device-master port */
	mach_port_t dma;		/* owner of the memory the device may touch */
	uint32_t irq;
	bool can_flush;
	struct blk_info info;
	request_done_t *done;

	struct shared *shared;		/* request headers and states, where the device sees them */
	phys_addr_t shared_physical;

	struct request requests[REQUESTS_MAX];
	struct request *free;
	struct request *waiting, **waiting_end;		/* in order of arrival */
};

/*
 * Purpose: find the n-th block device (in order of address), reset it, set it up and let its
 * interrupts go to irq_port.
 * Conditions: irq_port names a receive and a send right.
 * Returns: 0 and a working device; KERN_INVALID_ARGUMENT when there is none; what failed otherwise.
 */
kern_return_t device_open(struct device *dev, mach_port_t master, unsigned n, mach_port_t irq_port,
	request_done_t *done);

/*
 * Purpose: start a transfer of `bytes` bytes; data is what to write, NULL otherwise.
 * Conditions: the range lies on the disk; bytes is at most BLK_TRANSFER_MAX, 0 for a flush.
 * Returns: KERN_SUCCESS, data and reply_port are then the request's and done() follows;
 * KERN_RESOURCE_SHORTAGE when too many requests are on their way, or there is no memory.
 */
kern_return_t request_submit(struct device *dev, enum request_kind kind, uint64_t sector,
	void *data, uint32_t bytes, mach_port_t reply_port);

/* Purpose: handle an interrupt: finish what is done, start what waited, unmask the line. */
void device_interrupt(struct device *dev);

/* --- pages.c --- */

/*
 * Purpose: give a request its pages and describe them in pieces[DATA_PIECES_MAX].
 * Returns: KERN_SUCCESS and how many pieces; KERN_RESOURCE_SHORTAGE.
 */
kern_return_t pages_pin(struct device *dev, struct request *r, struct vring_piece *pieces,
	unsigned *count);

/* Purpose: take them back, if it has any. What a read filled stays, r->data, if it went well. */
void pages_unpin(struct device *dev, struct request *r, bool ok);

#endif
