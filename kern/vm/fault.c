/*
 * Page faults.
 *
 * A page of a private entry is looked for in the amap, then in the object; neither has it: zeros. A
 * page is entered into the pmap under the lock of the amap or object that holds it, and with write
 * permission only if nobody else may see the write:
 *
 *	in the amap:	the anon has one reference and no copy in swap, and the entry does not need a copy
 *	in the object:	through a shared entry as far as the object allows, a private one never
 *
 * So taking a reference (a snapshot) or a page (flush) and then restricting the mappings is enough
 * to stop all writes.
 */
#include "arch/pmap.h"
#include "init/panic.h"
#include "init/string.h"
#include "task/task.h"
#include "vm/clock.h"
#include "vm/map.h"
#include "vm/object.h"
#include "vm/pageout.h"
#include "vm/refuse.h"
#include "vm/swap.h"

struct fault {
	struct vm_map *map;
	struct vm_entry *entry;
	vm_address_t address;		/* page aligned */
	vm_prot_t access;
	struct page **page;		/* wanted by the caller, or NULL */
	uint32_t slot;			/* FAULT_SWAPPED: where the page is */
};

/* Answers besides kern_return_t. */
#define FAULT_ABSENT	(-1)		/* the object's page must be waited for; it is locked */
#define FAULT_SWAPPED	(-2)		/* an anon's page must be; nothing is locked but the map */

static kern_return_t
enter(struct fault *fault, phys_addr_t address, struct page *page, vm_prot_t protection,
    unsigned cache)
{
	if ((fault->access & ~protection) != 0)
		return KERN_PROTECTION_FAILURE;
	if (!pmap_enter(fault->map->pmap, fault->address, address, protection, cache))
		return KERN_MEMORY_FAILURE;
	if (page != NULL && (protection & VM_PROT_EXECUTE) != 0)
		page->executed = true;
	if (fault->page != NULL) {
		if (page == NULL)
			return KERN_NOT_SUPPORTED;
		frame_take(page);
		*fault->page = page;
	}
	return KERN_SUCCESS;
}

/* --- pages of the amap; the amap is locked --- */

/* Maps a resident anon, locked if shared, with what may be done to it without affecting others. */
static kern_return_t
enter_anon(struct fault *fault, struct anon *anon)
{
	vm_prot_t protection = fault->entry->protection;

	if (anon->refs > 1) {
		clock_reset(anon->page);
		protection &= ~VM_PROT_WRITE;
	} else if (fault->entry->needs_copy) {
		protection &= ~VM_PROT_WRITE;
	} else if (anon->slot != 0) {
		if ((fault->access & VM_PROT_WRITE) != 0)
			anon_forget_slot(anon);
		else
			protection &= ~VM_PROT_WRITE;
	}
	return enter(fault, page_address(anon->page), anon->page, protection, PMAP_CACHED);
}

/*
 * How often the page at an index is wired through entries of this amap. A page that gets wired is
 * private already, if it is writable then.
 */
static uint32_t
wired_through(struct amap *amap, uint64_t index)
{
	struct vm_entry *entry;
	uint32_t wired = 0;

	list_for_each(entry, &amap->entries, amap_link)
		if (index - entry->amap_index < entry_pages(entry))
			wired += entry->wired;
	return wired;
}

/*
 * A copy of an anon that others refer to as well, for this amap. Conditions: locked, resident.
 * Returns NULL: no memory.
 */
static struct anon *
copy_anon(struct amap *amap, uint64_t index, struct anon *old)
{
	struct anon *new = anon_create_copy(page_virtual(old->page));

	if (new == NULL)
		return NULL;
	vm_count(cow_faults, 1);
	if (old->page->wired != 0)
		page_move_wiring(old->page, new->page, wired_through(amap, index));
	return new;
}

/* Puts the copy in the old one's place. Conditions: the old one is no longer locked. */
static void
replace_anon(struct amap *amap, uint64_t index, struct anon *old, struct anon *new)
{
	radix_replace(&amap->anons, index, new);
	/*
	 * Nobody who shares the table may go on reading the old page once writes go to the new one.
	 */
	if (amap->shared)
		amap_protect(amap, index, 1, VM_PROT_NONE);
	anon_drop(old);
}

static kern_return_t
fault_anon(struct fault *fault, uint64_t index, struct anon *anon)
{
	bool locked = anon_lock_shared(anon), copies;
	struct anon *copy = NULL;
	kern_return_t result = KERN_MEMORY_FAILURE;

	copies = (fault->access & VM_PROT_WRITE) != 0 && anon->refs > 1;
	if (!anon_resident(anon)) {
		fault->slot = anon->slot;
		result = FAULT_SWAPPED;
	} else if (copies) {
		copy = copy_anon(fault->entry->amap, index, anon);
	} else {
		result = enter_anon(fault, anon);
	}
	anon_unlock_shared(anon, locked);
	if (copy == NULL)
		return result;
	replace_anon(fault->entry->amap, index, anon, copy);
	return enter_anon(fault, copy);
}

