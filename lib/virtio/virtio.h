/*
 * A virtio device behind the MMIO transport, register layout version 2 ("Virtual I/O Device
 * (VIRTIO) Version 1.2", section 4.2).
 *
 * Registers are reached through a struct of two functions, so the same code drives a mapped device
 * and a simulated one. The order of a driver's calls:
 *
 *	virtio_probe         is there a device, of which kind?
 *	virtio_negotiate     reset it, agree on features
 *	virtio_queue_start   for each queue
 *	virtio_go            from here on it works
 */
#ifndef LIB_VIRTIO_VIRTIO_H
#define LIB_VIRTIO_VIRTIO_H

#include "virtio/vring.h"

enum { VIRTIO_ID_NONE = 0, VIRTIO_ID_NET = 1, VIRTIO_ID_BLOCK = 2 };

#define VIRTIO_F_VERSION_1	(1ull << 32)

enum { VIRTIO_IRQ_QUEUE = 1, VIRTIO_IRQ_CONFIG = 2 };

struct virtio_device;

struct virtio_bus {
	uint32_t (*read)(struct virtio_device *dev, uint32_t offset);
	void (*write)(struct virtio_device *dev, uint32_t offset, uint32_t value);
};

struct virtio_device {
	const struct virtio_bus *bus;
	volatile uint8_t *registers;	/* for virtio_mmio_bus: where the device is mapped */
};

/* Registers mapped into our memory. */
extern const struct virtio_bus virtio_mmio_bus;

/*
 * Returns the device id (VIRTIO_ID_*), NONE for an empty slot or a register layout that is not
 * version 2.
 */
uint32_t virtio_probe(struct virtio_device *dev);

/*
 * Stops the device: it forgets its queues and touches memory no more. Returns false if it does not
 * say that it stopped.
 */
bool virtio_reset(struct virtio_device *dev);

/*
 * Purpose: reset the device and accept those features of `wanted` that it offers,
 * VIRTIO_F_VERSION_1 always.
 * Returns: whether it agreed; *accepted then holds the features.
 */
bool virtio_negotiate(struct virtio_device *dev, uint64_t wanted, uint64_t *accepted);

/*
 * Returns the largest size of a queue that both sides can do, a power of two; 0 if there is no such
 * queue or it is in use.
 */
uint16_t virtio_queue_size(struct virtio_device *dev, uint32_t queue);

/*
 * Tells the device where a queue's ring lies. `physical`: of the memory given to vring_init with
 * this size.
 */
void virtio_queue_start(struct virtio_device *dev, uint32_t queue, uint16_t size,
	uint64_t physical);

/* Ends the set-up. Returns false if the device reports a failure. */
bool virtio_go(struct virtio_device *dev);

/* Tells the device that a queue has new requests. */
void virtio_notify(struct virtio_device *dev, uint32_t queue);

/* Returns why the device interrupted (VIRTIO_IRQ_*) and takes the interrupt back. */
uint32_t virtio_irq_take(struct virtio_device *dev);

/* Purpose: read 32-bit words of the device's configuration space, all from the same generation. */
void virtio_config_read(struct virtio_device *dev, uint32_t offset, uint32_t *words,
	unsigned count);

#endif
