/*
 * Snapshots of memory ranges: out-of-line memory of messages, vm_read, vm_write, vm_copy,
 * vm_remap(copy).
 *
 * A snapshot is one amap with all pages of the range. Anonymous pages are loaned: the snapshot
 * takes a reference to the anon, and whoever writes first copies. Partly sent edge pages and pages
 * of objects are copied at once. Absent anonymous pages stay absent (zeros).
 *
 *	source	 | ##aaaa | bbbbbb | ------ | cc#### |	# not sent
 *	snapshot | 00aaaa | bbbbbb |        | cc0000 |
 */
#include "arch/pmap.h"
#include "init/panic.h"
#include "init/string.h"
#include "mm/kalloc.h"
#include "sched/sched.h"
#include "task/task.h"
#include "vm/copy.h"
#include "vm/map.h"
#include "vm/object.h"
#include "vm/pageout.h"

#define COPYIN_TRIES	8u		/* when the kernel's own tables find no memory, which may be more than will ever be free */

struct vm_map_copy {
	vm_size_t size;			/* bytes sent */
	vm_offset_t offset;		/* of the first byte in its page */
	uint64_t pages;
	struct amap *amap;
};

/* An empty snapshot of `size` bytes from `offset` in the first page on. */
static struct vm_map_copy *
copy_new(vm_size_t size, vm_offset_t offset, struct task *task)
{
	struct vm_map_copy *copy = kalloc(sizeof(*copy), KALLOC_MAP);

	if (copy == NULL)
		return NULL;
	copy->amap = amap_create(task);
	if (copy->amap == NULL) {
		kfree(copy);
		return NULL;
	}
	copy->size = size;
	copy->offset = offset;
	copy->pages = vm_page_round(offset + size) >> PAGE_SHIFT;
	return copy;
}

/* --- taking a snapshot; the map is locked --- */

struct snapshot {
	struct vm_map *map;
	vm_address_t address, limit;	/* the bytes */
	vm_address_t start, end;	/* the pages */
	struct vm_map_copy *copy;
	uint64_t copied;		/* bytes of pages that belong to nobody yet: charged as long as it lasts */
};

/* Copies what was sent of one page. */
static kern_return_t
copy_page(struct snapshot *snapshot, vm_address_t at, bool *again)
{
	uint64_t refusals = page_refusals();
	vm_address_t from = at < snapshot->address ? snapshot->address : at;
	vm_address_t to = at + PAGE_SIZE > snapshot->limit ? snapshot->limit : at + PAGE_SIZE;
	struct anon *anon = anon_create_zero();
	struct page *page;
	kern_return_t result;

	if (anon == NULL) {
		/* What has been copied is kept: else it would be found free, and taken again for ever. */
		*again = true;
		mutex_unlock(&snapshot->map->lock);
		result = pageout_wait_after(refusals, PAGEOUT_MORE);
		mutex_lock(&snapshot->map->lock);
		return result;
	}
	result = fault_locked(snapshot->map, at, VM_PROT_READ, 0, &page);
	if (result != KERN_SUCCESS)
		goto drop;
	memcpy((char *)page_virtual(anon->page) + (from - at),
	    (char *)page_virtual(page) + (from - at), to - from);
	frame_drop(page);
	if (amap_insert(snapshot->copy->amap, (at - snapshot->start) >> PAGE_SHIFT, anon)) {
		if (snapshot->copy->amap->task == NULL) {
			snapshot->copied += PAGE_SIZE;
			__atomic_add_fetch(&snapshot->map->task->used[TASK_MEMORY], PAGE_SIZE, __ATOMIC_RELAXED);
		}
		return KERN_SUCCESS;
	}
	result = KERN_RESOURCE_SHORTAGE;
drop:
	anon_drop(anon);
	return result;
}

/* Loans the anons of whole pages of an entry and write-protects them everywhere. */
static kern_return_t
loan_pages(struct snapshot *snapshot, struct vm_entry *entry, vm_address_t at, vm_address_t end)
{
	struct amap *amap = entry->amap;
	uint64_t first = entry_amap_index(entry, at), count = (end - at) >> PAGE_SHIFT, copied;
	bool ok = amap_copy_into(amap, first, count, snapshot->copy->amap,
	    (at - snapshot->start) >> PAGE_SHIFT, false, &copied);

	if (amap->shared) {
		spin_lock(&amap->lock);
		amap_protect(amap, first, count, VM_PROT_READ | VM_PROT_EXECUTE);
		spin_unlock(&amap->lock);
	} else if (copied != 0 && (entry->protection & VM_PROT_WRITE) != 0 && entry->wired == 0) {
		pmap_protect(snapshot->map->pmap, at, end, VM_PROT_READ | VM_PROT_EXECUTE);
	}
	return ok ? KERN_SUCCESS : KERN_RESOURCE_SHORTAGE;
}

