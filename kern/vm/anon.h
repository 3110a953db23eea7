/*
 * Anons: pages that belong to no memory object, each with a reference count and, once it was written
 * out, a slot in swap. What amaps (amap.h) are tables of.
 *
 *	page	slot
 *	 yes	 0	in memory only
 *	 yes	 s	in memory, and swap holds the same: mapped read-only; a write gives the slot up
 *	 no	 s	in swap only, or on its way to or from there
 *
 * Locks. An anon with one reference belongs to the amap that holds it and is used under its lock. A
 * shared one is in several amaps; its page pointer and the mappings of its page then change under
 * anon_lock as well, and so do drops. A reference can be added only by who holds the amap lock of a
 * reference there is. The contents of a shared anon never change.
 */
#ifndef VM_ANON_H
#define VM_ANON_H

#include "mm/page.h"
#include "sync/refcount.h"
#include <mach/kern_return.h>
#include <stdbool.h>

struct anon {
	refcount_t refs;
	uint32_t slot;			/* in swap; 0: none */
	struct page *page;		/* NULL: in swap only */
};

/* --- how much memory the running task may take (share.c) --- */

/* The page_alloc flags for its anonymous pages. */
unsigned anon_page_flags(void);

/* Whether it could have so many pages now; an ordinary program is refused more. */
bool anon_would_fit(uint64_t pages);

/* --- none of these blocks --- */

/* With a new page: of zeros, or a copy of `source` (bytes). Returns NULL: no memory. */
struct anon *anon_create_zero(void);
struct anon *anon_create_copy(const void *source);

/* With a page of the caller's, whose reference it consumes unless NULL is returned. */
struct anon *anon_create_page(struct page *page);

static inline void
anon_take(struct anon *anon)
{
	refcount_take(&anon->refs);
}

/* Conditions: anon_lock not held. Locks allowed: up to an amap's. */
void anon_drop(struct anon *anon);

/* Others than the pager it was sent to get it: its page is no longer on its way (flight.h). Locks as for anon_drop. */
void anon_land(struct anon *anon);

/*
 * Locks it if it is shared; amap lock held. Returns whether it did, for anon_unlock_shared. It may
 * have become the caller's alone meanwhile.
 */
bool anon_lock_shared(struct anon *anon);
void anon_unlock_shared(struct anon *anon, bool locked);

/* Locked. Whether its page is in memory, or was fetched and is now. */
bool anon_resident(struct anon *anon);

/* Locked, one reference: it is about to be written, so what swap holds is out of date. */
void anon_forget_slot(struct anon *anon);

/*
 * Consumes a reference for a page with the same contents that is the caller's alone: the anon's
 * own, if possible. Conditions: it is resident (anon_fetch), in no amap that others can reach. NULL:
 * no memory.
 */
struct page *anon_to_page(struct anon *anon);

/*
 * Purpose: have the page in memory, for an anon in an amap that is the caller's alone (a snapshot on
 * its way), from where nobody evicts. Conditions: no locks; may wait. Returns MEMORY_ERROR (swap
 * lost it), MEMORY_FAILURE, ABORTED.
 */
kern_return_t anon_fetch(struct anon *anon);

#endif
