#include "bell.h"

#include <mach/device.h>

#include "mach/startup.h"

#define SELF   mach_task_self()
#define MASTER startup_info->device
#define PAGE   VM_PAGE_SIZE

enum { ID_BALLOON = 5, DEFLATE = 1, RING_SIZE = 4, PAGES = 2 };

#define RING_AT	(PAGE - RING_SIZE * sizeof(struct vring_desc))	/* its descriptors end the first page */

/* The first slot with a balloon: mapped, its line known. */
static bool
find(struct bell *bell)
{
	struct device_info info;
	vm_address_t registers;

	for (uint32_t i = 0; device_info(MASTER, i, &info) == KERN_SUCCESS; i++) {
		if (info.kind != DEVICE_VIRTIO_MMIO || device_map(MASTER, info.base, info.size, &registers) != KERN_SUCCESS)
			continue;
		bell->registers = vm_page_trunc(registers);
		bell->device = (struct virtio_device){&virtio_mmio_bus, (volatile uint8_t *)registers};
		bell->irq = info.irq;
		if (virtio_probe(&bell->device) == ID_BALLOON)
			return true;
		vm_deallocate(SELF, bell->registers, PAGE);
	}
	return false;
}

static bool
begin(struct bell *bell)
{
	struct device_dma_region region;
	uint64_t features;

	if (device_dma_create(MASTER, &bell->dma) != KERN_SUCCESS)
		return false;
	if (device_dma_alloc(bell->dma, PAGES * PAGE, &region) != KERN_SUCCESS) {
		mach_port_deallocate(SELF, bell->dma);
		return false;
	}
	bell->memory = region.address;
	bell->request = region.physical + PAGES * PAGE - sizeof(uint32_t);		/* behind the ring */
	*(volatile uint32_t *)(bell->memory + PAGES * PAGE - sizeof(uint32_t)) = (uint32_t)(region.physical / PAGE);
	vring_init(&bell->ring, (void *)(bell->memory + RING_AT), RING_SIZE);
	if (!virtio_negotiate(&bell->device, 0, &features) || virtio_queue_size(&bell->device, DEFLATE) < RING_SIZE)
		return false;
	virtio_queue_start(&bell->device, DEFLATE, RING_SIZE, region.physical + RING_AT);
	return virtio_go(&bell->device);
}

bool
bell_open(struct bell *bell)
{
	*bell = (struct bell){0};
	if (!find(bell))
		return false;
	if (begin(bell))
		return true;
	bell_close(bell);
	return false;
}

void
bell_close(struct bell *bell)
{
	virtio_reset(&bell->device);
	vm_deallocate(SELF, bell->registers, PAGE);
	if (bell->memory == 0)
		return;
	vm_deallocate(SELF, bell->memory, PAGES * PAGE);
	device_dma_release_all(bell->dma);
	mach_port_deallocate(SELF, bell->dma);
}

void
bell_load(struct bell *bell)
{
	const struct vring_piece piece = {.physical = bell->request, .length = sizeof(uint32_t)};

	vring_add(&bell->ring, &piece, 1, bell);
	vring_publish(&bell->ring);
}

bool
bell_quiet(struct bell *bell)
{
	uint32_t written;

	virtio_irq_take(&bell->device);
	return vring_take(&bell->ring, &written) != NULL;
}
