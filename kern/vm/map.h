/*
 * Address maps: struct vm_map and its entries. kern/vm only; others use vm/vm.h.
 *
 * Locking: map->lock (a sleep lock) guards the tree and the entries. An entry's bounds, amap_index
 * and offset change only with the locks of its amap and object held as well, because those walk
 * their lists of entries to find mappings. Order: map locks (two: by address), object, amap, pmap.
 *
 * A fault holds the map lock from the look-up to the pmap_enter. It lets go of it only to wait for
 * a pager, and then starts again.
 */
#ifndef VM_MAP_H
#define VM_MAP_H

#include "sync/list.h"
#include "sync/refcount.h"
#include "sync/waitq.h"
#include "vm/amap.h"
#include "vm/range.h"
#include "vm/vm.h"

struct vm_entry {
	struct range range;		/* addresses, page aligned; first member */
	struct vm_map *map;
	struct amap *amap;		/* NULL: nothing anonymous yet */
	uint64_t amap_index;		/* of the page at range.start */
	struct vm_object *object;	/* NULL: zero fill */
	vm_offset_t offset;		/* bytes, of range.start in the object */
	struct list_node amap_link;	/* in amap->entries; amap lock */
	struct list_node object_link;	/* in object->entries; object lock */
	struct vm_entry *chain;		/* detached entries on their way out */
	uint8_t protection, max_protection, inheritance;
	bool private;			/* writes go to the amap; false: to the object */
	bool needs_copy; /* the amap is to be copied before a write; implies amap != NULL */
	uint32_t wired;			/* vm_wire count */
};

struct vm_map {
	refcount_t refs;
	struct task *task;		/* charged; not a reference: valid until terminated */
	struct pmap *pmap;

	struct mutex lock;
	bool dead;			/* terminated */
	struct range_set ranges;
	uint64_t size;			/* bytes mapped */
	struct vm_entry *hint;		/* found last */
};

#define entry_of(r)	container_of(r, struct vm_entry, range)

static inline uint64_t
entry_pages(const struct vm_entry *entry)
{
	return (entry->range.end - entry->range.start) >> PAGE_SHIFT;
}

static inline uint64_t
entry_amap_index(const struct vm_entry *entry, vm_address_t address)
{
	return entry->amap_index + ((address - entry->range.start) >> PAGE_SHIFT);
}

static inline uint64_t
entry_object_index(const struct vm_entry *entry, vm_address_t address)
{
	return (entry->offset + (address - entry->range.start)) >> PAGE_SHIFT;
}

static inline struct vm_entry *
entry_next(struct vm_map *map, const struct vm_entry *entry)
{
	struct range *next = range_next(&map->ranges, &entry->range);

	return next != NULL ? entry_of(next) : NULL;
}

/* --- entries (entry.c). Conditions for all: the map is locked, or not visible to others yet --- */

/*
 * An entry of the map, on no list; charged, over the limit if force is set. Returns NULL: no memory
 * or over the limit.
 */
struct vm_entry *entry_create(struct vm_map *map, bool force);

/*
 * A new entry of `map` like `entry` for [start, end) of it, not wired, with a reference to the same
 * object and (but for the bare one) the same amap; overlap: another window may show the same anons.
 */
struct vm_entry *entry_clone(struct vm_map *map, const struct vm_entry *entry, vm_address_t start,
    vm_address_t end, bool overlap, bool force);
struct vm_entry *entry_clone_bare(struct vm_map *map, const struct vm_entry *entry,
    vm_address_t start, vm_address_t end, bool force);

/* Into the tree and onto the lists of its amap and object; out of them. */
void entry_link(struct vm_entry *entry);
void entry_unlink(struct vm_entry *entry);

/* Drops what an unlinked entry holds, and the entry. The map need not be locked. */
void entry_release(struct vm_entry *entry);
void entry_release_chain(struct vm_entry *chain);

/* The entry that holds address, or NULL. */
struct vm_entry *entry_lookup(struct vm_map *map, vm_address_t address);

/* Splits so that an entry starts at address, if one crosses it. Returns false: no memory. */
bool entry_clip(struct vm_map *map, vm_address_t address, bool force);

/* Joins an entry with its neighbours where they continue each other. Returns the joined entry. */
struct vm_entry *entry_merge(struct vm_map *map, struct vm_entry *entry);
void entry_merge_range(struct vm_map *map, vm_address_t start, vm_address_t end);

/* Gives a private entry an amap if it has none. Returns false: no memory. */
bool entry_need_amap(struct vm_entry *entry);

