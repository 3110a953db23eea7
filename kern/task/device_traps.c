/*
 * Devices for user-mode drivers: registers, interrupts as messages, memory for DMA (MACH.md "Interrupts", DESIGN.md decision 8).
 *
 * An interrupt line has one owner, a send right. When the line fires the kernel masks it and sends a message that is kept for the purpose; the
 * driver's device_irq_ack unmasks it. When the owner's port dies the line is masked and free for the next driver.
 *
 * A dma port owns frames, not the driver that uses them: a dead driver's device may still write into them. device_dma_release_all, said by a
 * driver that has reset the device, or the death of the last send right to the dma port gives them back.
 */
#include <mach/device.h>
#include "trap/handlers.h"

#include "arch/bootinfo.h"
#include "arch/irq.h"
#include "arch/usercopy.h"
#include "init/panic.h"
#include "init/string.h"
#include "ipc/ipc.h"
#include "mm/kalloc.h"
#include "mm/page.h"
#include "sched/cpu.h"
#include "task/device.h"
#include "task/task.h"
#include "task/thread.h"
#include "vm/vm.h"

#define user(pointer) ((uint64_t)(uintptr_t)(pointer))

static bool
device_privileged(mach_port_t name)
{
	return kobject_lookup(name, KOBJECT_DEVICE_MASTER) != NULL;
}

kern_return_t
trap_device_info(mach_port_t master, uint32_t index, struct device_info *user_info)
{
	if (!device_privileged(master))
		return KERN_INVALID_HOST;
	if (index >= bootinfo.device_count)
		return KERN_INVALID_ARGUMENT;
	return copyout(user(user_info), &bootinfo.devices[index], sizeof(struct device_info)) ? KERN_SUCCESS : KERN_INVALID_ADDRESS;
}

kern_return_t
trap_device_map(mach_port_t master, phys_addr_t base, vm_size_t size, vm_address_t *user_address)
{
	uint64_t in_page = base & VM_PAGE_MASK;
	vm_address_t address = 0;
	struct vm_object *object;
	kern_return_t kr;

	if (!device_privileged(master))
		return KERN_INVALID_HOST;
	if (size == 0 || base + size < base || base + size + VM_PAGE_MASK < base + size)
		return KERN_INVALID_ARGUMENT;
	size = vm_page_round(in_page + size);
	object = vm_object_create_device(base - in_page, size);
	if (object == NULL)
		return KERN_INVALID_ARGUMENT;
	kr = vm_map_enter_object(current_task()->map, &address, size, 0, VM_FLAGS_ANYWHERE, object, 0, false,
	    VM_PROT_READ | VM_PROT_WRITE, VM_PROT_READ | VM_PROT_WRITE, VM_INHERIT_NONE);
	if (kr != KERN_SUCCESS)
		return kr;
	address += in_page;
	if (copyout(user(user_address), &address, sizeof(address)))
		return KERN_SUCCESS;
	vm_map_deallocate(current_task()->map, address - in_page, size);
	return KERN_INVALID_ADDRESS;
}

/* --- interrupts --- */

struct irq_line {
	struct spinlock lock;
	struct ipc_port *owner;			/* send right, NULL: free */
	struct ipc_kmsg *message;		/* reused for every interrupt */
	struct port_watch watch;		/* on the owner's port */
	uint32_t count;				/* interrupts not told yet */
	bool waiting;				/* masked until the driver acknowledges */
};

static struct irq_line lines[IRQ_LINES];

void
device_init(void)
{
	for (unsigned i = 0; i < IRQ_LINES; i++)
		spin_init(&lines[i].lock, "interrupt line", RANK_TASK);
}

/* Takes the line away from its owner. Conditions: the line is locked. What is to be released afterwards goes to *owner and *message. */
static void
line_clear(struct irq_line *line, struct ipc_port **owner, struct ipc_kmsg **message)
{
	irq_mask(line - lines);
	*owner = line->owner;
	*message = line->message;
	line->owner = NULL;
	line->message = NULL;
	line->waiting = false;
	line->count = 0;
}

static void
line_release(struct ipc_port *owner, struct ipc_kmsg *message)
{
	if (message != NULL)
		kmsg_free_reusable(message);
	port_release_send(owner);
}

static void
owner_died(struct port_watch *watch)
{
	struct irq_line *line = container_of(watch, struct irq_line, watch);
	struct ipc_port *owner = NULL;
	struct ipc_kmsg *message = NULL;

	spin_lock(&line->lock);
	if (line->owner == watch->port)
		line_clear(line, &owner, &message);
	spin_unlock(&line->lock);
	line_release(owner, message);
}

