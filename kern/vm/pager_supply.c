/*
 * Answers of pagers to data requests.
 */
#include "init/panic.h"
#include "sched/sched.h"
#include "vm/amap.h"
#include "vm/copy.h"
#include "vm/map.h"
#include "vm/pager.h"

/* An answer finds no memory: so faults do not ask again at once (pager_fault.c). Conditions: object locked. */
static void
went_short(struct pager *pager)
{
	pager->shortages++;
	pager->short_flags = anon_page_flags();
}

bool
pager_insert(struct pager *pager, uint64_t index, struct page *page, vm_prot_t lock)
{
	debug_assert(spin_held(&pager->object.lock));
	if (pager->store != NULL && !store_wants(pager, index)) {
		page_drop(page);
		return true;
	}
	radix_remove(&pager->requests, index);		/* in any case: who works them off comes to the next */
	if (pager->state != PAGER_READY || radix_lookup(&pager->pages, index) != NULL || pager_slot(pager, index) != 0) {
		page_drop(page);	/* what is there may be dirty: it is newer */
		return true;
	}
	if (!radix_insert(&pager->pages, index, page)) {
		page_drop(page);
		went_short(pager);
		return false;
	}
	page_set_use(page, PAGE_USE_OBJECT);
	page->flags = (uint8_t)(PAGE_FRESH | lock << PAGE_LOCK_SHIFT);
	page->owner = pager;
	page->offset = index;
	return true;
}

/* Gives one page, and tells the faults. Returns false: no memory. */
static bool
supply_page(struct pager *pager, uint64_t index, struct page *page, vm_prot_t lock)
{
	bool ok;

	spin_lock(&pager->object.lock);
	ok = pager_insert(pager, index, page, lock);
	waitq_wake_all(&pager->waiters);
	spin_unlock(&pager->object.lock);
	return ok;
}

void
pager_supply_failed(struct pager *pager, uint64_t first, uint64_t count, bool memory)
{
	spin_lock(&pager->object.lock);
	if (memory)
		went_short(pager);
	for (uint64_t index = first; radix_next(&pager->requests, &index) != NULL && index - first < count;
	     index++)
		pager_close_request(pager, index, REQUEST_DATA);
	waitq_wake_all(&pager->waiters);
	spin_unlock(&pager->object.lock);
}

kern_return_t
pager_supply(struct pager *pager, uint64_t first, struct vm_map_copy *copy, vm_prot_t lock)
{
	uint64_t count = copy_pages(copy);

	for (uint64_t i = 0; i < count; i++) {
		struct page *page = copy_take_page(copy, i);

		if (page == NULL || !supply_page(pager, first + i, page, lock)) {
			pager_supply_failed(pager, first + i, count - i, true);
			return KERN_MEMORY_FAILURE;
		}
		if (i % PAGER_BATCH == 0 && cpu_preempt_or_end()) {
			pager_supply_failed(pager, first + i + 1, count - i - 1, false);
			return KERN_ABORTED;
		}
	}
	return KERN_SUCCESS;
}

/* The next page in a range whose data was asked for. Conditions: object locked. */
static bool
next_requested(struct pager *pager, uint64_t *index, uint64_t first, uint64_t count)
{
	for (; *index - first < count; ++*index) {
		uintptr_t request = (uintptr_t)radix_next(&pager->requests, index);

		if (request == 0 || *index - first >= count)
			return false;
		if ((request & REQUEST_DATA) != 0)
			return true;
	}
	return false;
}

kern_return_t
pager_unavailable(struct pager *pager, uint64_t first, uint64_t count)
{
	uint64_t index = first;
	bool ok = true;

	spin_lock(&pager->object.lock);
	while (ok && next_requested(pager, &index, first, count)) {
		struct page *page =
		    page_alloc(0, PAGE_USE_OBJECT, PAGE_ALLOC_ZERO | anon_page_flags());

		ok = page != NULL && pager_insert(pager, index, page, VM_PROT_NONE);
		waitq_wake_all(&pager->waiters);
		spin_unlock(&pager->object.lock);
		cpu_preempt_point();
		spin_lock(&pager->object.lock);
	}
	spin_unlock(&pager->object.lock);
	if (ok)
		return KERN_SUCCESS;
	pager_supply_failed(pager, index, count - (index - first), true);
	return KERN_RESOURCE_SHORTAGE;
}

void
pager_error(struct pager *pager, uint64_t first, uint64_t count)
{
	uint64_t index = first;

	spin_lock(&pager->object.lock);
	for (; next_requested(pager, &index, first, count); index++)
		if (pager->store != NULL && store_unasked(pager, index))
			pager_close_request(pager, index, REQUEST_DATA);	/* who wants it may ask */
		else if (pager->store == NULL || store_wants(pager, index))
			radix_replace(&pager->requests, index, (void *)(REQUEST_SLOT | REQUEST_ERROR));
	pager->has_errors = true;
	waitq_wake_all(&pager->waiters);
	spin_unlock(&pager->object.lock);
}
