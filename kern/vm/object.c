/*
 * Memory objects in general, and the two kinds without a pager: device registers and contiguous
 * frames. Their pages are computed.
 */
#include "vm/object.h"
#include "arch/bootinfo.h"
#include "arch/pmap.h"
#include "init/panic.h"
#include "mm/kalloc.h"
#include "vm/map.h"

struct physical_object {
	struct vm_object object;
	phys_addr_t base;
};

kern_return_t (*object_from_name)(mach_port_t name, struct object_view *view);

#define physical_of(o)	container_of(o, struct physical_object, object)

void
object_init(struct vm_object *object, const struct vm_object_ops *ops, uint64_t size)
{
	object->ops = ops;
	refcount_set(&object->refs, 1);
	object->size = size;
	spin_init(&object->lock, "object", RANK_OBJECT);
	list_init(&object->entries);
}

void
vm_object_take(struct vm_object *object)
{
	refcount_take(&object->refs);
}

/* Drops a reference that is not the last one. */
static bool
drop_unless_last(refcount_t *count)
{
	uint32_t value = __atomic_load_n(count, __ATOMIC_RELAXED);

	while (value > 1)
		if (__atomic_compare_exchange_n(count, &value, value - 1, false, __ATOMIC_RELEASE,
			__ATOMIC_RELAXED))
			return true;
	return false;
}

void
vm_object_drop(struct vm_object *object)
{
	if (object->ops->drop_last != NULL) {
		if (!drop_unless_last(&object->refs))
			object->ops->drop_last(object);
	} else if (refcount_drop(&object->refs)) {
		object->ops->release(object);
	}
}

void
object_protect(struct vm_object *object, uint64_t first, uint64_t count, vm_prot_t protection)
{
	struct vm_entry *entry;

	debug_assert(spin_held(&object->lock));
	list_for_each(entry, &object->entries, object_link)
		entry_protect_window(entry, entry->offset >> PAGE_SHIFT, first, count, protection);
}

uint64_t
object_resident(struct vm_object *object, uint64_t first, uint64_t count)
{
	uint64_t resident;

	if (object->ops->resident == NULL)
		return 0;
	spin_lock(&object->lock);
	resident = object->ops->resident(object, first, count);
	spin_unlock(&object->lock);
	return resident;
}

/* --- devices and frames --- */

void
frame_take(struct page *page)
{
	if (page->state != PAGE_RESERVED)
		page_take(page);
}

void
frame_drop(struct page *page)
{
	if (page->state != PAGE_RESERVED)
		page_drop(page);
}

static bool
physical_find(struct vm_object *object, uint64_t index, vm_prot_t access,
    struct object_place *place)
{
	(void)access;
	place->address = physical_of(object)->base + (index << PAGE_SHIFT);
	place->page = page_of(place->address);
	place->cache = place->page != NULL ? PMAP_CACHED : PMAP_DEVICE;
	place->allowed = place->page != NULL ? VM_PROT_ALL : VM_PROT_READ | VM_PROT_WRITE;
	return true;
}

static void
device_release(struct vm_object *object)
{
	kfree(physical_of(object));
}

/* Calls visit once for each allocated block of the object; reserved frames have no count. */
static void
frames_visit(struct vm_object *object, void (*visit)(struct page *page))
{
	phys_addr_t base = physical_of(object)->base;

	for (vm_size_t at = 0; at < object->size;) {
		struct page *page = page_of(base + at);

		if (page->state == PAGE_USED) {
			vm_size_t bytes = PAGE_SIZE << page->order;

			visit(page);
			at += bytes;
		} else {
			at += PAGE_SIZE;
		}
	}
}

static uint64_t
frames_resident(struct vm_object *object, uint64_t first, uint64_t count)
{
	(void)object, (void)first;
	return count;
}

static void
frames_release(struct vm_object *object)
{
	frames_visit(object, page_drop);
	kfree(physical_of(object));
}

static const struct vm_object_ops device_ops = {
	.find = physical_find, .release = device_release, .region_kind = VM_REGION_DEVICE,
};

static const struct vm_object_ops frames_ops = {
    .find = physical_find,
    .resident = frames_resident,
    .release = frames_release,
    .region_kind = VM_REGION_OBJECT,
};

static struct vm_object *
physical_create(phys_addr_t base, vm_size_t size, const struct vm_object_ops *ops)
{
	struct physical_object *physical = kalloc(sizeof(*physical), KALLOC_OBJECT);

	if (physical == NULL)
		return NULL;
	object_init(&physical->object, ops, size);
	physical->base = base;
	return &physical->object;
}

/* Whether a physical range touches RAM as the boot code found it. */
static bool
range_is_ram(phys_addr_t base, vm_size_t size)
{
	for (unsigned i = 0; i < bootinfo.memory_count; i++) {
		const struct boot_range *memory = &bootinfo.memory[i];

		if (base < memory->base + memory->size && memory->base < base + size)
			return true;
	}
	return false;
}

struct vm_object *
vm_object_create_device(phys_addr_t base, vm_size_t size)
{
	phys_addr_t start = vm_page_trunc(base);

	if (size == 0 || base + size < base || base + size > pmap_physical_end() ||
	    range_is_ram(start, vm_page_round(base + size) - start))
		return NULL;
	return physical_create(start, vm_page_round(base + size) - start, &device_ops);
}

struct vm_object *
vm_object_create_frames(phys_addr_t base, vm_size_t size)
{
	phys_addr_t start = vm_page_trunc(base);
	struct vm_object *object;

	size = vm_page_round(base + size) - start;
	for (vm_size_t at = 0; at < size; at += PAGE_SIZE)
		if (page_of(start + at) == NULL)
			return NULL;
	object = physical_create(start, size, &frames_ops);
	if (object != NULL)
		frames_visit(object, page_take);
	return object;
}