/* Sends the line's message. Conditions: locked, owned. */
static void
line_send(struct irq_line *line)
{
	struct { uint32_t irq, count; } *body = kmsg_body(line->message);

	body->irq = line - lines;
	body->count = line->count;
	line->count = 0;
	line->waiting = true;
	kmsg_send_reusable(line->message, line->owner);
}

void
device_interrupt(unsigned number)
{
	struct irq_line *line;

	if (number >= IRQ_LINES)
		return;
	line = &lines[number];
	spin_lock(&line->lock);
	irq_mask(number);		/* an acknowledgement on another CPU comes before or after, not in between */
	if (line->owner != NULL) {
		line->count++;
		if (!line->waiting)
			line_send(line);
	}
	spin_unlock(&line->lock);
}

kern_return_t
trap_device_irq_register(mach_port_t master, uint32_t irq, mach_port_t port_name)
{
	struct irq_line *line;
	struct ipc_port *port;
	struct ipc_kmsg *message;
	kern_return_t kr;

	if (!device_privileged(master))
		return KERN_INVALID_HOST;
	if (irq >= IRQ_LINES || !irq_line_valid(irq))
		return KERN_INVALID_ARGUMENT;
	kr = space_copyin_send(current_task()->space, port_name, &port);
	if (kr != KERN_SUCCESS)
		return kr;
	if (!ipc_port_valid(port))
		return KERN_INVALID_RIGHT;
	message = kmsg_create_reusable(DEVICE_IRQ_MSG_ID, 8);
	if (message == NULL) {
		port_release_send(port);
		return KERN_RESOURCE_SHORTAGE;
	}
	line = &lines[irq];
	spin_lock(&line->lock);
	if (line->owner != NULL) {
		spin_unlock(&line->lock);
		line_release(port, message);
		return KERN_NO_ACCESS;
	}
	line->owner = port;
	line->message = message;
	line->watch.died = owner_died;
	spin_unlock(&line->lock);
	if (!port_watch_add(port, &line->watch)) {
		line->watch.port = port;
		owner_died(&line->watch);
		return KERN_INVALID_RIGHT;
	}
	irq_unmask(irq);
	return KERN_SUCCESS;
}

kern_return_t
trap_device_irq_ack(mach_port_t master, uint32_t irq)
{
	struct irq_line *line;
	kern_return_t kr = KERN_SUCCESS;

	if (!device_privileged(master))
		return KERN_INVALID_HOST;
	if (irq >= IRQ_LINES || !irq_line_valid(irq))
		return KERN_INVALID_ARGUMENT;
	line = &lines[irq];
	spin_lock(&line->lock);
	if (line->owner == NULL) {
		kr = KERN_FAILURE;
	} else {
		line->waiting = false;
		irq_unmask(irq);
	}
	spin_unlock(&line->lock);
	return kr;
}

/* --- memory for DMA --- */

struct dma_block {
	struct list_node link;
	struct page *page;
	unsigned order;
};

struct dma {
	refcount_t refs;		/* the port's, and those of running traps */
	struct spinlock lock;
	struct list blocks;
};

static void
dma_take(void *object)
{
	refcount_take(&((struct dma *)object)->refs);
}

static void
dma_block_free(struct dma_block *block)
{
	for (unsigned i = 0; i < 1u << block->order; i++)
		page_drop(&block->page[i]);
	kfree(block);
}

static void
dma_free_blocks(struct dma *dma)
{
	struct list blocks;
	struct list_node *node;

	list_init(&blocks);
	spin_lock(&dma->lock);
	while ((node = list_pop(&dma->blocks)) != NULL)
		list_append(&blocks, node);
	spin_unlock(&dma->lock);
	while ((node = list_pop(&blocks)) != NULL)
		dma_block_free(container_of(node, struct dma_block, link));
}

static void
dma_drop(void *object)
{
	struct dma *dma = object;

	if (!refcount_drop(&dma->refs))
		return;
	dma_free_blocks(dma);
	kfree(dma);
}

static void
dma_no_senders(struct ipc_port *port, void *object)
{
	kobject_port_destroy(port);
	dma_drop(object);
}

static const struct kobject_ops dma_ops = {
	.name = "dma", .take = dma_take, .drop = dma_drop, .no_senders = dma_no_senders,
};

void
device_dma_init(void)
{
	kobject_register(KOBJECT_DMA, &dma_ops);
}

