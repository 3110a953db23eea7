/*
 * The memory of a request, which the device reads and writes itself: the pages that came with a write, and those that a read fills
 * and its reply takes along. The kernel pins them to the dma port: none of their frames is used for anything else before the device
 * has done with it, or a later driver has reset the device, whatever becomes of this one.
 */
#include "device.h"

#include "mach/mach.h"

/*
 * Gets the memory. What came with a write may be the client's, too, as long as neither writes to it: read-only, it is pinned as it is,
 * and needs no frame. Pages that the device writes to are fresh.
 */
static kern_return_t
prepare(struct request *r)
{
	vm_address_t at = (vm_address_t)r->data;
	kern_return_t kr;

	if (r->kind == REQUEST_WRITE)
		return vm_protect(mach_task_self(), at, r->bytes, false, VM_PROT_READ);
	kr = vm_allocate(mach_task_self(), &at, vm_page_round(r->bytes), VM_FLAGS_ANYWHERE);
	r->data = (void *)at;
	return kr;
}

static void
free_fresh(struct request *r)
{
	if (r->kind == REQUEST_READ)
		vm_deallocate(mach_task_self(), (vm_address_t)r->data, vm_page_round(r->bytes));
}

/* Describes the frames, neighbours together. Returns the number of pieces. */
static unsigned
describe(const struct request *r, const phys_addr_t *frames, struct vring_piece *pieces)
{
	uint32_t in = (uint32_t)((vm_address_t)r->data & VM_PAGE_MASK), left = r->bytes;
	unsigned count = 0;

	for (; left > 0; frames++, in = 0) {
		uint32_t length = VM_PAGE_SIZE - in < left ? (uint32_t)VM_PAGE_SIZE - in : left;
		struct vring_piece *last = count > 0 ? &pieces[count - 1] : NULL;

		if (last != NULL && last->physical + last->length == *frames + in)
			last->length += length;
		else
			pieces[count++] = (struct vring_piece){
				.physical = *frames + in, .length = length,
				.device_writes = r->kind == REQUEST_READ,
			};
		left -= length;
	}
	return count;
}

kern_return_t
pages_pin(struct device *dev, struct request *r, struct vring_piece *pieces, unsigned *count)
{
	phys_addr_t frames[DATA_PIECES_MAX];
	uint32_t pages = DATA_PIECES_MAX;
	kern_return_t kr = prepare(r);

	if (kr != KERN_SUCCESS)
		return KERN_RESOURCE_SHORTAGE;
	kr = device_dma_pin(dev->dma, (vm_address_t)r->data, r->bytes, frames, &pages);
	if (kr != KERN_SUCCESS) {
		free_fresh(r);
		return KERN_RESOURCE_SHORTAGE;
	}
	r->pinned = true;
	*count = describe(r, frames, pieces);
	return KERN_SUCCESS;
}

void
pages_unpin(struct device *dev, struct request *r, bool ok)
{
	if (!r->pinned)
		return;
	device_dma_unpin(dev->dma, (vm_address_t)r->data, r->bytes);
	r->pinned = false;
	if (!ok)
		free_fresh(r);
}
