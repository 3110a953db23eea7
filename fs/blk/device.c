/*
 * Finding the device and setting it up. See device.h.
 */
#include "device.h"
#include "shared.h"

#include "mach/mach.h"
#include "mach/print.h"
#include "mach/service.h"

#define QUEUE 0u			/* the only one */
#define QUEUE_SIZE_MIN PIECES_MAX
#define DISKS_MAX 26u			/* vda .. vdz */

/* Feature bits and configuration, sections 5.2.3 and 5.2.4 of the specification. */
#define F_SIZE_MAX	(1ull << 1)
#define F_SEG_MAX	(1ull << 2)
#define F_READ_ONLY	(1ull << 5)
#define F_BLOCK_SIZE	(1ull << 6)
#define F_FLUSH		(1ull << 9)

enum { CONFIG_CAPACITY = 0, CONFIG_SIZE_MAX = 8, CONFIG_SEG_MAX = 12, CONFIG_BLOCK_SIZE = 20 };	/* byte offsets */

/* Maps a slot's registers. Slots are smaller than a page, so the whole page is mapped. */
static kern_return_t
map_slot(struct device *dev, const struct device_info *slot)
{
	phys_addr_t base = vm_page_trunc(slot->base);
	vm_address_t page;
	kern_return_t kr = device_map(dev->master, base, VM_PAGE_SIZE, &page);

	dev->virtio.bus = &virtio_mmio_bus;
	if (kr == KERN_SUCCESS)
		dev->virtio.registers = (volatile uint8_t *)(page + (slot->base - base));
	return kr;
}

static void
unmap_slot(struct device *dev)
{
	vm_address_t registers = (vm_address_t)dev->virtio.registers;

	vm_deallocate(mach_task_self(), vm_page_trunc(registers), VM_PAGE_SIZE);
}

static bool
is_disk(struct device *dev, const struct device_info *slot)
{
	bool found;

	if (slot->kind != DEVICE_VIRTIO_MMIO || map_slot(dev, slot) != KERN_SUCCESS)
		return false;
	found = virtio_probe(&dev->virtio) == VIRTIO_ID_BLOCK;
	unmap_slot(dev);
	return found;
}

/* Maps the n-th disk in order of address. */
static kern_return_t
find(struct device *dev, unsigned n)
{
	struct device_info slot, disks[DISKS_MAX];
	unsigned count = 0, at;
	kern_return_t kr;

	for (uint32_t i = 0; (kr = device_info(dev->master, i, &slot)) == KERN_SUCCESS; i++) {
		if (count == DISKS_MAX || !is_disk(dev, &slot))
			continue;
		for (at = count++; at > 0 && disks[at - 1].base > slot.base; at--)
			disks[at] = disks[at - 1];
		disks[at] = slot;
	}
	if (n >= count)
		return kr;
	dev->irq = disks[n].irq;
	dev->info.name[0] = 'v', dev->info.name[1] = 'd', dev->info.name[2] = (char)('a' + n);
	return map_slot(dev, &disks[n]);
}

/* Returns KERN_SUCCESS if the device takes our largest request: in few pieces, or in many. */
static kern_return_t
check_pieces(struct device *dev, uint64_t features)
{
	uint32_t size = BLK_TRANSFER_MAX, count = DATA_PIECES_MAX;

	if (features & F_SIZE_MAX)
		virtio_config_read(&dev->virtio, CONFIG_SIZE_MAX, &size, 1);
	if (features & F_SEG_MAX)
		virtio_config_read(&dev->virtio, CONFIG_SEG_MAX, &count, 1);
	if (size >= BLK_TRANSFER_MAX && count >= DATA_PIECES_MAX)
		return KERN_SUCCESS;
	print("blk: %s takes only %u pieces of %u bytes at once\n", dev->info.name, count, size);
	return KERN_NOT_SUPPORTED;
}

/* Agrees on features and reads what the disk is like. */
static kern_return_t
negotiate(struct device *dev)
{
	uint64_t wanted = F_SIZE_MAX | F_SEG_MAX | F_READ_ONLY | F_BLOCK_SIZE | F_FLUSH, accepted;
	uint32_t words[2];

	if (!virtio_negotiate(&dev->virtio, wanted, &accepted))
		return KERN_FAILURE;
	virtio_config_read(&dev->virtio, CONFIG_CAPACITY, words, 2);
	dev->info.sectors = words[0] | (uint64_t)words[1] << 32;
	dev->info.read_only = (accepted & F_READ_ONLY) != 0;
	dev->info.block_size = BLK_SECTOR_SIZE;
	dev->can_flush = (accepted & F_FLUSH) != 0;
	if (accepted & F_BLOCK_SIZE)
		virtio_config_read(&dev->virtio, CONFIG_BLOCK_SIZE, &dev->info.block_size, 1);
	return check_pieces(dev, accepted);
}

/*
 * The port that owns our memory for the device. One that init keeps outlives a driver that was
 * killed; the device has just been reset, so this instance may have what an earlier one left: it
 * gets the same blocks again, also when none could be had elsewhere.
 */
static kern_return_t
get_dma_port(struct device *dev)
{
	dev->dma = service_grant("dma");
	if (dev->dma == MACH_PORT_NULL)
		return device_dma_create(dev->master, &dev->dma);
	return device_dma_release_all(dev->dma);
}

/* Gives the device its queue. */
static kern_return_t
start_queue(struct device *dev)
{
	uint16_t size = virtio_queue_size(&dev->virtio, QUEUE);
	struct device_dma_region region;
	kern_return_t kr;

	if (size < QUEUE_SIZE_MIN)
		return KERN_NOT_SUPPORTED;
	kr = device_dma_alloc(dev->dma,
		vm_page_round(sizeof(struct shared) + vring_layout(size).total), &region);
	if (kr != KERN_SUCCESS)
		return kr;
	dev->shared = (struct shared *)region.address;
	dev->shared_physical = region.physical;
	vring_init(&dev->ring, dev->shared->ring, size);
	virtio_queue_start(&dev->virtio, QUEUE, size,
		region.physical + offsetof(struct shared, ring));
	return KERN_SUCCESS;
}

kern_return_t
device_open(struct device *dev, mach_port_t master, unsigned n, mach_port_t irq_port,
	request_done_t *done)
{
	kern_return_t kr;

	*dev = (struct device){ .master = master, .done = done, .waiting_end = &dev->waiting };
	for (unsigned i = 0; i < REQUESTS_MAX; i++) {
		dev->requests[i].next = dev->free;
		dev->free = &dev->requests[i];
	}
	kr = find(dev, n);
	if (kr == KERN_SUCCESS)
		kr = negotiate(dev);
	if (kr == KERN_SUCCESS)
		kr = get_dma_port(dev);
	if (kr == KERN_SUCCESS)
		kr = start_queue(dev);
	if (kr == KERN_SUCCESS)
		kr = device_irq_register(master, dev->irq, irq_port);
	if (kr == KERN_SUCCESS && !virtio_go(&dev->virtio))
		kr = KERN_FAILURE;
	return kr;
}
