/*
 * Memory for DMA. A dma port owns frames, not the driver that uses them: a dead driver's device may still write into them.
 * device_dma_release_all, said by a driver that has reset the device, ends their use. Pins are given back then; contiguous blocks
 * stay with the dma port, spare, for that driver to get again: the driver of the swap disk is started anew just when no such blocks
 * can be had. The death of the last send right to the dma port gives back everything.
 *
 * Two kinds of frames: contiguous blocks from device_dma_alloc, and pins, the pages of anonymous memory that a task has already
 * (a request that came out of line). A pin wires the range, so that the task keeps these very pages, and holds each page by a
 * reference, so that the frame stays when the task does not.
 */
#include <mach/device.h>
#include "trap/handlers.h"

#include "arch/usercopy.h"
#include "init/string.h"
#include "ipc/ipc.h"
#include "mm/kalloc.h"
#include "mm/page.h"
#include "sched/cpu.h"
#include "task/device.h"
#include "task/task.h"
#include "task/thread.h"
#include "vm/vm.h"
#include "vm/wire.h"

#define user(pointer) ((uint64_t)(uintptr_t)(pointer))

struct dma_block {
	struct list_node link;
	struct page *page;
	unsigned order;
};

struct dma_pin {
	struct list_node link;
	struct vm_map *map;		/* reference */
	vm_address_t address;		/* as it was told */
	vm_size_t size;
	uint32_t count;
	struct page *pages[];		/* reference each */
};

