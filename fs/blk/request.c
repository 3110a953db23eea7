/*
 * Requests: describing them to the device, finishing them. See device.h.
 *
 * A request is a chain of: header (device reads) | data in pieces, unless it is a flush | state byte
 * (device writes). The header and the state byte of requests[i] are shared->header[i], shared->state[i].
 */
#include "device.h"
#include "shared.h"

#include "mach/mach.h"
#include "mach/print.h"

#include <stddef.h>

/* Whether the ring has room, however scattered the request's pages are. */
static bool
has_room(const struct device *dev, const struct request *r)
{
	vm_address_t start = (vm_address_t)r->data;

	return dev->ring.free_count >= 2 + vm_page_round((start & VM_PAGE_MASK) + r->bytes) / VM_PAGE_SIZE;
}

/* Puts a request into the ring, which has room. Returns KERN_RESOURCE_SHORTAGE: there is no memory. */
static kern_return_t
enter(struct device *dev, struct request *r)
{
	struct vring_piece pieces[PIECES_MAX];
	size_t i = (size_t)(r - dev->requests);
	unsigned count = 0;
	kern_return_t kr = r->bytes > 0 ? pages_pin(dev, r, &pieces[1], &count) : KERN_SUCCESS;

	if (kr != KERN_SUCCESS)
		return kr;
	dev->shared->header[i] = (struct blk_header){ .type = r->kind, .sector = r->sector };
	dev->shared->state[i] = STATE_NONE;
	pieces[0] = (struct vring_piece){
		.physical = dev->shared_physical + offsetof(struct shared, header)
			+ i * sizeof(struct blk_header),
		.length = sizeof(struct blk_header),
	};
	pieces[count + 1] = (struct vring_piece){
		.physical = dev->shared_physical + offsetof(struct shared, state) + i,
		.length = 1, .device_writes = true,
	};
	vring_add(&dev->ring, pieces, count + 2, r);
	return KERN_SUCCESS;
}

static void
publish(struct device *dev)
{
	if (vring_publish(&dev->ring))
		virtio_notify(&dev->virtio, 0);
}

static void
release(struct device *dev, struct request *r)
{
	r->next = dev->free;
	dev->free = r;
}

kern_return_t
request_submit(struct device *dev, enum request_kind kind, uint64_t sector, void *data,
	uint32_t bytes, mach_port_t reply_port)
{
	struct request *r = dev->free;
	kern_return_t kr = KERN_SUCCESS;

	if (!r)
		return KERN_RESOURCE_SHORTAGE;
	dev->free = r->next;
	*r = (struct request){
		.kind = kind, .sector = sector, .data = data, .bytes = bytes,
		.reply_port = reply_port,
	};
	if (dev->waiting || !has_room(dev, r)) {
		*dev->waiting_end = r;
		dev->waiting_end = &r->next;
		return KERN_SUCCESS;
	}
	kr = enter(dev, r);
	if (kr == KERN_SUCCESS)
		publish(dev);
	else
		release(dev, r);
	return kr;
}

static void
finish(struct device *dev, struct request *r, kern_return_t kr)
{
	pages_unpin(dev, r, kr == KERN_SUCCESS);
	dev->done(r, kr);
	release(dev, r);
}

/* What the device says of a request that it has finished. */
static kern_return_t
result(const struct device *dev, const struct request *r)
{
	return dev->shared->state[r - dev->requests] == STATE_OK ? KERN_SUCCESS : KERN_MEMORY_ERROR;
}

/* Puts waiting requests into the ring while there is room. Who finds no memory is told: he may ask again. */
static void
start_waiting(struct device *dev)
{
	while (dev->waiting && has_room(dev, dev->waiting)) {
		struct request *r = dev->waiting;
		kern_return_t kr;

		dev->waiting = r->next;
		if (!dev->waiting)
			dev->waiting_end = &dev->waiting;
		r->next = NULL;
		kr = enter(dev, r);
		if (kr != KERN_SUCCESS)
			finish(dev, r, kr);
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
		finish(dev, r, result(dev, r));
	if (dev->ring.broken) {
		/* Init starts the driver again; clients send again what was not answered. */
		virtio_reset(&dev->virtio);
		panic("blk: %s: the device broke the rules of its queue", dev->info.name);
	}
	if (dev->waiting)
		start_waiting(dev);
	device_irq_ack(dev->master, dev->irq);
}
