/*
 * Protection, inheritance, and what a map tells about its regions.
 *
 * A change of a range is validated as a whole first; then boundaries are made and every entry
 * inside is changed; then entries that have become alike are joined.
 */
#include "arch/pmap.h"
#include "sched/sched.h"
#include "vm/attributes.h"
#include "vm/map.h"
#include "vm/object.h"

typedef void (*entry_change)(struct vm_entry *entry, const void *argument);

/* Applies a change to all entries of a range. Conditions: locked, the range has no holes. */
static kern_return_t
map_change(struct vm_map *map, vm_address_t start, vm_address_t end, entry_change change,
    const void *argument)
{
	struct vm_entry *entry;
	unsigned count = 1;

	if (!entry_clip(map, start, false) || !entry_clip(map, end, false)) {
		entry_merge_range(map, start, start);
		return KERN_RESOURCE_SHORTAGE;
	}
	for (entry = map_first_after(map, start); entry != NULL && entry->range.start < end;
	     entry = entry_next(map, entry)) {
		change(entry, argument);
		if (count++ % 32 == 0)
			cpu_preempt_point();
	}
	entry_merge_range(map, start, end);
	return KERN_SUCCESS;
}

struct protection_change {
	bool set_maximum;
	vm_prot_t protection;
};

static void
change_protection(struct vm_entry *entry, const void *argument)
{
	const struct protection_change *change = argument;
	vm_prot_t old = entry->protection;

	if (change->set_maximum) {
		entry->max_protection = change->protection;
		entry->protection &= change->protection;
	} else {
		entry->protection = change->protection;
	}
	/* Rights are only taken away here; new ones are found out by faults. */
	if ((old & ~entry->protection) != 0)
		pmap_protect(entry->map->pmap, entry->range.start, entry->range.end,
		    entry->protection);
}

kern_return_t
vm_map_protect(struct vm_map *map, vm_address_t address, vm_size_t size, bool set_maximum,
    vm_prot_t protection)
{
	struct protection_change change = { set_maximum, protection };
	vm_address_t start, end;
	kern_return_t result;

	if ((protection & ~VM_PROT_ALL) != 0)
		return KERN_INVALID_ARGUMENT;
	if (size == 0)
		return KERN_SUCCESS;
	result = map_check_range(address, size, &start, &end);
	if (result != KERN_SUCCESS)
		return result;
	mutex_lock(&map->lock);
	result = map->dead ? KERN_TERMINATED : map_check_access(map, start, end, true, protection);
	if (result == KERN_SUCCESS)
		result = map_change(map, start, end, change_protection, &change);
	mutex_unlock(&map->lock);
	return result;
}

static void
change_inheritance(struct vm_entry *entry, const void *argument)
{
	entry->inheritance = *(const vm_inherit_t *)argument;
}

kern_return_t
map_inherit(struct vm_map *map, vm_address_t address, vm_size_t size, vm_inherit_t inheritance)
{
	vm_address_t start, end;
	kern_return_t result;

	if (inheritance > VM_INHERIT_NONE)
		return KERN_INVALID_ARGUMENT;
	if (size == 0)
		return KERN_SUCCESS;
	result = map_check_range(address, size, &start, &end);
	if (result != KERN_SUCCESS)
		return result;
	mutex_lock(&map->lock);
	result =
	    map->dead ? KERN_TERMINATED : map_check_access(map, start, end, true, VM_PROT_NONE);
	if (result == KERN_SUCCESS)
		result = map_change(map, start, end, change_inheritance, &inheritance);
	mutex_unlock(&map->lock);
	return result;
}

/* --- what is there --- */

/*
 * Pages of an entry in memory. Where an anon covers a page of the object only one of them counts.
 */
static uint64_t
entry_resident(struct vm_entry *entry)
{
	uint64_t pages = entry_pages(entry), resident = 0;

	if (entry->amap != NULL)
		resident += amap_resident(entry->amap, entry->amap_index, pages);
	if (entry->object != NULL)
		resident += object_resident(entry->object, entry->offset >> PAGE_SHIFT, pages);
	return resident < pages ? resident : pages;
}

