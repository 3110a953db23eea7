/*
 * The MMIO transport. See virtio.h. Register offsets: section 4.2.2, status bits: section 2.1 of
 * the specification.
 */
#include "virtio/virtio.h"

enum {
	REG_MAGIC = 0x000,
	REG_VERSION = 0x004,
	REG_DEVICE_ID = 0x008,
	REG_DEVICE_FEATURES = 0x010,
	REG_DEVICE_FEATURES_SEL = 0x014,
	REG_DRIVER_FEATURES = 0x020,
	REG_DRIVER_FEATURES_SEL = 0x024,
	REG_QUEUE_SEL = 0x030,
	REG_QUEUE_NUM_MAX = 0x034,
	REG_QUEUE_NUM = 0x038,
	REG_QUEUE_READY = 0x044,
	REG_QUEUE_NOTIFY = 0x050,
	REG_IRQ_STATUS = 0x060,
	REG_IRQ_ACK = 0x064,
	REG_STATUS = 0x070,
	REG_QUEUE_DESC = 0x080,
	REG_QUEUE_DRIVER = 0x090,
	REG_QUEUE_DEVICE = 0x0a0,
	REG_CONFIG_GENERATION = 0x0fc,
	REG_CONFIG = 0x100,
};

enum {
	STATUS_ACKNOWLEDGE = 1,
	STATUS_DRIVER = 2,
	STATUS_DRIVER_OK = 4,
	STATUS_FEATURES_OK = 8,
	STATUS_NEEDS_RESET = 64,
	STATUS_FAILED = 128,
};

#define MAGIC		0x74726976u		/* "virt" */
#define LAYOUT_MODERN	2u
#define RESET_TRIES 1000000		/* reads of the state until a device counts as dead */
#define GENERATION_TRIES 100		/* after that it is read as it comes */

static uint32_t
mmio_read(struct virtio_device *dev, uint32_t offset)
{
	return *(volatile uint32_t *)(dev->registers + offset);
}

static void
mmio_write(struct virtio_device *dev, uint32_t offset, uint32_t value)
{
	*(volatile uint32_t *)(dev->registers + offset) = value;
}

const struct virtio_bus virtio_mmio_bus = { mmio_read, mmio_write };

static uint32_t
get(struct virtio_device *dev, uint32_t offset)
{
	return dev->bus->read(dev, offset);
}

static void
put(struct virtio_device *dev, uint32_t offset, uint32_t value)
{
	dev->bus->write(dev, offset, value);
}

static void
put_address(struct virtio_device *dev, uint32_t offset, uint64_t physical)
{
	put(dev, offset, (uint32_t)physical);
	put(dev, offset + 4, (uint32_t)(physical >> 32));
}

static void
status_add(struct virtio_device *dev, uint32_t bits)
{
	put(dev, REG_STATUS, get(dev, REG_STATUS) | bits);
}

uint32_t
virtio_probe(struct virtio_device *dev)
{
	if (get(dev, REG_MAGIC) != MAGIC || get(dev, REG_VERSION) != LAYOUT_MODERN)
		return VIRTIO_ID_NONE;
	return get(dev, REG_DEVICE_ID);
}

bool
virtio_reset(struct virtio_device *dev)
{
	put(dev, REG_STATUS, 0);
	for (unsigned try = 0; try < RESET_TRIES; try++)
		if (get(dev, REG_STATUS) == 0)
			return true;
	return false;
}

bool
virtio_negotiate(struct virtio_device *dev, uint64_t wanted, uint64_t *accepted)
{
	uint64_t offered;

	if (!virtio_reset(dev))
		return false;
	status_add(dev, STATUS_ACKNOWLEDGE);
	status_add(dev, STATUS_DRIVER);
	put(dev, REG_DEVICE_FEATURES_SEL, 0);
	offered = get(dev, REG_DEVICE_FEATURES);
	put(dev, REG_DEVICE_FEATURES_SEL, 1);
	offered |= (uint64_t)get(dev, REG_DEVICE_FEATURES) << 32;
	*accepted = offered & (wanted | VIRTIO_F_VERSION_1);
	put(dev, REG_DRIVER_FEATURES_SEL, 0);
	put(dev, REG_DRIVER_FEATURES, (uint32_t)*accepted);
	put(dev, REG_DRIVER_FEATURES_SEL, 1);
	put(dev, REG_DRIVER_FEATURES, (uint32_t)(*accepted >> 32));
	status_add(dev, STATUS_FEATURES_OK);
	if (!(*accepted & VIRTIO_F_VERSION_1) || !(get(dev, REG_STATUS) & STATUS_FEATURES_OK)) {
		status_add(dev, STATUS_FAILED);
		return false;
	}
	return true;
}

uint16_t
virtio_queue_size(struct virtio_device *dev, uint32_t queue)
{
	uint32_t max, size = VRING_SIZE_MAX;

	put(dev, REG_QUEUE_SEL, queue);
	max = get(dev, REG_QUEUE_NUM_MAX);
	if (get(dev, REG_QUEUE_READY) != 0)
		return 0;
	while (size > max)
		size /= 2;
	return (uint16_t)size;
}

void
virtio_queue_start(struct virtio_device *dev, uint32_t queue, uint16_t size, uint64_t physical)
{
	struct vring_layout l = vring_layout(size);

	put(dev, REG_QUEUE_SEL, queue);
	put(dev, REG_QUEUE_NUM, size);
	put_address(dev, REG_QUEUE_DESC, physical);
	put_address(dev, REG_QUEUE_DRIVER, physical + l.avail);
	put_address(dev, REG_QUEUE_DEVICE, physical + l.used);
	put(dev, REG_QUEUE_READY, 1);
}

bool
virtio_go(struct virtio_device *dev)
{
	status_add(dev, STATUS_DRIVER_OK);
	return !(get(dev, REG_STATUS) & (STATUS_FAILED | STATUS_NEEDS_RESET));
}

void
virtio_notify(struct virtio_device *dev, uint32_t queue)
{
	put(dev, REG_QUEUE_NOTIFY, queue);
}

uint32_t
virtio_irq_take(struct virtio_device *dev)
{
	uint32_t why = get(dev, REG_IRQ_STATUS);

	put(dev, REG_IRQ_ACK, why);
	return why;
}

void
virtio_config_read(struct virtio_device *dev, uint32_t offset, uint32_t *words, unsigned count)
{
	for (unsigned try = 0; try < GENERATION_TRIES; try++) {
		uint32_t before = get(dev, REG_CONFIG_GENERATION);

		for (unsigned i = 0; i < count; i++)
			words[i] = get(dev, REG_CONFIG + offset + 4 * i);
		if (get(dev, REG_CONFIG_GENERATION) == before)
			return;
	}
}
