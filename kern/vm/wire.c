/*
 * Wired memory: pages that stay, and contiguous frames.
 *
 * entry->wired counts vm_wire calls, and each page of a wired entry counts them too (page->wired).
 * Writable memory is made private (copied, if it was shared copy-on-write) when it is wired, and
 * snapshots copy wired pages instead of loaning them, so a wired page is never replaced.
 */
#include "arch/pmap.h"
#include "init/panic.h"
#include "sched/sched.h"
#include "task/task.h"
#include "vm/map.h"
#include "vm/object.h"
#include "vm/wire.h"

/* The resident page at an address of an entry, or NULL. */
static struct page *
entry_page(struct vm_entry *entry, vm_address_t address)
{
	struct object_place place = { 0 };
	struct anon *anon = NULL;

	if (entry->amap != NULL) {
		spin_lock(&entry->amap->lock);
		anon = radix_lookup(&entry->amap->anons, entry_amap_index(entry, address));
		spin_unlock(&entry->amap->lock);
		if (anon != NULL)
			return anon->page;
	}
	if (entry->object == NULL)
		return NULL;
	spin_lock(&entry->object->lock);
	entry->object->ops->find(entry->object, entry_object_index(entry, address), VM_PROT_NONE,
	    &place);
	spin_unlock(&entry->object->lock);
	return place.page;
}

static void
page_wire(struct page *page, uint32_t count)
{
	if (__atomic_fetch_add(&page->wired, count, __ATOMIC_RELAXED) == 0)
		vm_count(wired, 1);
}

static void
page_unwire(struct page *page, uint32_t count)
{
	uint32_t wired;

	if (page == NULL)		/* a device's register */
		return;
	wired = __atomic_load_n(&page->wired, __ATOMIC_RELAXED);
	do {
		if (wired == 0)
			return;
		if (count > wired)
			count = wired;
	} while (!__atomic_compare_exchange_n(&page->wired, &wired, wired - count, false,
	    __ATOMIC_RELAXED, __ATOMIC_RELAXED));
	if (wired == count)
		vm_count(wired, -1);
}

void
page_move_wiring(struct page *old, struct page *new, uint32_t count)
{
	if (count == 0)
		return;
	page_unwire(old, count);
	page_wire(new, count);
}

static void
unwire_pages(struct vm_entry *entry, vm_address_t start, vm_address_t end, uint32_t count)
{
	for (vm_address_t at = start; at < end; at += PAGE_SIZE)
		page_unwire(entry_page(entry, at), count);
	task_uncharge(entry->map->task, TASK_WIRED, (end - start) * count);
}

void
entry_unwire_pages(struct vm_entry *entry)
{
	unwire_pages(entry, entry->range.start, entry->range.end, entry->wired);
	entry->wired = 0;
}

/* --- wiring --- */

/* Every access the entry allows: what its wired pages are ready for. */
static vm_prot_t
wire_access(const struct vm_entry *entry)
{
	return entry->protection & VM_PROT_WRITE ? VM_PROT_READ | VM_PROT_WRITE : entry->protection;
}

/* Brings one page in, without waiting, and counts it. A wired entry never needs a copy. */
static kern_return_t
wire_page(struct vm_map *map, struct vm_entry *entry, vm_address_t at)
{
	struct page *page;
	kern_return_t result;

	if (!entry_resolve_copy(entry))
		return KERN_MEMORY_FAILURE;
	result = fault_locked(map, at, wire_access(entry), FAULT_NO_WAIT, &page);
	if (result != KERN_SUCCESS)
		return result == KERN_NOT_SUPPORTED ? KERN_SUCCESS : result;
	page_wire(page, 1);
	frame_drop(page);
	return KERN_SUCCESS;
}

/* Wires all pages of [start, end) or none; *stopped is the page that could not be had. */
static kern_return_t
wire_pages(struct vm_map *map, vm_address_t start, vm_address_t end, vm_address_t *stopped)
{
	kern_return_t result = KERN_SUCCESS;
	vm_address_t at;

	for (at = start; at < end; at += PAGE_SIZE) {
		result = wire_page(map, entry_lookup(map, at), at);
		if (result != KERN_SUCCESS)
			break;
		if ((at >> PAGE_SHIFT) % 32 == 0)
			cpu_preempt_point();
	}
	if (result == KERN_SUCCESS)
		return result;
	*stopped = at;
	while (at > start) {
		at -= PAGE_SIZE;
		page_unwire(entry_page(entry_lookup(map, at), at), 1);
	}
	return result;
}