kern_return_t
trap_device_dma_create(mach_port_t master, mach_port_t *user_dma)
{
	struct dma *dma;
	struct ipc_port *port;

	if (!device_privileged(master))
		return KERN_INVALID_HOST;
	dma = kalloc(sizeof(*dma), KALLOC_DEVICE);
	if (dma == NULL)
		return KERN_RESOURCE_SHORTAGE;
	refcount_set(&dma->refs, 1);
	spin_init(&dma->lock, "dma", RANK_TASK);
	list_init(&dma->blocks);
	port = kobject_port_create(KOBJECT_DMA, dma);
	if (port == NULL) {
		kfree(dma);
		return KERN_RESOURCE_SHORTAGE;
	}
	/* From here on the last send right decides; a failed copyout releases the only one. */
	return space_give_send(port_make_send(port), user(user_dma));
}

/* Contiguous zeroed frames, or NULL. */
static struct dma_block *
dma_block_create(unsigned order)
{
	struct dma_block *block = kalloc(sizeof(*block), KALLOC_DEVICE);

	if (block == NULL)
		return NULL;
	block->order = order;
	block->page = page_alloc(order, PAGE_USE_DMA, PAGE_ALLOC_ZERO);
	if (block->page == NULL) {
		kfree(block);
		return NULL;
	}
	page_split(block->page);
	return block;
}

/* Maps a block into the running task. */
static kern_return_t
dma_block_map(const struct dma_block *block, struct device_dma_region *region)
{
	struct vm_object *object;

	region->physical = page_address(block->page);
	region->size = PAGE_SIZE << block->order;
	region->address = 0;
	object = vm_object_create_frames(region->physical, region->size);
	if (object == NULL)
		return KERN_RESOURCE_SHORTAGE;
	return vm_map_enter_object(current_task()->map, &region->address, region->size, 0, VM_FLAGS_ANYWHERE, object, 0, false,
	    VM_PROT_READ | VM_PROT_WRITE, VM_PROT_READ | VM_PROT_WRITE, VM_INHERIT_NONE);
}

static kern_return_t
dma_alloc(struct dma *dma, vm_size_t size, struct device_dma_region *region)
{
	struct dma_block *block;
	unsigned order = 0;
	kern_return_t kr;

	while (order <= PAGE_ORDER_MAX && PAGE_SIZE << order < size)
		order++;
	if (size == 0 || order > PAGE_ORDER_MAX)
		return KERN_INVALID_ARGUMENT;
	block = dma_block_create(order);
	if (block == NULL)
		return KERN_RESOURCE_SHORTAGE;
	kr = dma_block_map(block, region);
	if (kr != KERN_SUCCESS) {
		dma_block_free(block);
		return kr;
	}
	spin_lock(&dma->lock);
	list_append(&dma->blocks, &block->link);
	spin_unlock(&dma->lock);
	return KERN_SUCCESS;
}

kern_return_t
trap_device_dma_alloc(mach_port_t dma_name, vm_size_t size, struct device_dma_region *user_region)
{
	struct dma *dma = kobject_lookup(dma_name, KOBJECT_DMA);
	struct device_dma_region region;
	kern_return_t kr;

	if (dma == NULL)
		return KERN_INVALID_ARGUMENT;
	kr = dma_alloc(dma, size, &region);
	dma_drop(dma);
	if (kr == KERN_SUCCESS && !copyout(user(user_region), &region, sizeof(region))) {
		vm_map_deallocate(current_task()->map, region.address, region.size);
		kr = KERN_INVALID_ADDRESS;	/* the frames stay with the dma port */
	}
	return kr;
}

kern_return_t
trap_device_dma_release_all(mach_port_t dma_name)
{
	struct dma *dma = kobject_lookup(dma_name, KOBJECT_DMA);

	if (dma == NULL)
		return KERN_INVALID_ARGUMENT;
	dma_free_blocks(dma);
	dma_drop(dma);
	return KERN_SUCCESS;
}

kern_return_t
trap_device_dma_pin(mach_port_t dma, vm_address_t address, vm_size_t size, phys_addr_t *pages, uint32_t *count)
{
	(void)dma, (void)address, (void)size, (void)pages, (void)count;
	return KERN_NOT_SUPPORTED;
}

kern_return_t
trap_device_dma_unpin(mach_port_t dma, vm_address_t address, vm_size_t size)
{
	(void)dma, (void)address, (void)size;
	return KERN_NOT_SUPPORTED;
}