struct dma {
	refcount_t refs;		/* the port's, and those of running traps */
	struct spinlock lock;
	struct list blocks, spare, pins;
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

/* Conditions: no locks. The map may be dead, or have other memory there by now. */
static void
dma_pin_free(struct dma_pin *pin)
{
	map_unpin(pin->map, pin->address, pin->size, pin->pages);
	vm_map_drop(pin->map);
	kfree(pin);
}

static struct list_node *
take_first(struct dma *dma, struct list *list)
{
	struct list_node *node;

	spin_lock(&dma->lock);
	node = list_pop(list);
	spin_unlock(&dma->lock);
	return node;
}

/* Ends the use of everything. */
static void
dma_release(struct dma *dma)
{
	struct list_node *node;

	spin_lock(&dma->lock);
	while ((node = list_pop(&dma->blocks)) != NULL)
		list_append(&dma->spare, node);
	spin_unlock(&dma->lock);
	while ((node = take_first(dma, &dma->pins)) != NULL)
		dma_pin_free(container_of(node, struct dma_pin, link));
}

static void
dma_drop(void *object)
{
	struct dma *dma = object;
	struct list_node *node;

	if (!refcount_drop(&dma->refs))
		return;
	dma_release(dma);
	while ((node = take_first(dma, &dma->spare)) != NULL)
		dma_block_free(container_of(node, struct dma_block, link));
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
	list_init(&dma->spare);
	list_init(&dma->pins);
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

/* A spare block of that order, zeroed, or NULL. */
static struct dma_block *
dma_take_spare(struct dma *dma, unsigned order)
{
	struct dma_block *block, *found = NULL;

	spin_lock(&dma->lock);
	list_for_each(block, &dma->spare, link)
		if (block->order == order)
			found = block;
	if (found != NULL)
		list_remove(&found->link);
	spin_unlock(&dma->lock);
	if (found != NULL)
		memset(page_virtual(found->page), 0, PAGE_SIZE << order);
	return found;
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
	block = dma_take_spare(dma, order);
	if (block == NULL)
		block = dma_block_create(order);
	if (block == NULL)
		return KERN_RESOURCE_SHORTAGE;
	kr = dma_block_map(block, region);
	spin_lock(&dma->lock);
	list_append(kr == KERN_SUCCESS ? &dma->blocks : &dma->spare, &block->link);
	spin_unlock(&dma->lock);
	return kr;
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
	dma_release(dma);
	dma_drop(dma);
	return KERN_SUCCESS;
}

/* --- pins --- */

static uint32_t
pages_in(vm_address_t address, vm_size_t size)
{
	return (uint32_t)((vm_page_round(address + size) - vm_page_trunc(address)) >> PAGE_SHIFT);
}

static kern_return_t
dma_pin_create(vm_address_t address, vm_size_t size, struct dma_pin **result)
{
	struct vm_map *map = current_task()->map;
	struct dma_pin *pin;
	kern_return_t kr;

	pin = kalloc(sizeof(*pin) + pages_in(address, size) * sizeof(pin->pages[0]), KALLOC_DEVICE);
	if (pin == NULL)
		return KERN_RESOURCE_SHORTAGE;
	kr = map_pin(map, address, size, pin->pages);
	if (kr != KERN_SUCCESS) {
		kfree(pin);
		return kr;
	}
	vm_map_take(map);
	pin->map = map;
	pin->address = address;
	pin->size = size;
	pin->count = pages_in(address, size);
	*result = pin;
	return KERN_SUCCESS;
}

static bool
tell_frames(const struct dma_pin *pin, uint64_t user_frames, uint64_t user_count)
{
	for (uint32_t i = 0; i < pin->count; i++) {
		phys_addr_t frame = page_address(pin->pages[i]);

		if (!copyout(user_frames + i * sizeof(frame), &frame, sizeof(frame)))
			return false;
	}
	return copyout(user_count, &pin->count, sizeof(pin->count));
}

static kern_return_t
dma_pin(struct dma *dma, vm_address_t address, vm_size_t size, uint64_t user_frames, uint64_t user_count)
{
	struct dma_pin *pin = NULL;
	uint32_t room;
	kern_return_t kr;

	if (!copyin(&room, user_count, sizeof(room)))
		return KERN_INVALID_ADDRESS;
	if (size == 0 || size > DEVICE_DMA_PIN_MAX || address + size < address || room < pages_in(address, size))
		return KERN_INVALID_ARGUMENT;
	kr = dma_pin_create(address, size, &pin);
	if (kr != KERN_SUCCESS)
		return kr;
	if (!tell_frames(pin, user_frames, user_count)) {
		dma_pin_free(pin);
		return KERN_INVALID_ADDRESS;
	}
	spin_lock(&dma->lock);
	list_append(&dma->pins, &pin->link);
	spin_unlock(&dma->lock);
	return KERN_SUCCESS;
}

kern_return_t
trap_device_dma_pin(mach_port_t dma_name, vm_address_t address, vm_size_t size, phys_addr_t *frames, uint32_t *count)
{
	struct dma *dma = kobject_lookup(dma_name, KOBJECT_DMA);
	kern_return_t kr;

	if (dma == NULL)
		return KERN_INVALID_ARGUMENT;
	kr = dma_pin(dma, address, size, user(frames), user(count));
	dma_drop(dma);
	return kr;
}

/* The running task's pin of just this range, taken off the list, or NULL. */
static struct dma_pin *
dma_take_pin(struct dma *dma, vm_address_t address, vm_size_t size)
{
	struct dma_pin *pin, *found = NULL;

	spin_lock(&dma->lock);
	list_for_each(pin, &dma->pins, link)
		if (pin->map == current_task()->map && pin->address == address && pin->size == size)
			found = pin;
	if (found != NULL)
		list_remove(&found->link);
	spin_unlock(&dma->lock);
	return found;
}

kern_return_t
trap_device_dma_unpin(mach_port_t dma_name, vm_address_t address, vm_size_t size)
{
	struct dma *dma = kobject_lookup(dma_name, KOBJECT_DMA);
	struct dma_pin *pin;

	if (dma == NULL)
		return KERN_INVALID_ARGUMENT;
	pin = dma_take_pin(dma, address, size);
	if (pin != NULL)
		dma_pin_free(pin);
	dma_drop(dma);
	return pin != NULL ? KERN_SUCCESS : KERN_INVALID_ARGUMENT;
}