/*
 * Conditions: locked; dropped while pagers work, one page at a time, until all pages are there at
 * once.
 */
static kern_return_t
wire_range(struct vm_map *map, vm_address_t start, vm_address_t end, vm_prot_t access)
{
	uint64_t tries = ((end - start) >> PAGE_SHIFT) * 2;
	vm_address_t absent;
	kern_return_t result;

	do {
		result =
		    map->dead ? KERN_TERMINATED : map_check_access(map, start, end, false, access);
		if (result != KERN_SUCCESS)
			return result;
		result = wire_pages(map, start, end, &absent);
		if (result == KERN_OPERATION_TIMED_OUT) {
			result = fault_locked(map, absent, wire_access(entry_lookup(map, absent)), 0, NULL);
			if (result == KERN_SUCCESS)
				result = KERN_OPERATION_TIMED_OUT;
		}
	} while (result == KERN_OPERATION_TIMED_OUT && tries-- > 0);
	return result == KERN_MEMORY_FAILURE ? KERN_RESOURCE_SHORTAGE : result;
}

static kern_return_t
map_wire_locked(struct vm_map *map, vm_address_t start, vm_address_t end, vm_prot_t access)
{
	struct vm_entry *entry;
	kern_return_t result;

	if (!task_charge(map->task, TASK_WIRED, end - start))
		return KERN_RESOURCE_SHORTAGE;
	result = wire_range(map, start, end, access);
	if (result != KERN_SUCCESS)
		goto uncharge;
	if (!entry_clip(map, start, false) || !entry_clip(map, end, false)) {
		for (vm_address_t at = start; at < end; at += PAGE_SIZE)
			page_unwire(entry_page(entry_lookup(map, at), at), 1);
		result = KERN_RESOURCE_SHORTAGE;
		goto uncharge;
	}
	for (entry = map_first_after(map, start); entry != NULL && entry->range.start < end;
	     entry = entry_next(map, entry))
		entry->wired++;
	return KERN_SUCCESS;
uncharge:
	task_uncharge(map->task, TASK_WIRED, end - start);
	return result;
}

static kern_return_t
map_unwire_locked(struct vm_map *map, vm_address_t start, vm_address_t end)
{
	kern_return_t result =
	    map->dead ? KERN_TERMINATED : map_check_access(map, start, end, false, VM_PROT_NONE);
	struct vm_entry *entry;

	if (result != KERN_SUCCESS)
		return result;
	for (entry = map_first_after(map, start); entry != NULL && entry->range.start < end;
	     entry = entry_next(map, entry))
		if (entry->wired == 0)
			return KERN_INVALID_ARGUMENT;
	if (!entry_clip(map, start, true) || !entry_clip(map, end, true))
		return KERN_RESOURCE_SHORTAGE;
	for (entry = map_first_after(map, start); entry != NULL && entry->range.start < end;
	     entry = entry_next(map, entry)) {
		unwire_pages(entry, entry->range.start, entry->range.end, 1);
		entry->wired--;
	}
	entry_merge_range(map, start, end);
	return KERN_SUCCESS;
}

kern_return_t
map_wire(struct vm_map *map, vm_address_t address, vm_size_t size, vm_prot_t access)
{
	vm_address_t start, end;
	kern_return_t result;

	if ((access & ~VM_PROT_ALL) != 0)
		return KERN_INVALID_ARGUMENT;
	result = map_check_range(address, size, &start, &end);
	if (result != KERN_SUCCESS)
		return result;
	mutex_lock(&map->lock);
	result = access != VM_PROT_NONE ? map_wire_locked(map, start, end, access) :
					  map_unwire_locked(map, start, end);
	mutex_unlock(&map->lock);
	return result;
}

/* --- pins --- */

/* Whether all of [start, end) is anonymous pages: then each goes to *pages. Conditions: wired. */
static bool
anonymous_pages(struct vm_map *map, vm_address_t start, vm_address_t end, struct page **pages)
{
	for (vm_address_t at = start; at < end; at += PAGE_SIZE) {
		struct page *page = entry_page(entry_lookup(map, at), at);

		if (page == NULL || page->use != PAGE_USE_ANON)
			return false;
		*pages++ = page;
	}
	return true;
}

