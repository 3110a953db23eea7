/*
 * Eviction of pagers' pages: the second hand of the clock, which goes round all pagers and over the
 * pages of each.
 *
 * Neighbours that were not used since the last time go together. Clean pages are dropped, the pager
 * is asked again. Dirty ones are returned to it, up to FLIGHT_MAX at a time; those of a pager that
 * does not keep up, or of all when the last frames are touched, go to swap and stay the object's:
 * lock_request and memory_object_copy find them there. So no pager can hold frames by doing nothing.
 */
#include "arch/pmap.h"
#include "vm/map.h"
#include "vm/pageout.h"
#include "vm/pager.h"
#include "vm/swap.h"

#define LOOK 32u			/* pages looked at with the lock held */

/* --- choosing --- */

/* Whether a page was used through a mapping since the last time. Conditions: object locked. */
static bool
used(struct pager *pager, uint64_t index)
{
	struct vm_entry *entry;
	bool accessed = false;

	list_for_each(entry, &pager->object.entries, object_link) {
		uint64_t page = index - (entry->offset >> PAGE_SHIFT);

		if (page < entry_pages(entry) &&
		    pmap_test_and_clear_accessed(entry->map->pmap,
			entry->range.start + (page << PAGE_SHIFT)))
			accessed = true;
	}
	return accessed;
}

static bool
cold(struct pager *pager, uint64_t index, struct page *page)
{
	if (page->refs != 1 || page->wired != 0 || page->pins != 0)
		return false;
	if ((page->flags & PAGE_FRESH) != 0) {
		page->flags &= ~PAGE_FRESH;
		return false;
	}
	return !used(pager, index);
}

/*
 * Moves the hand to the end of the next cold pages that are neighbours. Conditions: object locked.
 * Returns how many, from *first on.
 */
static unsigned
next_cold(struct pager *pager, uint64_t *first, struct clock_count *count)
{
	unsigned found = 0;

	while (count->looked < LOOK && found < PAGER_BATCH) {
		uint64_t index = pager->hand;
		struct page *page = radix_next(&pager->pages, &index);

		if (page == NULL)
			pager->hand = 0;
		if (page == NULL || (found != 0 && index != pager->hand))
			break;
		pager->hand = index + 1;
		count->looked++;
		if (cold(pager, index, page)) {
			if (found++ == 0)
				*first = index;
		} else if (found != 0) {
			break;
		}
	}
	return found;
}

/* --- evicting; object locked, no mapping left --- */

/* Whether a lock_request is at the page: it would miss what is in swap. */
static bool
in_piece(const struct pager *pager, uint64_t index)
{
	struct pager_piece *piece;

	list_for_each(piece, &pager->pieces, link)
		if (index >= piece->first && index < piece->end)
			return true;
	return false;
}

/* Returns whether it went. */
static bool
to_swap(struct pager *pager, uint64_t index, struct page *page, struct swap_run *run)
{
	uint32_t slot;

	if (page_locked(page) != 0 || page->refs != 1 || in_piece(pager, index) ||
	    !radix_insert(&pager->swapped, index, (void *)~0ul))
		return false;
	slot = swap->put(run, page);
	if (slot == 0) {
		radix_remove(&pager->swapped, index);
		return false;
	}
	radix_replace(&pager->swapped, index, (void *)(uintptr_t)slot);
	radix_remove(&pager->pages, index);
	page_set_use(page, PAGE_USE_ANON);
	return true;
}

/* Drops the clean pages of a range. Returns how many; *dirty is set if there are others. */
static unsigned
drop_clean(struct pager *pager, uint64_t first, unsigned count, bool *dirty)
{
	unsigned dropped = 0;

	for (uint64_t index = first; index < first + count; index++) {
		struct page *page = radix_lookup(&pager->pages, index);

		if (page == NULL || page->refs != 1 || page->wired != 0 || page->pins != 0)
			continue;
		object_protect(&pager->object, index, 1, VM_PROT_NONE);
		if ((page->flags & PAGE_DIRTY) != 0) {
			*dirty = true;
			continue;
		}
		pager_flush_page(pager, index, page);
		dropped++;
	}
	return dropped;
}

