/*
 * Map entries: making, splitting, joining, and their places on the lists of amaps and objects.
 */
#include "arch/pmap.h"
#include "init/panic.h"
#include "mm/kalloc.h"
#include "sched/sched.h"
#include "task/task.h"
#include "vm/clock.h"
#include "vm/map.h"
#include "vm/object.h"

struct vm_entry *
entry_create(struct vm_map *map, bool force)
{
	struct vm_entry *entry;

	if (!task_charge(map->task, TASK_KERNEL_MEMORY, sizeof(*entry))) {
		if (!force)
			return NULL;
		__atomic_add_fetch(&map->task->used[TASK_KERNEL_MEMORY], sizeof(*entry),
		    __ATOMIC_RELAXED);
	}
	entry = kalloc(sizeof(*entry), KALLOC_MAP);
	if (entry == NULL) {
		task_uncharge(map->task, TASK_KERNEL_MEMORY, sizeof(*entry));
		return NULL;
	}
	entry->map = map;
	entry->protection = VM_PROT_DEFAULT;
	entry->max_protection = VM_PROT_ALL;
	entry->inheritance = VM_INHERIT_DEFAULT;
	entry->private = true;
	list_node_init(&entry->amap_link);
	list_node_init(&entry->object_link);
	return entry;
}

static void
entry_free(struct vm_entry *entry)
{
	task_uncharge(entry->map->task, TASK_KERNEL_MEMORY, sizeof(*entry));
	kfree(entry);
}

struct vm_entry *
entry_clone_bare(struct vm_map *map, const struct vm_entry *entry, vm_address_t start,
    vm_address_t end, bool force)
{
	struct vm_entry *clone = entry_create(map, force);

	if (clone == NULL)
		return NULL;
	clone->range.start = start;
	clone->range.end = end;
	clone->object = entry->object;
	clone->offset = entry->offset + (start - entry->range.start);
	clone->protection = entry->protection;
	clone->max_protection = entry->max_protection;
	clone->inheritance = entry->inheritance;
	clone->private = entry->private;
	if (clone->object != NULL)
		vm_object_take(clone->object);
	return clone;
}

struct vm_entry *
entry_clone(struct vm_map *map, const struct vm_entry *entry, vm_address_t start, vm_address_t end,
    bool overlap, bool force)
{
	struct vm_entry *clone = entry_clone_bare(map, entry, start, end, force);

	if (clone == NULL || entry->amap == NULL)
		return clone;
	clone->amap = entry->amap;
	clone->amap_index = entry_amap_index(entry, start);
	clone->needs_copy = entry->needs_copy;
	amap_take(clone->amap, overlap);
	return clone;
}

/* --- bounds and lists --- */

/* The locks under which an entry's bounds change, besides the map's. */
static void
entry_lock(struct vm_entry *entry)
{
	if (entry->object != NULL)
		spin_lock(&entry->object->lock);
	if (entry->amap != NULL)
		spin_lock(&entry->amap->lock);
}

static void
entry_unlock(struct vm_entry *entry)
{
	if (entry->amap != NULL)
		spin_unlock(&entry->amap->lock);
	if (entry->object != NULL)
		spin_unlock(&entry->object->lock);
}

/* Conditions: entry_lock. */
static void
entry_enlist(struct vm_entry *entry)
{
	if (entry->object != NULL)
		list_append(&entry->object->entries, &entry->object_link);
	if (entry->amap != NULL)
		list_append(&entry->amap->entries, &entry->amap_link);
}

void
entry_link(struct vm_entry *entry)
{
	struct vm_map *map = entry->map;

	range_insert(&map->ranges, &entry->range);
	map->size += entry->range.end - entry->range.start;
	entry_lock(entry);
	entry_enlist(entry);
	entry_unlock(entry);
	if (entry->amap != NULL)
		clock_add(entry->amap);
}

/* Out of the tree and off the lists. Conditions: entry_lock. */
static void
entry_delist(struct vm_entry *entry)
{
	struct vm_map *map = entry->map;

	if (map->hint == entry)
		map->hint = NULL;
	range_remove(&map->ranges, &entry->range);
	list_remove(&entry->object_link);
	list_remove(&entry->amap_link);
}

void
entry_unlink(struct vm_entry *entry)
{
	entry->map->size -= entry->range.end - entry->range.start;
	entry_lock(entry);
	entry_delist(entry);
	entry_unlock(entry);
}

void
entry_release(struct vm_entry *entry)
{
	if (entry->amap != NULL)
		amap_release(entry->amap, entry->amap_index, entry_pages(entry));
	if (entry->object != NULL)
		vm_object_drop(entry->object);
	entry_free(entry);
}

void
entry_release_chain(struct vm_entry *chain)
{
	for (unsigned count = 1; chain != NULL; count++) {
		struct vm_entry *next = chain->chain;

		entry_release(chain);
		chain = next;
		if (count % 32 == 0)
			cpu_preempt_point();
	}
}

struct vm_entry *
entry_lookup(struct vm_map *map, vm_address_t address)
{
	struct vm_entry *hint = map->hint;
	struct range *range;

	if (hint != NULL && address >= hint->range.start && address < hint->range.end)
		return hint;
	range = range_find(&map->ranges, address);
	if (range == NULL)
		return NULL;
	return map->hint = entry_of(range);
}

