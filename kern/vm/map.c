/*
 * Address maps: creation and end, finding places, mapping and unmapping ranges.
 *
 * A range leaves a map in three steps: boundaries are made (which may fail and then changes
 * nothing); the pmap forgets the range; the entries leave the tree and the lists. What they held is
 * dropped afterwards, without the map lock.
 */
#include "arch/pmap.h"
#include "init/panic.h"
#include "mm/kalloc.h"
#include "sched/sched.h"
#include "task/task.h"
#include "vm/map.h"
#include "vm/object.h"

/*
 * ANYWHERE starts here: programs, which are linked at VM_MIN_ADDRESS, find their place free. When
 * all above is full the search starts over.
 */
#define ANYWHERE_BASE	0x0000000100000000ull

struct vm_map *
vm_map_create(struct task *task)
{
	struct vm_map *map = kalloc(sizeof(*map), KALLOC_MAP);

	if (map == NULL)
		return NULL;
	map->pmap = pmap_create();
	if (map->pmap == NULL) {
		kfree(map);
		return NULL;
	}
	refcount_set(&map->refs, 1);
	map->task = task;
	mutex_init(&map->lock, "map");
	range_set_init(&map->ranges, VM_MIN_ADDRESS, VM_MAX_ADDRESS);
	return map;
}

void
vm_map_take(struct vm_map *map)
{
	refcount_take(&map->refs);
}

void
vm_map_drop(struct vm_map *map)
{
	if (!refcount_drop(&map->refs))
		return;
	if (!map->dead)
		vm_map_terminate(map);
	pmap_destroy(map->pmap);
	kfree(map);
}

struct pmap *
vm_map_pmap(struct vm_map *map)
{
	return map->pmap;
}

uint64_t
vm_map_size(struct vm_map *map)
{
	return map->size;
}

/* --- ranges --- */

kern_return_t
map_check_range(vm_address_t address, vm_size_t size, vm_address_t *start, vm_address_t *end)
{
	if (size == 0 || address + size < address || address + size > UINT64_MAX - VM_PAGE_MASK)
		return KERN_INVALID_ARGUMENT;
	*start = vm_page_trunc(address);
	*end = vm_page_round(address + size);
	return *start >= VM_MIN_ADDRESS && *end <= VM_MAX_ADDRESS ? KERN_SUCCESS :
								    KERN_INVALID_ADDRESS;
}

struct vm_entry *
map_first_after(struct vm_map *map, vm_address_t address)
{
	struct range *range = range_find_after(&map->ranges, address);

	return range != NULL ? entry_of(range) : NULL;
}

kern_return_t
map_check_access(struct vm_map *map, vm_address_t start, vm_address_t end, bool maximum,
    vm_prot_t needed)
{
	struct vm_entry *entry = map_first_after(map, start);

	while (start < end) {
		if (entry == NULL || entry->range.start > start)
			return KERN_INVALID_ADDRESS;
		if ((needed & ~(maximum ? entry->max_protection : entry->protection)) != 0)
			return KERN_PROTECTION_FAILURE;
		start = entry->range.end;
		entry = entry_next(map, entry);
	}
	return KERN_SUCCESS;
}

kern_return_t
map_find_place(struct vm_map *map, vm_address_t *address, vm_size_t size, vm_address_t mask,
    unsigned flags)
{
	vm_address_t hint = vm_page_round(*address);

	if ((flags & ~(VM_FLAGS_ANYWHERE | VM_FLAGS_OVERWRITE)) != 0 || (mask & (mask + 1)) != 0)
		return KERN_INVALID_ARGUMENT;
	mask |= VM_PAGE_MASK;
	if ((flags & VM_FLAGS_ANYWHERE) != 0) {
		if (range_space(&map->ranges, hint < VM_MIN_ADDRESS ? ANYWHERE_BASE : hint, size,
			mask, address) ||
		    range_space(&map->ranges, ANYWHERE_BASE, size, mask, address) ||
		    range_space(&map->ranges, VM_MIN_ADDRESS, size, mask, address))
			return KERN_SUCCESS;
		return KERN_NO_SPACE;
	}
	*address = vm_page_trunc(*address);
	if (*address < VM_MIN_ADDRESS || *address >= VM_MAX_ADDRESS ||
	    size > VM_MAX_ADDRESS - *address)
		return KERN_INVALID_ADDRESS;
	if ((*address & mask) != 0)
		return KERN_INVALID_ARGUMENT;
	if ((flags & VM_FLAGS_OVERWRITE) == 0 &&
	    !range_free(&map->ranges, *address, *address + size))
		return KERN_NO_SPACE;
	return KERN_SUCCESS;
}

