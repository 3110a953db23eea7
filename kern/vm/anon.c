/*
 * Anons; the rules are in anon.h.
 */
#include "vm/anon.h"
#include "init/string.h"
#include "mm/kalloc.h"
#include "sync/spinlock.h"
#include "vm/flight.h"
#include "vm/swap.h"

#define ANON_LOCKS 16u

static struct spinlock anon_locks[ANON_LOCKS] = {
	[0 ... ANON_LOCKS - 1] = SPINLOCK_INIT("anon", RANK_ANON),
};

const struct swap_ops *swap;

static struct spinlock *
lock_of(const struct anon *anon)
{
	return &anon_locks[((uintptr_t)anon >> 4) % ANON_LOCKS];
}

bool
anon_lock_shared(struct anon *anon)
{
	if (__atomic_load_n(&anon->refs, __ATOMIC_RELAXED) == 1)
		return false;
	spin_lock(lock_of(anon));
	return true;
}

void
anon_unlock_shared(struct anon *anon, bool locked)
{
	if (locked)
		spin_unlock(lock_of(anon));
}

/* --- making --- */

struct anon *
anon_create_page(struct page *page)
{
	struct anon *anon = kalloc_raw(sizeof(*anon), KALLOC_ANON);

	if (anon == NULL)
		return NULL;
	refcount_set(&anon->refs, 1);
	anon->slot = 0;
	anon->page = page;
	page->owner = anon;
	return anon;
}

static struct anon *
anon_create(unsigned flags)
{
	struct page *page = page_alloc(0, PAGE_USE_ANON, flags | anon_page_flags());
	struct anon *anon;

	if (page == NULL)
		return NULL;
	anon = anon_create_page(page);
	if (anon == NULL)
		page_drop(page);
	return anon;
}

struct anon *
anon_create_zero(void)
{
	return anon_create(PAGE_ALLOC_ZERO);
}

struct anon *
anon_create_copy(const void *source)
{
	struct anon *anon = anon_create(0);

	if (anon != NULL)
		memcpy(page_virtual(anon->page), source, PAGE_SIZE);
	return anon;
}

/* --- dropping --- */

/* Conditions: locked, or the caller's alone. */
static bool
land(struct anon *anon)
{
	struct page *page = anon->page;

	if (page == NULL || (page->flags & PAGE_RETURNED) == 0)
		return false;
	flight_landed(page);
	return true;
}

void
anon_land(struct anon *anon)
{
	bool locked = anon_lock_shared(anon);

	land(anon);
	anon_unlock_shared(anon, locked);
}

/* The last reference is gone. */
static void
anon_free(struct anon *anon)
{
	struct page *page = anon->page;

	land(anon);
	if (page != NULL) {
		page->owner = NULL;
		page_drop(page);
	}
	if (anon->slot != 0)
		swap->release(anon->slot);
	kfree(anon);
}

/*
 * One of several references goes: what the clock has counted so far (clock.c) counts no more. A page
 * that a pager got and others have too is no longer on its way: they may keep it for good.
 */
static bool
drop_shared(struct anon *anon)
{
	bool last;

	spin_lock(lock_of(anon));
	if (!land(anon) && anon->page != NULL)
		anon->page->offset = 0;
	last = refcount_drop(&anon->refs);
	spin_unlock(lock_of(anon));
	return last;
}

void
anon_drop(struct anon *anon)
{
	if (__atomic_load_n(&anon->refs, __ATOMIC_ACQUIRE) == 1 || drop_shared(anon))
		anon_free(anon);
}

/* --- contents --- */

bool
anon_resident(struct anon *anon)
{
	struct page *page;

	if (anon->page != NULL)
		return true;
	page = swap->take(anon->slot);
	if (page == NULL)
		return false;
	page->owner = anon;
	page->offset = 0;
	anon->page = page;
	if (!swap->plenty())
		anon_forget_slot(anon);
	return true;
}

void
anon_forget_slot(struct anon *anon)
{
	if (anon->slot == 0)
		return;
	swap->release(anon->slot);
	anon->slot = 0;
}

struct page *
anon_to_page(struct anon *anon)
{
	struct page *page = anon->page;

	if (anon->refs == 1 && page->refs == 1 && page->wired == 0 && page->pins == 0) {
		land(anon);
		anon_forget_slot(anon);
		page->owner = NULL;
		kfree(anon);
		return page;
	}
	page = page_alloc(0, PAGE_USE_ANON, anon_page_flags());
	if (page != NULL)
		memcpy(page_virtual(page), page_virtual(anon->page), PAGE_SIZE);
	anon_drop(anon);
	return page;
}

kern_return_t
anon_fetch(struct anon *anon)
{
	kern_return_t result = KERN_SUCCESS;

	while (result == KERN_SUCCESS) {
		bool locked = anon_lock_shared(anon);
		bool there = anon_resident(anon);
		uint32_t slot = anon->slot;

		anon_unlock_shared(anon, locked);
		if (there)
			break;
		result = swap->wait(slot);
	}
	return result;
}