/* --- splitting and joining --- */

bool
entry_clip(struct vm_map *map, vm_address_t address, bool force)
{
	struct vm_entry *entry = entry_lookup(map, address);
	struct vm_entry *upper;

	if (entry == NULL || entry->range.start == address)
		return true;
	upper = entry_clone(map, entry, address, entry->range.end, false, force);
	if (upper == NULL)
		return false;
	upper->wired = entry->wired;
	entry_lock(entry);
	range_resize(&map->ranges, &entry->range, entry->range.start, address);
	range_insert(&map->ranges, &upper->range);
	entry_enlist(upper);
	entry_unlock(entry);
	return true;
}

/* Whether `next` shows what would follow `entry` in its amap. */
static bool
amaps_continue(const struct vm_entry *entry, const struct vm_entry *next)
{
	struct amap *amap = entry->amap;

	if (amap == next->amap)
		return amap == NULL || next->amap_index == entry->amap_index + entry_pages(entry);
	/*
	 * Behind the only window of an amap there is nothing, so an untouched neighbour may use
	 * that part.
	 */
	return next->amap == NULL && amap->refs == 1 && !amap->overlap && !entry->needs_copy &&
	       !amap->shared;
}

static bool
entries_continue(const struct vm_entry *entry, const struct vm_entry *next)
{
	return entry->range.end == next->range.start && entry->object == next->object &&
	       entry->private == next->private && entry->protection == next->protection &&
	       entry->max_protection == next->max_protection &&
	       entry->inheritance == next->inheritance && entry->wired == next->wired &&
	       (entry->needs_copy == next->needs_copy || next->amap == NULL) &&
	       (entry->amap != NULL || next->amap == NULL) &&
	       (entry->object == NULL ||
		   next->offset == entry->offset + (entry->range.end - entry->range.start)) &&
	       amaps_continue(entry, next);
}

/* Drops the reference that a joined entry had, whose window went to its neighbour. */
static void
amap_forget(struct amap *amap)
{
	spin_lock(&amap->lock);
	assert(amap->refs > 1);
	amap->refs--;
	spin_unlock(&amap->lock);
}

/*
 * In one step for those who look for the mappings of a page: `next` has the same object, and the
 * same amap or none.
 */
static struct vm_entry *
join(struct vm_map *map, struct vm_entry *entry, struct vm_entry *next)
{
	vm_address_t end = next->range.end;

	entry_lock(entry);
	entry_delist(next);
	range_resize(&map->ranges, &entry->range, entry->range.start, end);
	entry_unlock(entry);
	if (next->amap != NULL)
		amap_forget(next->amap);
	if (next->object != NULL)
		vm_object_drop(next->object);
	entry_free(next);
	return entry;
}

struct vm_entry *
entry_merge(struct vm_map *map, struct vm_entry *entry)
{
	struct range *before = range_previous(&entry->range);
	struct vm_entry *next = entry_next(map, entry);

	if (next != NULL && entries_continue(entry, next))
		join(map, entry, next);
	if (before != NULL && entries_continue(entry_of(before), entry))
		entry = join(map, entry_of(before), entry);
	return entry;
}

void
entry_merge_range(struct vm_map *map, vm_address_t start, vm_address_t end)
{
	struct vm_entry *entry = map_first_after(map, start);

	for (unsigned count = 1; entry != NULL && entry->range.start <= end; count++) {
		entry = entry_next(map, entry_merge(map, entry));
		if (count % 32 == 0)
			cpu_preempt_point();
	}
}

/* --- the anonymous layer of an entry --- */

bool
entry_need_amap(struct vm_entry *entry)
{
	struct amap *amap;

	if (entry->amap != NULL)
		return true;
	amap = amap_create(entry->map->task);
	if (amap == NULL)
		return false;
	list_append(&amap->entries, &entry->amap_link);
	entry->amap_index = 0;
	entry->amap = amap;
	clock_add(amap);
	return true;
}

bool
entry_resolve_copy(struct vm_entry *entry)
{
	struct amap *old = entry->amap, *copy;
	uint64_t first = entry->amap_index, count = entry_pages(entry);

	if (!entry->needs_copy)
		return true;
	if (old->refs == 1) {
		amap_trim(old, first, count);
		entry->needs_copy = false;
		return true;
	}
	copy = amap_copy(old, first, count, entry->map->task, true);
	if (copy == NULL)
		return false;
	spin_lock(&old->lock);
	list_remove(&entry->amap_link);
	spin_unlock(&old->lock);
	list_append(&copy->entries, &entry->amap_link);
	entry->amap = copy;
	entry->amap_index = 0;
	entry->needs_copy = false;
	clock_add(copy);
	amap_release(old, first, count);
	return true;
}

void
entry_protect_window(struct vm_entry *entry, uint64_t base, uint64_t first, uint64_t count,
    vm_prot_t protection)
{
	uint64_t from = base, end = base + entry_pages(entry);
	uint64_t limit = first + count >= first ? first + count : UINT64_MAX;
	uint64_t start;

	if (from < first)
		from = first;
	if (end > limit)
		end = limit;
	if (from >= end)
		return;
	start = entry->range.start + ((from - base) << PAGE_SHIFT);
	pmap_protect(entry->map->pmap, start, start + ((end - from) << PAGE_SHIFT), protection);
}
