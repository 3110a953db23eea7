/*
 * A device that interrupts when it is told to, on both machines: QEMU's virtio balloon (conf/qemu.py, bell_args). Its deflate queue
 * ("Virtual I/O Device (VIRTIO) Version 1.2", section 5.5) takes a request with the number of a page which is not in the balloon, and
 * so nothing happens but that the request is done: QEMU says that, by an interrupt, before the store that notified the queue is over.
 * The ring lies across the end of the first page: it works where the frames of device_dma_alloc are neighbours.
 */
#ifndef USER_TEST_BELL_H
#define USER_TEST_BELL_H

#include <stdbool.h>
#include <stdint.h>

#include "mach/mach.h"
#include "virtio/virtio.h"

struct bell {
	uint32_t irq;			/* line for device_irq_register */
	struct virtio_device device;
	struct vring ring;
	mach_port_t dma;
	vm_address_t registers, memory;	/* where the device, and two pages with ring and request, are mapped */
	uint64_t request;		/* physical address: the number of a page, 32 bits */
};

/* Purpose: find and start the device. Returns false if this machine has none, or none that works; nothing is left behind then. */
bool bell_open(struct bell *bell);

/* Stops the device and gives everything back. */
void bell_close(struct bell *bell);

/* Prepares the request that bell_ring shows to the device. */
void bell_load(struct bell *bell);

/* The device interrupts, and goes on asking until bell_quiet. Conditions: loaded. */
static inline void
bell_ring(struct bell *bell)
{
	virtio_notify(&bell->device, 1);
}

/* Takes the interrupt and the request back. Returns whether there was one. */
bool bell_quiet(struct bell *bell);

#endif