/* Whether the page is anonymous and untouched, or below nothing at all. */
static bool
page_is_zero(struct vm_entry *entry, vm_address_t at)
{
	bool absent = true;

	if (!entry->private || entry->object != NULL)
		return false;
	if (entry->amap != NULL) {
		spin_lock(&entry->amap->lock);
		absent = radix_lookup(&entry->amap->anons, entry_amap_index(entry, at)) == NULL;
		spin_unlock(&entry->amap->lock);
	}
	return absent;
}

/* Takes pages from *at on, as many as go in one piece. */
static kern_return_t
take_piece(struct snapshot *snapshot, vm_address_t *at)
{
	struct vm_entry *entry = entry_lookup(snapshot->map, *at);
	vm_address_t from = *at, end, whole_end = vm_page_trunc(snapshot->limit);
	kern_return_t result;
	bool again = false;

	if (entry == NULL)
		return KERN_INVALID_ADDRESS;
	if ((entry->protection & VM_PROT_READ) == 0)
		return KERN_PROTECTION_FAILURE;
	end = entry->range.end < snapshot->end ? entry->range.end : snapshot->end;
	if (entry->private && entry->object == NULL && from >= snapshot->address &&
	    from < whole_end) {
		*at = end < whole_end ? end : whole_end;
		return entry->amap != NULL ? loan_pages(snapshot, entry, from, *at) : KERN_SUCCESS;
	}
	result = page_is_zero(entry, from) ? KERN_SUCCESS : copy_page(snapshot, from, &again);
	*at = again ? from : from + PAGE_SIZE;
	return result;
}

static kern_return_t
take_all(struct snapshot *snapshot)
{
	kern_return_t result =
	    map_check_access(snapshot->map, snapshot->start, snapshot->end, false, VM_PROT_READ);
	unsigned count = 1;

	for (vm_address_t at = snapshot->start; result == KERN_SUCCESS && at < snapshot->end;) {
		result = take_piece(snapshot, &at);
		if (count++ % 32 == 0 && cpu_preempt_or_end())
			return KERN_ABORTED;
	}
	return result;
}

static kern_return_t
copyin_once(struct snapshot *snapshot, vm_size_t size, bool deallocate)
{
	struct vm_map *map = snapshot->map;
	struct vm_entry *chain = NULL;
	kern_return_t result;

	/* What is moved was charged already and is charged over once it has left the map. */
	snapshot->copy =
	    copy_new(size, snapshot->address - snapshot->start, deallocate ? NULL : map->task);
	if (snapshot->copy == NULL)
		return KERN_RESOURCE_SHORTAGE;
	mutex_lock(&map->lock);
	result = map->dead ? KERN_TERMINATED : take_all(snapshot);
	if (result == KERN_SUCCESS && deallocate)
		result = map_detach(map, snapshot->start, snapshot->end, &chain);
	mutex_unlock(&map->lock);
	entry_release_chain(chain);
	if (result != KERN_SUCCESS)
		vm_map_copy_discard(snapshot->copy);
	else if (deallocate)
		amap_set_task(snapshot->copy->amap, map->task, true);
	if (snapshot->copied != 0)	/* the caller's own; last, as who waits for its frames looks at the charge */
		task_uncharge(map->task, TASK_MEMORY, snapshot->copied);
	snapshot->copied = 0;
	return result;
}

kern_return_t
vm_map_copyin(struct vm_map *map, vm_address_t address, vm_size_t size, bool deallocate,
    struct vm_map_copy **copy)
{
	struct snapshot snapshot = { .map = map, .address = address, .limit = address + size };
	kern_return_t result = map_check_range(address, size, &snapshot.start, &snapshot.end);
	uint64_t refusals;
	unsigned tries = COPYIN_TRIES;

	if (result != KERN_SUCCESS)
		return result;
	do {
		refusals = page_refusals();
		result = copyin_once(&snapshot, size, deallocate);
		*copy = snapshot.copy;
	} while (result == KERN_RESOURCE_SHORTAGE && --tries > 0 && pageout_wait_after(refusals, PAGEOUT_MORE) == KERN_SUCCESS);
	return result == KERN_MEMORY_FAILURE ? KERN_RESOURCE_SHORTAGE : result;
}

/* --- using it --- */

void
vm_map_copy_discard(struct vm_map_copy *copy)
{
	amap_destroy(copy->amap);
	kfree(copy);
}

vm_size_t
vm_map_copy_size(const struct vm_map_copy *copy)
{
	return copy->size;
}

kern_return_t
copy_enter(struct vm_map *map, struct vm_map_copy *copy, vm_address_t *address, vm_address_t mask,
    unsigned flags, vm_prot_t current, vm_prot_t maximum, vm_inherit_t inheritance)
{
	struct vm_entry *entry = entry_create(map, false);
	vm_address_t place = *address;
	kern_return_t result = KERN_RESOURCE_SHORTAGE;

	if (entry == NULL)
		return result;
	entry->range.end = copy->pages << PAGE_SHIFT;
	entry->protection = current;
	entry->max_protection = maximum;
	entry->inheritance = inheritance;
	if (!amap_set_task(copy->amap, map->task, false))
		goto release;
	entry->amap = copy->amap;
	result = map_insert_chain(map, &place, entry->range.end, mask, flags, entry);
	if (result != KERN_SUCCESS)
		goto release;
	*address = place + copy->offset;
	kfree(copy);
	return KERN_SUCCESS;
release:
	entry->amap = NULL;		/* still the copy's */
	entry_release(entry);
	return result;
}