kern_return_t
map_detach(struct vm_map *map, vm_address_t start, vm_address_t end, struct vm_entry **chain)
{
	struct vm_entry *entry, *next;
	unsigned count = 1;

	if (!entry_clip(map, start, true) || !entry_clip(map, end, true))
		return KERN_RESOURCE_SHORTAGE;
	entry = map_first_after(map, start);
	if (entry == NULL || entry->range.start >= end)
		return KERN_SUCCESS;
	for (next = entry; next != NULL && next->range.start < end; next = entry_next(map, next))
		if (next->wired != 0)
			entry_unwire_pages(next);
	pmap_remove(map->pmap, start, end);
	for (; entry != NULL && entry->range.start < end; entry = next) {
		next = entry_next(map, entry);
		entry_unlink(entry);
		entry->chain = *chain;
		*chain = entry;
		if (count++ % 32 == 0)
			cpu_preempt_point();
	}
	return KERN_SUCCESS;
}

kern_return_t
map_insert_chain(struct vm_map *map, vm_address_t *address, vm_size_t size, vm_address_t mask,
    unsigned flags, struct vm_entry *chain)
{
	struct vm_entry *old = NULL, *next;
	vm_address_t place = *address;
	kern_return_t result;

	mutex_lock(&map->lock);
	result = map->dead ? KERN_TERMINATED : map_find_place(map, &place, size, mask, flags);
	if (result == KERN_SUCCESS &&
	    (flags & (VM_FLAGS_OVERWRITE | VM_FLAGS_ANYWHERE)) == VM_FLAGS_OVERWRITE)
		result = map_detach(map, place, place + size, &old);
	if (result == KERN_SUCCESS) {
		for (; chain != NULL; chain = next) {
			next = chain->chain;
			chain->chain = NULL;
			chain->range.start += place;
			chain->range.end += place;
			entry_link(chain);
			cpu_preempt_point();
		}
		entry_merge_range(map, place, place + size);
		*address = place;
	}
	mutex_unlock(&map->lock);
	entry_release_chain(old);
	return result;
}

/* --- mapping --- */

/* Anonymous memory behind an entry that can simply grow needs no new entry. Conditions: locked. */
static bool
map_extend(struct vm_map *map, vm_address_t address, vm_size_t size)
{
	struct range *range =
	    address > VM_MIN_ADDRESS ? range_find(&map->ranges, address - 1) : NULL;
	struct vm_entry *entry = range != NULL ? entry_of(range) : NULL;
	struct amap *amap;

	if (entry == NULL || entry->object != NULL || !entry->private || entry->needs_copy ||
	    entry->wired != 0 || entry->protection != VM_PROT_DEFAULT ||
	    entry->max_protection != VM_PROT_ALL || entry->inheritance != VM_INHERIT_DEFAULT)
		return false;
	amap = entry->amap;
	if (amap == NULL) {
		range_resize(&map->ranges, range, range->start, address + size);
	} else {
		if (amap->refs != 1 || amap->overlap || amap->shared)
			return false;
		spin_lock(&amap->lock);
		range_resize(&map->ranges, range, range->start, address + size);
		spin_unlock(&amap->lock);
	}
	map->size += size;
	return true;
}

/* The fast way of vm_map_allocate, without overwriting. */
static kern_return_t
allocate_by_extending(struct vm_map *map, vm_address_t *address, vm_size_t size, vm_size_t mask,
    unsigned flags)
{
	vm_address_t place = *address;
	kern_return_t result;

	mutex_lock(&map->lock);
	result = map->dead ? KERN_TERMINATED : map_find_place(map, &place, size, mask, flags);
	if (result == KERN_SUCCESS)
		result = map_extend(map, place, size) ? KERN_SUCCESS : KERN_NOT_SUPPORTED;
	mutex_unlock(&map->lock);
	if (result == KERN_SUCCESS)
		*address = place;
	return result;
}

/* Maps one entry of the given size, prepared with bounds relative to 0; releases it on failure. */
static kern_return_t
map_enter(struct vm_map *map, vm_address_t *address, vm_size_t mask, unsigned flags,
    struct vm_entry *entry)
{
	kern_return_t result = map_insert_chain(map, address, entry->range.end, mask, flags, entry);

	if (result != KERN_SUCCESS)
		entry_release(entry);
	return result;
}

/* The attributes of a new mapping are possible. */
static bool
attributes_valid(vm_prot_t current, vm_prot_t maximum, vm_inherit_t inheritance)
{
	return (maximum & ~VM_PROT_ALL) == 0 && (current & ~maximum) == 0 &&
	       inheritance <= VM_INHERIT_NONE;
}