kern_return_t
map_pin(struct vm_map *map, vm_address_t address, vm_size_t size, struct page **pages)
{
	vm_address_t start, end;
	kern_return_t result = map_check_range(address, size, &start, &end);

	if (result != KERN_SUCCESS)
		return result;
	mutex_lock(&map->lock);
	result = map_wire_locked(map, start, end, VM_PROT_READ);
	if (result == KERN_SUCCESS && !anonymous_pages(map, start, end, pages)) {
		map_unwire_locked(map, start, end);
		result = KERN_INVALID_ARGUMENT;
	}
	for (uint64_t i = 0; result == KERN_SUCCESS && i < (end - start) >> PAGE_SHIFT; i++)
		frame_take(pages[i]);
	mutex_unlock(&map->lock);
	return result;
}

/* Whether [start, end) is wired and these are its pages. */
static bool
still_there(struct vm_map *map, vm_address_t start, vm_address_t end, struct page *const *pages)
{
	for (vm_address_t at = start; at < end; at += PAGE_SIZE) {
		struct vm_entry *entry = entry_lookup(map, at);

		if (entry == NULL || entry->wired == 0 || entry_page(entry, at) != *pages++)
			return false;
	}
	return true;
}

void
map_unpin(struct vm_map *map, vm_address_t address, vm_size_t size, struct page *const *pages)
{
	vm_address_t start = vm_page_trunc(address), end = vm_page_round(address + size);

	mutex_lock(&map->lock);
	if (!map->dead && still_there(map, start, end, pages))
		map_unwire_locked(map, start, end);
	mutex_unlock(&map->lock);
	for (uint64_t i = 0; i < (end - start) >> PAGE_SHIFT; i++)
		frame_drop(pages[i]);
}

/* --- contiguous memory --- */

/*
 * Puts `pages` frames from first on into an amap as wired anons; each page's reference goes with it
 * or is dropped. Returns false: not all.
 */
static bool
fill_amap(struct amap *amap, struct page *first, uint64_t pages)
{
	uint64_t done = 0;

	for (uint64_t i = 0; i < pages; i++) {
		struct anon *anon = done == i ? anon_create_page(&first[i]) : NULL;

		if (anon == NULL) {
			page_drop(&first[i]);
		} else if (!amap_insert(amap, i, anon)) {
			anon_drop(anon);
		} else {
			page_wire(&first[i], 1);
			done++;
		}
	}
	return done == pages;
}

/* Gives what a failed call put into an amap free for release. */
static void
unwire_amap(struct amap *amap)
{
	struct anon *anon;

	for (uint64_t index = 0; (anon = radix_next(&amap->anons, &index)) != NULL; index++)
		page_unwire(anon->page, 1);
}

/*
 * A wired entry of zeroed contiguous frames, relative to 0. Returns NULL: no such block, or over a
 * limit.
 */
static struct vm_entry *
contiguous_entry(struct vm_map *map, uint64_t pages, unsigned order, phys_addr_t *physical)
{
	struct vm_entry *entry = entry_create(map, false);
	struct page *block;

	if (entry == NULL)
		return NULL;
	entry->range.end = pages << PAGE_SHIFT;
	entry->amap = amap_create(map->task);
	block = entry->amap != NULL ? page_alloc(order, PAGE_USE_ANON, PAGE_ALLOC_ZERO) : NULL;
	if (block == NULL)
		goto release;
	page_split(block);
	for (uint64_t i = pages; i < 1ull << order; i++)
		page_drop(&block[i]);
	*physical = page_address(block);
	if (fill_amap(entry->amap, block, pages)) {
		entry->wired = 1;
		return entry;
	}
	unwire_amap(entry->amap);
release:
	entry_release(entry);
	return NULL;
}

kern_return_t
map_allocate_contiguous(struct vm_map *map, vm_address_t *address, vm_size_t size,
    phys_addr_t *physical)
{
	struct vm_entry *entry;
	unsigned order = 0;
	kern_return_t result;

	if (size == 0 || size > PAGE_SIZE << PAGE_ORDER_MAX)
		return KERN_INVALID_ARGUMENT;
	size = vm_page_round(size);
	while (PAGE_SIZE << order < size)
		order++;
	if (!task_charge(map->task, TASK_WIRED, size))
		return KERN_RESOURCE_SHORTAGE;
	entry = contiguous_entry(map, size >> PAGE_SHIFT, order, physical);
	if (entry == NULL) {
		task_uncharge(map->task, TASK_WIRED, size);
		return KERN_RESOURCE_SHORTAGE;
	}
	*address = 0;
	result = map_insert_chain(map, address, size, 0, VM_FLAGS_ANYWHERE, entry);
	if (result != KERN_SUCCESS) {
		unwire_amap(entry->amap);
		task_uncharge(map->task, TASK_WIRED, size);
		entry_release(entry);
	}
	return result;
}
