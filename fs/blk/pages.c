/*
 * Where the device puts data and takes it from: buffers that belong to the dma port, so that no
 * frame the device may still write to is reused while the driver is gone. One copy stands between
 * them and the pages of a message.
 */
#include "device.h"

#include "mach/mach.h"

#include <string.h>

kern_return_t
buffers_open(struct device *dev)
{
	struct device_dma_region region;
	kern_return_t kr = device_dma_alloc(dev->dma, BUFFERS * BLK_TRANSFER_MAX, &region);

	if (kr != KERN_SUCCESS)
		return kr;
	dev->buffers = (uint8_t *)region.address;
	dev->buffers_physical = region.physical;
	return KERN_SUCCESS;
}

static uint8_t *
buffer_data(struct device *dev, const struct request *r)
{
	return dev->buffers + (size_t)r->buffer * BLK_TRANSFER_MAX;
}

bool
buffer_take(struct device *dev, struct request *r, struct vring_piece *piece)
{
	uint32_t free = ~dev->buffers_used & ((1u << BUFFERS) - 1);

	if (free == 0)
		return false;
	r->buffer = __builtin_ctz(free);
	dev->buffers_used |= 1u << r->buffer;
	if (r->kind == REQUEST_WRITE)
		memcpy(buffer_data(dev, r), r->data, r->bytes);
	*piece = (struct vring_piece){
		.physical = dev->buffers_physical + (uint64_t)r->buffer * BLK_TRANSFER_MAX,
		.length = r->bytes,
		.device_writes = r->kind == REQUEST_READ,
	};
	return true;
}

kern_return_t
buffer_give(struct device *dev, struct request *r, bool fetch)
{
	vm_address_t pages = 0;
	kern_return_t kr = KERN_SUCCESS;

	if (r->buffer < 0)
		return KERN_SUCCESS;
	if (fetch)
		kr = vm_allocate(mach_task_self(), &pages, vm_page_round(r->bytes),
			VM_FLAGS_ANYWHERE);
	if (fetch && kr == KERN_SUCCESS) {
		r->data = (void *)pages;
		memcpy(r->data, buffer_data(dev, r), r->bytes);
	}
	dev->buffers_used &= ~(1u << r->buffer);
	r->buffer = -1;
	return kr == KERN_SUCCESS ? kr : KERN_RESOURCE_SHORTAGE;
}
