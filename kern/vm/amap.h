/*
 * The anonymous layer: pages that belong to no memory object.
 *
 * An anon (anon.h) is a page with a reference count. An amap is a table of anons, index -> anon, that one or
 * more map entries look through; each entry sees a window of it (its amap_index and size). What the
 * flags say:
 *
 *	overlap	 windows of the entries may overlap, so an entry that goes must leave the anons
 *		 to the others. Without it every anon lies in exactly one window and goes with it.
 *	shared	 entries see each other's writes (inheritance SHARE, vm_remap). Where their
 *		 windows overlap none of them has needs_copy, and who replaces an anon unmaps it
 *		 everywhere. Never reset: gsync keys are (amap, index) from then on.
 *
 * Copy-on-write without chains: fork gives the child's entry the same amap and sets needs_copy in
 * both entries; the first write through either copies the table (every anon gains a reference), and
 * a write to an anon with more than one reference copies the page. When only one entry is left, it
 * just clears needs_copy and drops what is outside its window (amap_trim).
 *
 * An anon with one reference is changed only under the lock of the amap that holds it; the contents
 * of the others never change.
 *
 * Charges: each amap charges its task for the anons it holds (TASK_MEMORY); an anon in two amaps is
 * charged twice.
 */
#ifndef VM_AMAP_H
#define VM_AMAP_H

#include "mm/page.h"
#include "mm/radix.h"
#include "sync/list.h"
#include "sync/spinlock.h"
#include "vm/anon.h"

struct task;
struct vm_entry;

struct amap {
	struct spinlock lock;
	uint32_t refs; /* entries, and the one of a snapshot (struct vm_map_copy) */
	bool shared, overlap;
	bool returned;			/* was made for a pager: its pages may be on their way to it (flight.h) */
	struct radix anons;
	struct task *task;		/* charged; a reference; NULL: nobody */
	struct list entries;		/* that are in a map: vm_entry.amap_link */

	/* clock.c */
	bool on_clock;
	uint32_t sweep;			/* the last one that reached its end */
	uint64_t hand;
	struct list_node clock_link;
};

/* --- amaps --- */

/* One reference. task (may be NULL) is charged for what is inserted. Returns NULL: no memory. */
struct amap *amap_create(struct task *task);

/*
 * Purpose: put an anon into an empty slot; consumes its reference. Conditions: locked. Returns
 * false: no memory or over the limit, nothing changed.
 */
bool amap_insert(struct amap *amap, uint64_t index, struct anon *anon);

/*
 * The anon at an index, taken out with its reference; NULL: none. Conditions: locked, or the
 * caller's alone.
 */
struct anon *amap_remove(struct amap *amap, uint64_t index);

/* Takes a reference for one more entry. overlap: its window may overlap others. */
void amap_take(struct amap *amap, bool overlap);

/*
 * Drops the reference of an entry that is no longer listed and had this window; no mapping of the
 * window is left. Not under spinlocks.
 */
void amap_release(struct amap *amap, uint64_t first, uint64_t count);

/* Drops the last reference (a snapshot's). */
void amap_destroy(struct amap *amap);

/*
 * Purpose: make a table of the same anons for [first, first + count), numbered from 0. Wired and
 * pinned pages, which a write must not move, are copied at once, unless loan_wired: then the old
 * table's users may not write to them.
 * Conditions: no spinlocks; writes to the window are held off by the caller, or may be seen.
 * Returns NULL: no memory or over task's limit.
 */
struct amap *amap_copy(struct amap *amap, uint64_t first, uint64_t count, struct task *task,
    bool loan_wired);

/*
 * The same into another amap that is the caller's alone, at `to` on; *copied counts. Returns false
 * as amap_insert; what was added stays.
 */
bool amap_copy_into(struct amap *amap, uint64_t first, uint64_t count, struct amap *target,
    uint64_t to, bool loan_wired, uint64_t *copied);

/*
 * Drops the anons outside the window of the only entry. Conditions: refs is 1 and stays so (the
 * entry's map is locked).
 */
void amap_trim(struct amap *amap, uint64_t first, uint64_t count);

/*
 * Restricts (VM_PROT_NONE: removes) the mappings of a window in all maps that have it. Conditions:
 * locked.
 */
void amap_protect(struct amap *amap, uint64_t first, uint64_t count, vm_prot_t protection);

/*
 * Charges another task from now on, over its limit if force is set. Returns false: over the limit,
 * nothing changed. No spinlocks.
 */
bool amap_set_task(struct amap *amap, struct task *task, bool force);

/* Present pages in a window. Takes the lock. */
uint64_t amap_resident(struct amap *amap, uint64_t first, uint64_t count);

#endif
