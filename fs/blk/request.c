/*
 * Requests: describing them to the device, finishing them. See device.h.
 *
 * A request is a chain of: header (device reads) | data, unless it is a flush | state byte (device
 * writes). The header and the state byte of requests[i] are shared->header[i], shared->state[i].
 */
#include "device.h"
#include "shared.h"

#include "mach/mach.h"
#include "mach/print.h"

#include <stddef.h>

#define PIECES_MAX 3u

/* Puts a request into the ring. Returns false when there is no room, or no buffer, now. */
static bool
enter(struct device *dev, struct request *r)
{
	struct vring_piece pieces[PIECES_MAX];
	size_t i = (size_t)(r - dev->requests);
	unsigned count = 1;

	if (dev->ring.free_count < PIECES_MAX)
		return false;
	if (r->bytes > 0 && !buffer_take(dev, r, &pieces[count++]))
		return false;
	dev->shared->header[i] = (struct blk_header){ .type = r->kind, .sector = r->sector };
	dev->shared->state[i] = STATE_NONE;
	pieces[0] = (struct vring_piece){
		.physical = dev->shared_physical + offsetof(struct shared, header)
			+ i * sizeof(struct blk_header),
		.length = sizeof(struct blk_header),
	};
	pieces[count++] = (struct vring_piece){
		.physical = dev->shared_physical + offsetof(struct shared, state) + i,
		.length = 1, .device_writes = true,
	};
	return vring_add(&dev->ring, pieces, count, r);
}

static void
publish(struct device *dev)
{
	if (vring_publish(&dev->ring))
		virtio_notify(&dev->virtio, 0);
}

kern_return_t
request_submit(struct device *dev, enum request_kind kind, uint64_t sector, void *data,
	uint32_t bytes, mach_port_t reply_port)
{
	struct request *r = dev->free;

	if (!r)
		return KERN_RESOURCE_SHORTAGE;
	dev->free = r->next;
	*r = (struct request){
		.kind = kind, .sector = sector, .data = data, .bytes = bytes,
		.reply_port = reply_port, .buffer = -1,
	};
	if (!dev->waiting && enter(dev, r)) {
		publish(dev);
	} else {
		*dev->waiting_end = r;
		dev->waiting_end = &r->next;
	}
	return KERN_SUCCESS;
}

static void
finish(struct device *dev, struct request *r)
{
	bool ok = dev->shared->state[r - dev->requests] == STATE_OK;
	kern_return_t kr = buffer_give(dev, r, ok && r->kind == REQUEST_READ);

	dev->done(r, ok ? kr : KERN_MEMORY_ERROR);
	r->next = dev->free;
	dev->free = r;
}

/* Puts waiting requests into the ring while there is room. */
static void
start_waiting(struct device *dev)
{
	while (dev->waiting && enter(dev, dev->waiting)) {
		dev->waiting = dev->waiting->next;
		if (!dev->waiting)
			dev->waiting_end = &dev->waiting;
	}
	publish(dev);
}

void
device_interrupt(struct device *dev)
{
	struct request *r;
	uint32_t written;

	virtio_irq_take(&dev->virtio);
	while ((r = vring_take(&dev->ring, &written)) != NULL)
		finish(dev, r);
	if (dev->ring.broken) {
		/* Init starts the driver again; clients send again what was not answered. */
		virtio_reset(&dev->virtio);
		panic("blk: %s: the device broke the rules of its queue", dev->info.name);
	}
	if (dev->waiting)
		start_waiting(dev);
	device_irq_ack(dev->master, dev->irq);
}
