/*
 * Amaps.
 *
 * Work on many anons goes in batches of AMAP_BATCH, with the lock released and a preemption point
 * in between.
 */
#include "vm/amap.h"
#include "arch/pmap.h"
#include "init/panic.h"
#include "mm/kalloc.h"
#include "sched/sched.h"
#include "task/task.h"
#include "vm/clock.h"
#include "vm/map.h"

#define AMAP_BATCH 64u

/* --- charges --- */

static bool
amap_charge(struct amap *amap)
{
	return amap->task == NULL || task_charge(amap->task, TASK_MEMORY, PAGE_SIZE);
}

static void
amap_uncharge(struct amap *amap, uint64_t pages)
{
	if (amap->task != NULL)
		task_uncharge(amap->task, TASK_MEMORY, pages * PAGE_SIZE);
}

/*
 * Moves the charge; *old gets the reference to the task charged before. Conditions: locked. Returns
 * false: over the limit.
 */
static bool
amap_recharge(struct amap *amap, struct task *task, bool force, struct task **old)
{
	uint64_t bytes = amap->anons.count * PAGE_SIZE;

	*old = NULL;
	if (amap->task == task)
		return true;
	if (!task_charge(task, TASK_MEMORY, bytes)) {
		if (!force)
			return false;
		__atomic_add_fetch(&task->used[TASK_MEMORY], bytes, __ATOMIC_RELAXED);
	}
	amap_uncharge(amap, amap->anons.count);
	*old = amap->task;
	task_take(task);
	amap->task = task;
	return true;
}

static void
task_drop_if(struct task *task)
{
	if (task != NULL)
		task_drop(task);
}

bool
amap_set_task(struct amap *amap, struct task *task, bool force)
{
	struct task *old;
	bool ok;

	spin_lock(&amap->lock);
	ok = amap_recharge(amap, task, force, &old);
	spin_unlock(&amap->lock);
	task_drop_if(old);
	return ok;
}

/* --- tables --- */

struct amap *
amap_create(struct task *task)
{
	struct amap *amap = kalloc(sizeof(*amap), KALLOC_ANON);

	if (amap == NULL)
		return NULL;
	spin_init(&amap->lock, "amap", RANK_AMAP);
	amap->refs = 1;
	radix_init(&amap->anons);
	list_init(&amap->entries);
	list_node_init(&amap->clock_link);
	amap->task = task;
	if (task != NULL)
		task_take(task);
	return amap;
}

bool
amap_insert(struct amap *amap, uint64_t index, struct anon *anon)
{
	if (!amap_charge(amap))
		return false;
	if (radix_insert(&amap->anons, index, anon))
		return true;
	amap_uncharge(amap, 1);
	return false;
}

struct anon *
amap_remove(struct amap *amap, uint64_t index)
{
	struct anon *anon = radix_remove(&amap->anons, index);

	if (anon != NULL)
		amap_uncharge(amap, 1);
	return anon;
}

static void
amap_pause(struct amap *amap)
{
	spin_unlock(&amap->lock);
	cpu_preempt_point();
	spin_lock(&amap->lock);
}

/* What a pager got, others have now too, and may keep. Conditions: locked. */
static void
land_all(struct amap *amap)
{
	struct anon *anon;
	unsigned batch = 0;

	amap->returned = false;
	for (uint64_t index = 0; (anon = radix_next(&amap->anons, &index)) != NULL;) {
		anon_land(anon);
		if (++batch % AMAP_BATCH == 0)
			amap_pause(amap);
		if (++index == 0)
			break;
	}
}

void
amap_take(struct amap *amap, bool overlap)
{
	spin_lock(&amap->lock);
	if (overlap && amap->returned)
		land_all(amap);
	amap->refs++;
	amap->overlap |= overlap;
	spin_unlock(&amap->lock);
}

void
amap_destroy(struct amap *amap)
{
	struct anon *anon;
	unsigned batch = 0;

	clock_remove(amap);
	for (uint64_t index = 0; (anon = radix_next(&amap->anons, &index)) != NULL;) {
		anon_drop(anon);
		if (++batch % AMAP_BATCH == 0)
			cpu_preempt_point();
		if (++index == 0)
			break;
	}
	amap_uncharge(amap, amap->anons.count);
	radix_destroy(&amap->anons);
	task_drop_if(amap->task);
	kfree(amap);
}

/*
 * Drops up to a batch of anons in [*first, end). Conditions: locked. Returns false: there are no
 * more.
 */
static bool
drop_batch(struct amap *amap, uint64_t *first, uint64_t end)
{
	for (unsigned batch = 0; batch < AMAP_BATCH; batch++) {
		struct anon *anon = *first < end ? radix_next(&amap->anons, first) : NULL;

		if (anon == NULL || *first >= end)
			return false;
		anon_drop(amap_remove(amap, *first));
		++*first;
	}
	return true;
}

/*
 * What amap_release leaves to a single other entry must lie in that entry's window. The amap is
 * still held by the caller's reference, and the other entry's bounds are read under the lock, in
 * which they change.
 */