kern_return_t
map_enter_anonymous(struct vm_map *map, vm_address_t *address, vm_size_t size, vm_size_t mask,
    unsigned flags, vm_prot_t current, vm_prot_t maximum, vm_inherit_t inheritance)
{
	struct vm_entry *entry;

	if (size == 0 || !attributes_valid(current, maximum, inheritance))
		return KERN_INVALID_ARGUMENT;
	if (size > VM_MAX_ADDRESS)
		return KERN_NO_SPACE;
	entry = entry_create(map, false);
	if (entry == NULL)
		return KERN_RESOURCE_SHORTAGE;
	entry->range.end = vm_page_round(size);
	entry->protection = current;
	entry->max_protection = maximum;
	entry->inheritance = inheritance;
	return map_enter(map, address, mask, flags, entry);
}

kern_return_t
vm_map_allocate(struct vm_map *map, vm_address_t *address, vm_size_t size, vm_size_t mask,
    unsigned flags)
{
	kern_return_t result;

	if (size == 0)
		return KERN_INVALID_ARGUMENT;
	if (size > VM_MAX_ADDRESS)
		return KERN_NO_SPACE;
	if ((flags & VM_FLAGS_OVERWRITE) == 0) {
		result = allocate_by_extending(map, address, vm_page_round(size), mask, flags);
		if (result != KERN_NOT_SUPPORTED)
			return result;
	}
	return map_enter_anonymous(map, address, size, mask, flags, VM_PROT_DEFAULT, VM_PROT_ALL,
	    VM_INHERIT_DEFAULT);
}

kern_return_t
vm_map_enter_object(struct vm_map *map, vm_address_t *address, vm_size_t size, vm_size_t mask,
    unsigned flags, struct vm_object *object, vm_offset_t offset, bool cow, vm_prot_t current,
    vm_prot_t maximum, vm_inherit_t inheritance)
{
	struct vm_entry *entry;
	kern_return_t result = KERN_INVALID_ARGUMENT;

	if (size == 0 || size > VM_MAX_ADDRESS || (offset & VM_PAGE_MASK) != 0 ||
	    offset + vm_page_round(size) < offset)
		goto drop;
	size = vm_page_round(size);
	if (offset > object->size || size > object->size - offset)
		goto drop;
	if (!attributes_valid(current, maximum, inheritance))
		goto drop;
	result = KERN_RESOURCE_SHORTAGE;
	entry = entry_create(map, false);
	if (entry == NULL)
		goto drop;
	entry->range.end = size;
	entry->object = object;
	entry->offset = offset;
	entry->private = cow;
	entry->protection = current;
	entry->max_protection = maximum;
	entry->inheritance = inheritance;
	return map_enter(map, address, mask, flags, entry);
drop:
	vm_object_drop(object);
	return result;
}

kern_return_t
vm_map_deallocate(struct vm_map *map, vm_address_t address, vm_size_t size)
{
	struct vm_entry *chain = NULL;
	vm_address_t start = vm_page_trunc(address), end = vm_page_round(address + size);
	kern_return_t result;

	if (size == 0)
		return KERN_SUCCESS;
	if (address + size < address || address + size > UINT64_MAX - VM_PAGE_MASK)
		return KERN_INVALID_ARGUMENT;
	if (start < VM_MIN_ADDRESS)
		start = VM_MIN_ADDRESS;
	if (end > VM_MAX_ADDRESS)
		end = VM_MAX_ADDRESS;
	if (start >= end)
		return KERN_SUCCESS;
	mutex_lock(&map->lock);
	result = map->dead ? KERN_TERMINATED : map_detach(map, start, end, &chain);
	mutex_unlock(&map->lock);
	entry_release_chain(chain);
	return result;
}

/* --- the end --- */

/*
 * Pages that others still use through this map's tables are charged to one of them from now on.
 * Conditions: the map is dead, the entry unlinked.
 */
static void
amap_disown(struct amap *amap, struct task *task)
{
	struct task *heir = NULL;

	spin_lock(&amap->lock);
	if (amap->task == task && !list_empty(&amap->entries)) {
		heir =
		    list_entry(list_first(&amap->entries), struct vm_entry, amap_link)->map->task;
		task_take(heir);
	}
	spin_unlock(&amap->lock);
	if (heir == NULL)
		return;
	amap_set_task(amap, heir, true);
	task_drop(heir);
}

void
vm_map_terminate(struct vm_map *map)
{
	struct vm_entry *chain = NULL;
	kern_return_t result;

	mutex_lock(&map->lock);
	if (map->dead) {
		mutex_unlock(&map->lock);
		return;
	}
	map->dead = true;
	result = map_detach(map, VM_MIN_ADDRESS, VM_MAX_ADDRESS, &chain);
	assert(result == KERN_SUCCESS);
	mutex_unlock(&map->lock);
	for (struct vm_entry *entry = chain; entry != NULL; entry = entry->chain)
		if (entry->amap != NULL && entry->amap->refs > 1)
			amap_disown(entry->amap, map->task);
	entry_release_chain(chain);
}