/*
 * Before a write to the anonymous layer: copies the table if it is shared with snapshots. Returns
 * false: no memory or over the limit.
 */
bool entry_resolve_copy(struct vm_entry *entry);

/*
 * Restricts the mappings of pages [first, first + count), where the entry shows page `base` at its
 * start. Conditions: the lock that guards the entry's bounds is held: map, amap or object.
 */
void entry_protect_window(struct vm_entry *entry, uint64_t base, uint64_t first, uint64_t count,
    vm_prot_t protection);

/* --- ranges of a map (map.c) --- */

/*
 * Purpose: check and page-align a user range. Returns INVALID_ARGUMENT when it wraps or is empty,
 * INVALID_ADDRESS when it leaves user space.
 */
kern_return_t map_check_range(vm_address_t address, vm_size_t size, vm_address_t *start,
    vm_address_t *end);

/*
 * Whether [start, end) has no holes and every entry's `max_protection` (maximum) or `protection`
 * includes `needed`.
 */
kern_return_t map_check_access(struct vm_map *map, vm_address_t start, vm_address_t end,
    bool maximum, vm_prot_t needed);

/* The first entry that ends after address, or NULL. */
struct vm_entry *map_first_after(struct vm_map *map, vm_address_t address);

/*
 * Purpose: find the place for `size` bytes as the VM_FLAGS say. Conditions: locked; size page
 * aligned. Returns NO_SPACE, INVALID_ADDRESS, INVALID_ARGUMENT (bad mask or flags).
 */
kern_return_t map_find_place(struct vm_map *map, vm_address_t *address, vm_size_t size,
    vm_address_t mask, unsigned flags);

/*
 * Takes everything in [start, end) out of the map and the pmap; what it held hangs on *chain.
 * Returns RESOURCE_SHORTAGE: nothing changed.
 */
kern_return_t map_detach(struct vm_map *map, vm_address_t start, vm_address_t end,
    struct vm_entry **chain);

/*
 * Purpose: place a chain of prepared entries, whose bounds are relative to 0 and cover [0, size),
 * as map_find_place says.
 * Conditions: unlocked; the entries were created for this map. Returns its errors and TERMINATED;
 * the chain is then still the caller's.
 */
kern_return_t map_insert_chain(struct vm_map *map, vm_address_t *address, vm_size_t size,
    vm_address_t mask, unsigned flags, struct vm_entry *chain);

/* vm_map_allocate with all attributes. Returns also INVALID_ARGUMENT for impossible ones. */
kern_return_t map_enter_anonymous(struct vm_map *map, vm_address_t *address, vm_size_t size,
    vm_size_t mask, unsigned flags, vm_prot_t current, vm_prot_t maximum, vm_inherit_t inheritance);

/* --- faults (fault.c) --- */

enum fault_flags {
	FAULT_NO_WAIT = 1, /* return OPERATION_TIMED_OUT instead of waiting for a pager */
};

/*
 * Purpose: resolve an access to the page at address and, with page not NULL, give it back with a
 * reference (frame_drop).
 * Conditions: locked; dropped and taken again while a pager works, so the caller looks everything
 * up anew.
 * Returns as vm_fault; NOT_SUPPORTED when a page is wanted and the memory is a device's.
 */
kern_return_t fault_locked(struct vm_map *map, vm_address_t address, vm_prot_t access,
    unsigned flags, struct page **page);

/* References to frames that may be reserved RAM (boot archive), which has no count. */
void frame_take(struct page *page);
void frame_drop(struct page *page);

/* --- wiring (wire.c) --- */

/* Undoes vm_wire's page counts for an entry that is going. */
void entry_unwire_pages(struct vm_entry *entry);

/* Moves wire counts to a page that takes another's place in wired entries. */
void page_move_wiring(struct page *old, struct page *new, uint32_t count);

/* --- sharing (fork.c) --- */

/*
 * A new entry of `map` that shares [start, end) of the entry. Both entries' maps locked (or new).
 * Returns NULL: no memory.
 */
struct vm_entry *entry_share(struct vm_map *map, struct vm_entry *entry, vm_address_t start,
    vm_address_t end);

/* Counters behind vm_statistics. */
struct vm_counters {
	uint64_t faults, zero_fills, cow_faults, pageins, pageouts, wired;
};

extern struct vm_counters vm_counters;
#define vm_count(counter, n) ((void)__atomic_add_fetch(&vm_counters.counter, (n), __ATOMIC_RELAXED))

#endif