/* A new page in an empty slot of the amap. */
static kern_return_t
fault_zero(struct fault *fault, uint64_t index)
{
	struct anon *anon = anon_create_zero();

	if (anon == NULL)
		return KERN_MEMORY_FAILURE;
	vm_count(zero_fills, 1);
	if (!amap_insert(fault->entry->amap, index, anon)) {
		anon_drop(anon);
		return KERN_MEMORY_FAILURE;
	}
	return enter_anon(fault, anon);
}

/* --- pages of the object --- */

/*
 * Enters a page of the object, which is locked, unless somebody who shares the amap has put an anon
 * before it meanwhile.
 */
static kern_return_t
enter_place(struct fault *fault, const struct object_place *place)
{
	struct vm_entry *entry = fault->entry;
	struct amap *amap = entry->amap;
	vm_prot_t protection = entry->protection & place->allowed;
	uint64_t index = entry_amap_index(entry, fault->address);
	struct anon *anon;
	kern_return_t result;

	if (!entry->private)
		return enter(fault, place->address, place->page, protection, place->cache);
	protection &= ~VM_PROT_WRITE;
	if (amap == NULL)
		return enter(fault, place->address, place->page, protection, place->cache);
	spin_lock(&amap->lock);
	anon = radix_lookup(&amap->anons, index);
	if (anon != NULL)
		result = fault_anon(fault, index, anon);
	else
		result = enter(fault, place->address, place->page, protection, place->cache);
	spin_unlock(&amap->lock);
	return result;
}

/* Maps a page of the object as it is, for shared entries and reads of private ones. */
static kern_return_t
fault_object(struct fault *fault)
{
	struct vm_entry *entry = fault->entry;
	struct vm_object *object = entry->object;
	struct object_place place;
	kern_return_t result;

	spin_lock(&object->lock);
	if (!object->ops->find(object, entry_object_index(entry, fault->address), fault->access,
		&place))
		return FAULT_ABSENT;
	result = enter_place(fault, &place);
	spin_unlock(&object->lock);
	return result;
}

/*
 * Puts a copy of the object's page before it; covered: that page, if it is wired. If another map was
 * faster (shared amaps), uses what is there.
 */
static kern_return_t
cover_page(struct fault *fault, struct page *covered, struct anon *copy)
{
	struct vm_entry *entry = fault->entry;
	struct amap *amap = entry->amap;
	uint64_t index = entry_amap_index(entry, fault->address);
	struct anon *there;
	kern_return_t result;

	spin_lock(&amap->lock);
	there = radix_lookup(&amap->anons, index);
	if (there != NULL) {
		anon_drop(copy);
		result = fault_anon(fault, index, there);
	} else if (!amap_insert(amap, index, copy)) {
		anon_drop(copy);
		result = KERN_MEMORY_FAILURE;
	} else {
		if (amap->shared)	/* others may be reading the object's page */
			amap_protect(amap, index, 1, VM_PROT_NONE);
		if (covered != NULL)
			page_move_wiring(covered, copy->page, entry->wired);
		result = enter_anon(fault, copy);
	}
	spin_unlock(&amap->lock);
	return result;
}

/* Write to a page of the object through a private entry: a copy of it goes into the amap. */
static kern_return_t
fault_copy_object(struct fault *fault)
{
	struct vm_entry *entry = fault->entry;
	struct vm_object *object = entry->object;
	struct object_place place;
	struct anon *anon = NULL;
	struct page *wired = NULL;
	kern_return_t result;

	spin_lock(&object->lock);
	if (!object->ops->find(object, entry_object_index(entry, fault->address), VM_PROT_READ,
		&place))
		return FAULT_ABSENT;
	if (place.page != NULL)
		anon = anon_create_copy(page_virtual(place.page));
	if (anon != NULL && entry->wired != 0)
		frame_take(wired = place.page);		/* a pager that fails gives up wired pages, too */
	spin_unlock(&object->lock);
	if (anon == NULL)
		return place.page != NULL ? KERN_MEMORY_FAILURE : KERN_PROTECTION_FAILURE;
	vm_count(cow_faults, 1);
	result = cover_page(fault, wired, anon);
	if (wired != NULL)
		frame_drop(wired);
	return result;
}

/* --- one attempt --- */