static unsigned
swap_dirty(struct pager *pager, uint64_t first, unsigned count, struct swap_run *run)
{
	unsigned gone = 0;

	spin_lock(&pager->object.lock);
	for (uint64_t index = first; index < first + count; index++) {
		struct page *page = radix_lookup(&pager->pages, index);

		if (page == NULL || (page->flags & PAGE_DIRTY) == 0 || page->wired != 0 ||
		    page->pins != 0 || swap->room(run) == 0)
			continue;
		object_protect(&pager->object, index, 1, VM_PROT_NONE);
		gone += to_swap(pager, index, page, run);
	}
	spin_unlock(&pager->object.lock);
	return gone;
}

struct clock_count
pager_clock_advance(struct swap_run *run)
{
	struct clock_count count = { 0 };
	struct pager *pager = pager_at_hand();
	uint64_t first = 0;
	unsigned found;
	bool dirty = false;

	if (pager == NULL)
		return count;
	spin_lock(&pager->object.lock);
	found = next_cold(pager, &first, &count);
	count.evicted = drop_clean(pager, first, found, &dirty);
	spin_unlock(&pager->object.lock);
	if (dirty && !flight_full(pager->flight) && !page_nearly_out()) {
		if (pager_evict_range(pager, first, found) == KERN_SUCCESS)
			count.evicted++;
	} else if (dirty && run != NULL) {
		count.evicted += swap_dirty(pager, first, found, run);
	}
	pager_pass_on(pager);
	return count;
}

/* --- coming back --- */

kern_return_t
pager_swap_in(struct pager *pager, uint64_t index)
{
	uint32_t slot = pager_slot(pager, index);
	uint64_t refusals = page_refusals();
	kern_return_t result = KERN_SUCCESS;
	struct page *page = NULL;

	/* The place first: a page that was taken has nowhere else to go. */
	if (!radix_insert(&pager->pages, index, pager))
		result = KERN_MEMORY_FAILURE;
	else if ((page = swap->take(slot)) == NULL)
		radix_remove(&pager->pages, index);
	if (page != NULL) {
		radix_replace(&pager->pages, index, page);
		page_set_use(page, PAGE_USE_OBJECT);
		page->flags = PAGE_DIRTY | PAGE_FRESH;
		page->owner = pager;
		page->offset = index;
		radix_remove(&pager->swapped, index);
		swap->release(slot);
		waitq_wake_all(&pager->waiters);
	}
	spin_unlock(&pager->object.lock);
	if (result != KERN_SUCCESS)
		return pageout_wait_after(refusals, PAGEOUT_PAGE_BACK);
	return page == NULL ? swap->wait(slot) : KERN_SUCCESS;
}

kern_return_t
pager_swap_in_range(struct pager *pager, uint64_t first, uint64_t end)
{
	kern_return_t result = KERN_SUCCESS, one;
	uint64_t index = first;

	for (;;) {
		spin_lock(&pager->object.lock);
		if (radix_next(&pager->swapped, &index) == NULL || index >= end) {
			spin_unlock(&pager->object.lock);
			return result;
		}
		one = pager_swap_in(pager, index);
		if (one != KERN_SUCCESS && one != KERN_MEMORY_ERROR)
			return one;
		if (one == KERN_MEMORY_ERROR) {
			result = one;
			index++;
		}
	}
}

void
pager_swap_discard(struct pager *pager, uint64_t first, uint64_t count)
{
	for (uint64_t index = first; radix_next(&pager->swapped, &index) != NULL && index - first < count;
	     index++)
		swap->release((uint32_t)(uintptr_t)radix_remove(&pager->swapped, index));
}