kern_return_t
vm_map_copyout(struct vm_map *map, struct vm_map_copy *copy, vm_address_t *address)
{
	*address = 0;
	return copy_enter(map, copy, address, 0, VM_FLAGS_ANYWHERE, VM_PROT_DEFAULT, VM_PROT_ALL,
	    VM_INHERIT_DEFAULT);
}

/* --- writing into a map --- */

/* Writes bytes (data NULL: zeros) that lie in one page. */
static kern_return_t
write_in_page(struct vm_map *map, vm_address_t address, const void *data, vm_size_t size)
{
	struct page *page;
	kern_return_t result;
	char *to;

	/* The lock keeps the page from being loaned to a snapshot meanwhile. */
	mutex_lock(&map->lock);
	result = fault_locked(map, address, VM_PROT_WRITE, 0, &page);
	if (result != KERN_SUCCESS)
		goto unlock;
	to = (char *)page_virtual(page) + (address & VM_PAGE_MASK);
	if (data != NULL)
		memcpy(to, data, size);
	else
		memset(to, 0, size);
	frame_drop(page);
unlock:
	mutex_unlock(&map->lock);
	return result;
}

/*
 * Validates a destination as a whole, so that a bad one is usually refused before anything is
 * written.
 */
static kern_return_t
check_writable(struct vm_map *map, vm_address_t address, vm_size_t size)
{
	vm_address_t start, end;
	kern_return_t result = map_check_range(address, size, &start, &end);

	if (result != KERN_SUCCESS)
		return result;
	mutex_lock(&map->lock);
	result =
	    map->dead ? KERN_TERMINATED : map_check_access(map, start, end, false, VM_PROT_WRITE);
	mutex_unlock(&map->lock);
	return result;
}

static inline vm_size_t
least(vm_size_t a, vm_size_t b)
{
	return a < b ? a : b;
}

kern_return_t
vm_map_write(struct vm_map *map, vm_address_t address, const void *data, vm_size_t size)
{
	const char *from = data;
	kern_return_t result = size != 0 ? check_writable(map, address, size) : KERN_SUCCESS;

	while (result == KERN_SUCCESS && size != 0) {
		vm_size_t chunk = least(PAGE_SIZE - (address & VM_PAGE_MASK), size);

		result = write_in_page(map, address, from, chunk);
		address += chunk;
		from += chunk;
		size -= chunk;
	}
	return result;
}

kern_return_t
copy_overwrite(struct vm_map *map, vm_address_t address, const struct vm_map_copy *copy)
{
	vm_offset_t at = copy->offset, end = copy->offset + copy->size;
	kern_return_t result = check_writable(map, address, copy->size);

	while (result == KERN_SUCCESS && at < end) {
		vm_size_t chunk = least(
		    least(PAGE_SIZE - (address & VM_PAGE_MASK), PAGE_SIZE - (at & VM_PAGE_MASK)),
		    end - at);
		struct anon *anon = radix_lookup(&copy->amap->anons, at >> PAGE_SHIFT);

		result = anon != NULL ? anon_fetch(anon) : KERN_SUCCESS;
		if (result != KERN_SUCCESS)
			break;
		result = write_in_page(map, address,
		    anon != NULL ? (char *)page_virtual(anon->page) + (at & VM_PAGE_MASK) : NULL,
		    chunk);
		address += chunk;
		at += chunk;
		if (cpu_preempt_or_end())
			return KERN_ABORTED;
	}
	return result;
}

/* --- page by page, for pagers --- */

struct vm_map_copy *
copy_create(uint64_t pages)
{
	struct vm_map_copy *copy = copy_new(pages << PAGE_SHIFT, 0, NULL);

	if (copy != NULL)
		copy->amap->returned = true;
	return copy;
}

uint64_t
copy_pages(const struct vm_map_copy *copy)
{
	return copy->pages;
}

bool
copy_put_page(struct vm_map_copy *copy, uint64_t index, struct page *page)
{
	struct anon *anon = anon_create_page(page);

	if (anon == NULL)
		return false;
	if (amap_insert(copy->amap, index, anon))
		return true;
	page_take(page);		/* dropping the anon drops one */
	anon_drop(anon);
	return false;
}

struct page *
copy_take_page(struct vm_map_copy *copy, uint64_t index)
{
	struct anon *anon = amap_remove(copy->amap, index);

	if (anon != NULL && anon_fetch(anon) == KERN_SUCCESS)
		return anon_to_page(anon);
	if (anon != NULL) {
		anon_drop(anon);
		return NULL;
	}
	return page_alloc(0, PAGE_USE_ANON, PAGE_ALLOC_ZERO | anon_page_flags());
}

void
copy_trim(struct vm_map_copy *copy, uint64_t pages)
{
	copy->pages = pages;
	copy->size = pages << PAGE_SHIFT;
}