uint64_t
vm_map_resident(struct vm_map *map)
{
	uint64_t resident = 0;

	mutex_lock(&map->lock);
	for (struct vm_entry *entry = map_first_after(map, 0); entry != NULL;
	     entry = entry_next(map, entry)) {
		resident += entry_resident(entry);
		cpu_preempt_point();
	}
	mutex_unlock(&map->lock);
	return resident * PAGE_SIZE;
}

static bool
entry_shared(const struct vm_entry *entry)
{
	if (!entry->private)
		return true;
	return entry->amap != NULL && entry->amap->shared && entry->amap->refs > 1;
}

kern_return_t
map_region(struct vm_map *map, struct vm_region_info *info)
{
	struct vm_entry *entry;
	kern_return_t result = KERN_NO_SPACE;

	mutex_lock(&map->lock);
	entry = map_first_after(map, info->address);
	if (map->dead) {
		result = KERN_TERMINATED;
	} else if (entry != NULL) {
		*info = (struct vm_region_info){
		    .address = entry->range.start,
		    .size = entry->range.end - entry->range.start,
		    .offset = entry->offset,
		    .protection = entry->protection,
		    .max_protection = entry->max_protection,
		    .inheritance = entry->inheritance,
		    .shared = entry_shared(entry),
		    .wired = entry->wired,
		    .resident = entry_resident(entry),
		    .object = entry->object != NULL ? entry->object->ops->region_kind :
						      VM_REGION_ANONYMOUS,
		};
		result = KERN_SUCCESS;
	}
	mutex_unlock(&map->lock);
	return result;
}

kern_return_t
vm_gsync_key(struct vm_map *map, vm_address_t address, bool shared, struct gsync_key *key)
{
	struct vm_entry *entry;
	kern_return_t result = KERN_SUCCESS;

	key->space = (uintptr_t)map;
	key->offset = address;
	if (address < VM_MIN_ADDRESS || address >= VM_MAX_ADDRESS)
		return KERN_INVALID_ADDRESS;
	if (!shared)
		return KERN_SUCCESS;
	mutex_lock(&map->lock);
	entry = entry_lookup(map, address);
	if (entry == NULL) {
		result = KERN_INVALID_ADDRESS;
	} else if (!entry->private) {
		key->space = (uintptr_t)entry->object;
		key->offset = entry->offset + (address - entry->range.start);
	} else if (entry->amap != NULL && entry->amap->shared && !entry->needs_copy) {
		key->space = (uintptr_t)entry->amap;
		key->offset = (entry->amap_index << PAGE_SHIFT) + (address - entry->range.start);
	}
	mutex_unlock(&map->lock);
	return result;
}

/* --- for people --- */

static void
entry_print(const struct vm_entry *entry, void (*print)(const char *format, ...))
{
	static const char *const inheritances[] = { "share", "copy", "none" };
	const struct vm_object *object = entry->object;
	vm_prot_t now = entry->protection, most = entry->max_protection;

	print("%014lx-%014lx %c%c%c/%c%c%c %-5s %s", (unsigned long)entry->range.start,
	    (unsigned long)entry->range.end, now & 1 ? 'r' : '-', now & 2 ? 'w' : '-',
	    now & 4 ? 'x' : '-', most & 1 ? 'r' : '-', most & 2 ? 'w' : '-', most & 4 ? 'x' : '-',
	    inheritances[entry->inheritance], entry->private ? "private" : "shared");
	if (entry->amap != NULL)
		print(" amap %p+%lx refs %u pages %lu%s%s", (void *)entry->amap,
		    (unsigned long)entry->amap_index, entry->amap->refs,
		    (unsigned long)entry->amap->anons.count, entry->amap->shared ? " shared" : "",
		    entry->needs_copy ? " needs-copy" : "");
	if (object != NULL)
		print(" %s %p+%lx",
		    object->ops->region_kind == VM_REGION_DEVICE ? "device" : "object",
		    (void *)object, (unsigned long)entry->offset);
	if (entry->wired != 0)
		print(" wired %u", entry->wired);
	print("\n");
}

/* The monitor runs while everything else stands still, so no lock is taken. */
void
vm_map_print(struct vm_map *map, void (*print)(const char *format, ...))
{
	for (struct vm_entry *entry = map_first_after(map, 0); entry != NULL;
	     entry = entry_next(map, entry))
		entry_print(entry, print);
	print("%lu KB mapped\n", (unsigned long)(map->size >> 10));
}