static kern_return_t
fault_private(struct fault *fault)
{
	struct vm_entry *entry = fault->entry;
	bool write = (fault->access & VM_PROT_WRITE) != 0;
	struct anon *anon;
	uint64_t index;
	kern_return_t result;

	if (entry->amap == NULL && entry->object != NULL && !write)
		return fault_object(fault);
	if (!entry_need_amap(entry) || (write && !entry_resolve_copy(entry)))
		return KERN_MEMORY_FAILURE;
	index = entry_amap_index(entry, fault->address);
	spin_lock(&entry->amap->lock);
	anon = radix_lookup(&entry->amap->anons, index);
	if (anon != NULL) {
		result = fault_anon(fault, index, anon);
	} else if (entry->object != NULL) {
		spin_unlock(&entry->amap->lock);
		return write ? fault_copy_object(fault) : fault_object(fault);
	} else {
		if (entry->needs_copy) {
			/* The new page is this entry's, not the snapshot's. */
			spin_unlock(&entry->amap->lock);
			if (!entry_resolve_copy(entry))
				return KERN_MEMORY_FAILURE;
			index = entry_amap_index(entry, fault->address);
			spin_lock(&entry->amap->lock);
		}
		result = fault_zero(fault, index);
	}
	spin_unlock(&entry->amap->lock);
	return result;
}

/*
 * The page has to come first. Conditions: the object locked; unlocks it, and the map while it
 * waits.
 */
static kern_return_t
fault_wait(struct fault *fault, unsigned flags)
{
	struct vm_object *object = fault->entry->object;
	uint64_t index = entry_object_index(fault->entry, fault->address);
	bool copies = fault->entry->private && (fault->access & VM_PROT_WRITE) != 0;
	vm_prot_t access = copies ? VM_PROT_READ : fault->access;	/* as it was looked for */
	kern_return_t result;

	if ((flags & FAULT_NO_WAIT) != 0) {
		spin_unlock(&object->lock);
		return KERN_OPERATION_TIMED_OUT;
	}
	vm_object_take(object);
	mutex_unlock(&fault->map->lock);
	result = object->ops->wait(object, index, access);
	vm_object_drop(object);
	mutex_lock(&fault->map->lock);
	return result;
}

/* The same for a page in swap. */
static kern_return_t
fault_swapped(struct fault *fault, unsigned flags)
{
	kern_return_t result;

	if ((flags & FAULT_NO_WAIT) != 0)
		return KERN_OPERATION_TIMED_OUT;
	mutex_unlock(&fault->map->lock);
	result = swap->wait(fault->slot);
	mutex_lock(&fault->map->lock);
	return result;
}

/* The same for a frame. refusals: as they were before the attempt. */
static kern_return_t
fault_short(struct fault *fault, unsigned flags, uint64_t refusals)
{
	kern_return_t result;

	if (page_refusals() == refusals || !pageout_helps())
		return KERN_MEMORY_FAILURE;
	if ((flags & FAULT_NO_WAIT) != 0)
		return KERN_OPERATION_TIMED_OUT;
	mutex_unlock(&fault->map->lock);
	result = pageout_wait(PAGEOUT_MORE);
	mutex_lock(&fault->map->lock);
	return result;
}

/* One attempt, and the wait for what it wants for. Returns SUCCESS with *done false: once more. */
static kern_return_t
fault_try(struct fault *fault, unsigned flags, bool *done)
{
	uint64_t refusals = page_refusals();
	kern_return_t result = fault->entry->private ? fault_private(fault) : fault_object(fault);

	*done = false;
	switch (result) {
	case FAULT_ABSENT:
		return fault_wait(fault, flags);
	case FAULT_SWAPPED:
		return fault_swapped(fault, flags);
	case KERN_MEMORY_FAILURE:
		return fault_short(fault, flags, refusals);
	default:
		*done = true;
		return result;
	}
}

kern_return_t
fault_locked(struct vm_map *map, vm_address_t address, vm_prot_t access, unsigned flags,
    struct page **page)
{
	struct fault fault = { map, NULL, vm_page_trunc(address), access, page, 0 };
	kern_return_t result;
	bool done;

	do {
		fault.entry = entry_lookup(map, fault.address);
		if (fault.entry == NULL)
			return KERN_INVALID_ADDRESS;
		if ((access & ~fault.entry->protection) != 0)
			return KERN_PROTECTION_FAILURE;
		result = fault_try(&fault, flags, &done);
	} while (!done && result == KERN_SUCCESS);
	return result;
}

kern_return_t
vm_fault(struct vm_map *map, vm_address_t address, vm_prot_t access)
{
	kern_return_t result;
	bool before = refuse_begin();

	vm_count(faults, 1);
	mutex_lock(&map->lock);
	result = fault_locked(map, address, access, 0, NULL);
	mutex_unlock(&map->lock);
	refuse_end(before);
	if (page_low())
		pageout_wake();
	return result;
}
