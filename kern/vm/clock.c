/*
 * The clock: second chance over all anonymous memory.
 *
 * The hand goes round the list of amaps, and in each over its anons. A page that was used since the
 * last time (the pmap's accessed bit, in any map) is passed by. Else its mappings through this amap
 * are taken away, and if nobody else can have one it is evicted: the page goes into the run, the
 * anon keeps the slot. Going along the tables needs no list of mappings per page, costs a fault
 * nothing, and puts neighbours into neighbouring slots.
 *
 * A shared anon has a place in each of `refs` amaps, and nothing leads from the anon to them. It is
 * evicted when the hand has been at all of them in one sweep and found it unused: page->offset
 * counts the visits, `sweep << 32 | visits`. Whoever maps the page or drops a reference in between
 * sets it back to 0, under the anon's lock. An amap is visited at most once per sweep, so a count of
 * `refs` means that there is no mapping left. Memory on its way in a message is in no mapped amap,
 * and what it shares is therefore not evicted meanwhile.
 */
#include "vm/clock.h"
#include "arch/pmap.h"
#include "init/panic.h"
#include "task/task.h"
#include "vm/amap.h"
#include "vm/map.h"
#include "vm/swap.h"

#define BATCH 32u			/* anons looked at with the locks held */

static struct spinlock clock_lock = SPINLOCK_INIT("clock", RANK_CLOCK);
static struct list amaps = LIST_INIT(amaps);	/* those not visited in this sweep first */
static uint32_t sweep = 1;

void
clock_add(struct amap *amap)
{
	if (amap->on_clock)
		return;
	spin_lock(&clock_lock);
	if (!amap->on_clock)
		list_append(&amaps, &amap->clock_link);
	amap->on_clock = true;
	spin_unlock(&clock_lock);
}

void
clock_remove(struct amap *amap)
{
	if (!amap->on_clock)
		return;
	spin_lock(&clock_lock);
	list_remove(&amap->clock_link);
	spin_unlock(&clock_lock);
}

void
clock_reset(struct page *page)
{
	if ((page->flags & PAGE_RETURNED) == 0)
		page->offset = 0;
}

/* Counts a visit to a shared anon's page. Returns whether all its places have been visited. */
static bool
visited_all(struct page *page, uint32_t refs)
{
	if (page->offset >> 32 != sweep)
		page->offset = (uint64_t)sweep << 32;
	page->offset++;
	return (uint32_t)page->offset >= refs;
}

/* Whether a page was used through this amap since the last time. */
static bool
used_through(struct amap *amap, uint64_t index)
{
	struct vm_entry *entry;
	bool used = false;

	list_for_each(entry, &amap->entries, amap_link) {
		uint64_t page = index - entry->amap_index;

		if (page < entry_pages(entry) &&
		    pmap_test_and_clear_accessed(entry->map->pmap,
			entry->range.start + (page << PAGE_SHIFT)))
			used = true;
	}
	return used;
}

/* Takes the page, which nobody maps, from its anon. Returns false: it could not go anywhere. */
static bool
evict(struct anon *anon, struct swap_run *run)
{
	struct page *page = anon->page;

	page->owner = NULL;
	page->offset = 0;
	if (anon->slot == 0) {
		anon->slot = run != NULL ? swap->put(run, page) : 0;
		if (anon->slot == 0) {
			page->owner = anon;
			return false;
		}
	} else {
		page_drop(page);
	}
	anon->page = NULL;
	return true;
}

/* Somebody uses the page otherwise than through mappings, or has it wired. */
static bool
held(const struct page *page)
{
	return __atomic_load_n(&page->refs, __ATOMIC_ACQUIRE) != 1 || page->wired != 0 ||
	       page->pins != 0 || (page->flags & PAGE_RETURNED) != 0;
}

/* Conditions: amap locked. */
static bool
visit(struct amap *amap, uint64_t index, struct anon *anon, struct swap_run *run)
{
	bool shared = anon_lock_shared(anon), evicted = false;
	struct page *page = anon->page;

	if (page == NULL || held(page) || (run == NULL && anon->slot == 0))
		goto out;
	if (used_through(amap, index)) {
		page->offset = 0;
		goto out;
	}
	amap_protect(amap, index, 1, VM_PROT_NONE);
	if (!shared || visited_all(page, anon->refs))
		evicted = evict(anon, run);
out:
	anon_unlock_shared(anon, shared);
	return evicted;
}

/* Tasks that page for the others never wait for a page of theirs. */
static bool
exempt(const struct amap *amap)
{
	return amap->task == NULL || amap->task->pages_others;
}

/* Visits from the hand on. Conditions: amap locked. Returns whether its end has been reached. */
static bool
visit_some(struct amap *amap, struct swap_run *run, struct clock_count *count)
{
	while (!exempt(amap) && count->looked < BATCH) {
		struct anon *anon = radix_next(&amap->anons, &amap->hand);

		if (anon == NULL)
			return true;
		if (run != NULL && !swap->room(run))
			return false;
		count->looked++;
		count->evicted += visit(amap, amap->hand, anon, run);
		if (++amap->hand == 0)
			return true;
	}
	return exempt(amap);
}

struct clock_count
clock_advance(struct swap_run *run)
{
	struct clock_count count = { 0 };
	struct amap *amap;

	spin_lock(&clock_lock);
	if (list_empty(&amaps)) {
		spin_unlock(&clock_lock);
		return count;
	}
	amap = list_entry(list_first(&amaps), struct amap, clock_link);
	if (amap->sweep == sweep)
		sweep++;
	spin_lock(&amap->lock);
	if (visit_some(amap, run, &count)) {
		amap->hand = 0;
		amap->sweep = sweep;
		list_remove(&amap->clock_link);
		list_append(&amaps, &amap->clock_link);
	}
	spin_unlock(&amap->lock);
	spin_unlock(&clock_lock);
	return count;
}