static void
trim_for_last(struct amap *amap)
{
	while (amap->refs == 2 && amap->overlap && !list_empty(&amap->entries)) {
		struct vm_entry *entry =
		    list_entry(list_first(&amap->entries), struct vm_entry, amap_link);
		uint64_t below = 0, above = entry->amap_index + entry_pages(entry);

		if (!drop_batch(amap, &below, entry->amap_index) &&
		    !drop_batch(amap, &above, UINT64_MAX))
			amap->overlap = false;
		else
			amap_pause(amap);
	}
}

void
amap_release(struct amap *amap, uint64_t first, uint64_t count)
{
	uint64_t end = first + count;
	struct task *payer = NULL;
	bool last;

	spin_lock(&amap->lock);
	if (amap->refs > 1 && !amap->overlap)
		while (drop_batch(amap, &first, end))
			amap_pause(amap);
	else if (amap->refs == 2)
		trim_for_last(amap);
	/* Who alone goes on using the pages pays for them; a listed entry's task is alive. */
	if (amap->refs == 2 && !list_empty(&amap->entries))
		amap_recharge(amap,
		    list_entry(list_first(&amap->entries), struct vm_entry, amap_link)->map->task,
		    true, &payer);
	last = --amap->refs == 0;
	spin_unlock(&amap->lock);
	task_drop_if(payer);
	if (last)
		amap_destroy(amap);
}

void
amap_trim(struct amap *amap, uint64_t first, uint64_t count)
{
	uint64_t index = 0;

	spin_lock(&amap->lock);
	if (amap->overlap) {
		while (drop_batch(amap, &index, first))
			amap_pause(amap);
		index = first + count;
		while (drop_batch(amap, &index, UINT64_MAX))
			amap_pause(amap);
		amap->overlap = false;
	}
	spin_unlock(&amap->lock);
}

/* --- copies --- */

/* A wired page stays with its anon, but the look at one that is not may come too late. */
static bool
must_stay(struct anon *anon)
{
	struct page *page = anon->page;
	bool locked, stays;

	if (page == NULL || (page->wired == 0 && page->pins == 0))
		return false;
	locked = anon_lock_shared(anon);
	page = anon->page;
	stays = page != NULL && (page->wired != 0 || page->pins != 0);
	anon_unlock_shared(anon, locked);
	return stays;
}

/*
 * A reference to an anon, or to a copy of one that must stay where it is. Returns NULL: no memory.
 */
static inline struct anon *
loan_anon(struct anon *anon, bool loan_wired)
{
	if (!loan_wired && must_stay(anon))
		return anon_create_copy(page_virtual(anon->page));
	anon_take(anon);
	return anon;
}

/*
 * Copies up to a batch of anons from *index on. Conditions: amap locked, target the caller's alone.
 * Returns false: failed, *index < end stays.
 */
static bool
copy_batch(struct amap *amap, uint64_t *index, uint64_t end, struct amap *target, uint64_t shift,
    bool loan_wired, uint64_t *copied)
{
	for (unsigned batch = 0; batch < AMAP_BATCH; batch++) {
		struct anon *anon = *index < end ? radix_next(&amap->anons, index) : NULL;

		if (anon == NULL || *index >= end) {
			*index = end;
			return true;
		}
		anon = loan_anon(anon, loan_wired);
		if (anon == NULL)
			return false;
		if (!amap_insert(target, *index + shift, anon)) {
			anon_drop(anon);
			return false;
		}
		++*index;
		++*copied;
	}
	return true;
}

bool
amap_copy_into(struct amap *amap, uint64_t first, uint64_t count, struct amap *target, uint64_t to,
    bool loan_wired, uint64_t *copied)
{
	uint64_t index = first, end = first + count;
	bool ok = true;

	*copied = 0;
	spin_lock(&amap->lock);
	while (ok && index < end) {
		ok = copy_batch(amap, &index, end, target, to - first, loan_wired, copied);
		if (ok && index < end)
			amap_pause(amap);
	}
	spin_unlock(&amap->lock);
	return ok;
}

struct amap *
amap_copy(struct amap *amap, uint64_t first, uint64_t count, struct task *task, bool loan_wired)
{
	struct amap *copy = amap_create(task);
	uint64_t copied;

	if (copy == NULL)
		return NULL;
	if (!amap_copy_into(amap, first, count, copy, 0, loan_wired, &copied)) {
		amap_destroy(copy);
		return NULL;
	}
	return copy;
}

/* --- mappings --- */

void
amap_protect(struct amap *amap, uint64_t first, uint64_t count, vm_prot_t protection)
{
	struct vm_entry *entry;

	debug_assert(spin_held(&amap->lock));
	list_for_each(entry, &amap->entries, amap_link)
		entry_protect_window(entry, entry->amap_index, first, count, protection);
}

uint64_t
amap_resident(struct amap *amap, uint64_t first, uint64_t count)
{
	uint64_t index = first, resident = 0;
	struct anon *anon;

	spin_lock(&amap->lock);
	while (index < first + count && (anon = radix_next(&amap->anons, &index)) != NULL &&
	       index < first + count) {
		resident += anon->page != NULL;
		index++;
	}
	spin_unlock(&amap->lock);
	return resident;
}
