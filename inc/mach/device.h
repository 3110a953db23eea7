/*
 * Devices for user-mode drivers. Every call needs the device-master port, which the kernel gives to task 1 only.
 *
 * DMA memory belongs to a `dma` port, not to a driver: its frames outlive the driver that used them, until a later instance has reset
 * the device and says so with device_dma_release_all. Contiguous blocks stay with the port even then, and device_dma_alloc gives them
 * out again before others; they go with the last right to it.
 */
#ifndef MACH_DEVICE_H
#define MACH_DEVICE_H

#include <mach/message.h>
#include <mach/types.h>

enum {
	DEVICE_VIRTIO_MMIO = 1,
	DEVICE_RTC = 2,
};

/* device_info(master, index, &info): INVALID_ARGUMENT past the last */
struct device_info {
	uint32_t kind;			/* DEVICE_* */
	uint32_t irq;			/* line for device_irq_register */
	uint64_t base;			/* physical address of the registers */
	uint64_t size;			/* bytes */
};

/* message a driver gets for each interrupt; the line stays masked until device_irq_ack */
#define DEVICE_IRQ_MSG_ID	2100

struct device_irq_message {
	mach_msg_header_t header;
	uint32_t irq;
	uint32_t count;			/* interrupts since the last message, at least 1 */
	mach_msg_trailer_t trailer;
};

/*
 * device_dma_pin(dma, address, size, frames, &count): the calling task's anonymous memory there keeps its frames until device_dma_unpin of
 * the same range or device_dma_release_all, also when the task is gone. `frames` gets the physical address of each page that the range
 * touches; count is the room there, and then their number. Memory that may only be read stays shared copy-on-write: for the device to read,
 * too. INVALID_ARGUMENT: too large, no room, not anonymous memory; unpin: no such pin.
 */
#define DEVICE_DMA_PIN_MAX	(4ull << 20)

/* device_dma_alloc result: contiguous, zeroed, mapped read-write into the caller */
struct device_dma_region {
	vm_address_t address;		/* where it is mapped */
	phys_addr_t physical;		/* what the device is told */
	vm_size_t size;			/* bytes */
};

#endif
