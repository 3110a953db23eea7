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
static struct list amaps = LIST_INIT(amaps);	/* those not finished in this sweep first */
static uint32_t sweep = 1;		/* the pageout thread's, as amap->sweep and hand */
static uint64_t rounds;			/* sweeps ever, and looks at nothing at all */

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
	/* The hand may be on it, with its lock. */
	spin_lock(&amap->lock);
	spin_unlock(&amap->lock);
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

/* Whether a page was used through this amap since the last time. The entries lock each pmap. */
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
		swap->drop(anon->slot);
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

/* Cold anons of one batch, in order. */
struct cold {
	unsigned count;
	uint64_t index[BATCH];
};

/*
 * Whether a page may be evicted as far as this amap knows. Conditions: amap locked. The page of a
 * shared anon may come meanwhile; only the clock takes one away.
 */
static bool
is_cold(struct amap *amap, uint64_t index, struct anon *anon, const struct swap_run *run)
{
	struct page *page = anon->page;
	bool locked;

	if (page == NULL || held(page) || (run == NULL && anon->slot == 0))
		return false;
	if (!used_through(amap, index))
		return true;
	locked = anon_lock_shared(anon);
	clock_reset(page);
	anon_unlock_shared(anon, locked);
	return false;
}

/* Takes the mappings of the cold pages away, neighbours together: each step may reach all CPUs. */
static void
unmap(struct amap *amap, const struct cold *cold)
{
	for (unsigned first = 0, end; first < cold->count; first = end) {
		for (end = first + 1; end < cold->count; end++)
			if (cold->index[end] != cold->index[first] + (end - first))
				break;
		amap_protect(amap, cold->index[first], end - first, VM_PROT_NONE);
	}
}

/* Evicts a page that is no longer mapped through this amap, if no others show it. */
static bool
visit(struct amap *amap, uint64_t index, struct swap_run *run)
{
	struct anon *anon = radix_lookup(&amap->anons, index);
	bool shared = anon_lock_shared(anon), evicted = false;
	struct page *page = anon->page;

	if (page != NULL && !held(page) && (!shared || visited_all(page, anon->refs)))
		evicted = evict(anon, run);
	anon_unlock_shared(anon, shared);
	return evicted;
}

/* Tasks that page for the others never wait for a page of theirs. */
static bool
exempt(const struct amap *amap)
{
	return amap->task == NULL || amap->task->pages_others;
}

/*
 * Collects cold pages from the hand on, as many as the run has room for. Conditions: amap locked.
 * Returns whether its end has been reached.
 */
static bool
collect(struct amap *amap, const struct swap_run *run, unsigned room, struct cold *cold,
    struct clock_count *count)
{
	while (count->looked < BATCH && cold->count < room) {
		struct anon *anon = radix_next(&amap->anons, &amap->hand);

		if (anon == NULL)
			return true;
		count->looked++;
		if (is_cold(amap, amap->hand, anon, run))
			cold->index[cold->count++] = amap->hand;
		if (++amap->hand == 0)
			return true;
	}
	return false;
}

/* The amap at the hand, locked; NULL: there are none. */
static struct amap *
pick(void)
{
	struct amap *amap = NULL;

	spin_lock(&clock_lock);
	if (!list_empty(&amaps)) {
		amap = list_entry(list_first(&amaps), struct amap, clock_link);
		if (amap->sweep == sweep) {
			list_append(&amaps, list_pop(&amaps));
			amap = list_entry(list_first(&amaps), struct amap, clock_link);
		}
		if (amap->sweep == sweep) {
			sweep++;
			rounds++;
		}
		spin_lock(&amap->lock);
	} else {
		rounds++;
	}
	spin_unlock(&clock_lock);
	return amap;
}

uint64_t
clock_rounds(void)
{
	return rounds;
}

struct clock_count
clock_advance(struct swap_run *run)
{
	struct clock_count count = { 0 };
	struct cold cold = { 0 };
	struct amap *amap = pick();

	if (amap == NULL)
		return count;
	if (exempt(amap) || collect(amap, run, run != NULL ? swap->room(run) : BATCH, &cold, &count)) {
		amap->hand = 0;
		amap->sweep = sweep;
	}
	unmap(amap, &cold);
	for (unsigned i = 0; i < cold.count; i++)
		count.evicted += visit(amap, cold.index[i], run);
	spin_unlock(&amap->lock);
	return count;
}
