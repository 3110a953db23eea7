/*
 * Page tables.
 *
 * A table is a frame of 512 entries, reached through the direct map. struct page.offset of a table
 * frame counts its entries in use, so that an empty table is freed at once. The upper half of every
 * level-0 table is a copy of the kernel's, whose three entries (direct map, KVA, kernel image)
 * never change after pmap_bootstrap.
 *
 * Entries change under the pmap's lock; the processor sets accessed and dirty bits behind our back,
 * so entries that are in use change atomically. `cpus` names the CPUs that have the pmap loaded: a
 * CPU sets its bit before it loads the tables, and who changes an entry looks at the bits after the
 * change, so either the CPU is told or it never saw the old entry.
 */
#include "arch/pmap.h"

#include "arch/cpu.h"
#include "init/panic.h"
#include "mm/kalloc.h"
#include "pmap_internal.h"
#include "sched/cpu.h"

/*
 * What a change has to undo before the lock goes: translations to forget, tables to free
 * afterwards.
 */
struct flush {
	uint64_t start, end;		/* start >= end: none */
	struct list tables;
};

struct pmap kernel_pmap = {
	.lock = SPINLOCK_INIT("kernel pmap", RANK_PMAP),
};

uint64_t
pmap_physical_end(void)
{
	return 1ull << (cpuid(0x80000008, 0).eax & 0xff);
}

static uint64_t
leaf_entry(const struct pmap *pmap, uint64_t pa, vm_prot_t prot, unsigned cache)
{
	uint64_t entry = pa | PTE_PRESENT;

	entry |= pmap == &kernel_pmap ? PTE_GLOBAL : PTE_USER;
	if (prot & VM_PROT_WRITE)
		entry |= PTE_WRITE;
	if (!(prot & VM_PROT_EXECUTE))
		entry |= PTE_NX;
	if (cache == PMAP_DEVICE)
		entry |= PTE_UNCACHED;
	return entry;
}

static vm_prot_t
entry_protection(uint64_t entry)
{
	return VM_PROT_READ | (entry & PTE_WRITE ? VM_PROT_WRITE : 0) |
	       (entry & PTE_NX ? 0 : VM_PROT_EXECUTE);
}

/* --- flushing --- */

static void
flush_begin(struct flush *flush)
{
	flush->start = UINT64_MAX;
	flush->end = 0;
	list_init(&flush->tables);
}

static void
flush_add(struct flush *flush, uint64_t va)
{
	if (va < flush->start)
		flush->start = va;
	if (va + PAGE_SIZE > flush->end)
		flush->end = va + PAGE_SIZE;
}

/*
 * Makes all CPUs forget the translations of a range; with tables_go also the tables on the way, which are about to be freed.
 * Conditions: the pmap's lock held, the entries changed.
 */
static void
range_forget(struct pmap *pmap, uint64_t start, uint64_t end, bool tables_go)
{
	uint64_t pages = (end - start) / PAGE_SIZE;
	uint32_t targets;

	if (pages > TLB_SINGLE_MAX)
		pages = TLB_ALL;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);	/* the change, then the look at `cpus` */
	targets = pmap->cpus;
	if (targets & 1u << cpu_self()->number)
		tlb_flush_local(start, (uint32_t)pages);
	tlb_shootdown(targets, start, (uint32_t)pages, NULL, tables_go);
}

/*
 * Makes all CPUs forget, then frees the tables that became empty. Conditions: the pmap's lock held.
 */
static void
flush_commit(struct pmap *pmap, struct flush *flush)
{
	/* LAB 1.6 begin [until then: return]: forget what was taken out, then free the tables.
	 * Hint: nothing noted, nothing to do. range_forget reaches every CPU; the tables come last, and are
	 * no longer the pmap's (`tables`).
	 */
	if (flush->start >= flush->end)
		return;
	range_forget(pmap, flush->start, flush->end, !list_empty(&flush->tables));
	while (!list_empty(&flush->tables)) {
		struct page *page = list_entry(list_first(&flush->tables), struct page, link);

		list_remove(&page->link);
		pmap->tables--;
		page_drop(page);
	}
	/* LAB 1.6 end */
}

/* --- tables --- */

uint64_t *
pmap_table_alloc(struct pmap *pmap)
{
	struct page *page = page_alloc(0, PAGE_USE_TABLE, PAGE_ALLOC_ZERO);

	if (page == NULL)
		return NULL;
	page->offset = 0;
	pmap->tables++;
	return page_virtual(page);
}

/*
 * Frees the tables on the way to `va` that have no entries, from the lowest up; the root and the
 * kernel's level-1 tables stay. `path[l]` is the table at level l.
 */
static void
prune(struct pmap *pmap, uint64_t *path[4], unsigned lowest, uint64_t va, struct flush *flush)
{
	/* LAB 1.6 begin [until then: return]: unlink tables that have no entries left, from the lowest up.
	 * Hint: a table's count is `offset` of its struct page. An unlinked table is put on flush->tables and
	 * its address noted: it may be freed only after the flush. The first table in use ends it.
	 */
	unsigned top = pmap == &kernel_pmap ? 1 : 0;

	for (unsigned level = lowest; level > top; level--) {
		struct page *page = page_of_table(path[level]);
		uint64_t *above = path[level - 1];

		if (page->offset != 0)
			return;
		__atomic_store_n(&above[index_at(va, level - 1)], 0, __ATOMIC_RELEASE);
		list_append(&flush->tables, &page->link);
		flush_add(flush, va);
		if (level - 1 > 0)
			page_of_table(above)->offset--;
	}
	/* LAB 1.6 end */
}

/*
 * Finds the level-3 table for `va`, making what is missing. Returns false: no memory; what was made
 * is gone again.
 */
static bool
tables_make(struct pmap *pmap, uint64_t va, uint64_t *path[4])
{
	/* LAB 1.5 begin [until then: return false]: walk down to the table of pages, adding what is missing.
	 * Hint: link new tables with all rights (the page's entry restricts them) and, in a user pmap, for
	 * users. A new table counts as an entry of the one above, but the root counts nothing. Without memory,
	 * prune what was made.
	 */
	uint64_t link = PTE_PRESENT | PTE_WRITE | (pmap == &kernel_pmap ? 0 : PTE_USER);

	path[0] = pmap->root;
	for (unsigned level = 0; level < LEAF_LEVEL; level++) {
		uint64_t *slot = &path[level][index_at(va, level)];

		if (!(*slot & PTE_PRESENT)) {
			uint64_t *table = pmap_table_alloc(pmap);

			if (table == NULL) {
				struct flush flush;

				flush_begin(&flush);
				prune(pmap, path, level, va, &flush);
				flush_commit(pmap, &flush);
				return false;
			}
			__atomic_store_n(slot, virt_to_phys(table) | link, __ATOMIC_RELEASE);
			if (level > 0)
				page_of_table(path[level])->offset++;
		}
		path[level + 1] = table_of(*slot);
	}
	return true;
	/* LAB 1.5 end */
}

/* The entry that translates `va` and its level, or NULL. */
uint64_t *
pmap_entry_find(struct pmap *pmap, uint64_t va, unsigned *level)
{
	uint64_t *table = pmap->root;

	for (*level = 0;; (*level)++) {
		uint64_t *slot = &table[index_at(va, *level)];

		if (!(*slot & PTE_PRESENT))
			return NULL;
		if (is_leaf(*slot, *level))
			return slot;
		table = table_of(*slot);
	}
}

/* --- mapping --- */

/* The level-3 table for `va`, or NULL: there is none yet. */
static inline uint64_t *
leaf_table_find(const struct pmap *pmap, uint64_t va)
{
	uint64_t *table = pmap->root;

	for (unsigned level = 0; level < LEAF_LEVEL; level++) {
		uint64_t entry = table[index_at(va, level)];

		if (!(entry & PTE_PRESENT))
			return NULL;
		table = table_of(entry);
	}
	return table;
}

static uint64_t *
leaf_table_make(struct pmap *pmap, uint64_t va)
{
	uint64_t *path[4];

	return tables_make(pmap, va, path) ? path[LEAF_LEVEL] : NULL;
}

/*
 * Other CPUs may still use the old translation of `va`, unless the new one only adds rights: then
 * they fault once and find it.
 */
static void
entry_replaced(struct pmap *pmap, uint64_t va, uint64_t old, uint64_t entry)
{
	/* LAB 1.5 begin: the page had another entry before: flush what TLBs may hold of it.
	 * Hint: another frame or memory type, or fewer rights, has to reach every CPU (range_forget); more
	 * rights only this one (invlpg, if it has the pmap loaded).
	 */
	bool less = ((old ^ entry) & (PTE_ADDRESS | PTE_UNCACHED)) || (old & ~entry & PTE_WRITE) ||
		    (entry & ~old & PTE_NX);

	if (less)
		range_forget(pmap, va, va + PAGE_SIZE, false);
	else if (pmap->cpus & 1u << cpu_self()->number)
		invlpg(va);
	/* LAB 1.5 end */
}

bool
pmap_enter(struct pmap *pmap, uint64_t va, uint64_t pa, vm_prot_t prot, unsigned cache)
{
	uint64_t *table, *slot, old, entry = leaf_entry(pmap, pa, prot, cache);

	debug_assert(prot != 0 && (va & (PAGE_SIZE - 1)) == 0 && (pa & ~PTE_ADDRESS) == 0);
	debug_assert((pmap == &kernel_pmap) == (va >= DIRECT_MAP_BASE));
	spin_lock(&pmap->lock);
	table = leaf_table_find(pmap, va);
	if (table == NULL)
		table = leaf_table_make(pmap, va);
	if (table != NULL) {
		/* LAB 1.5 begin: the page's entry, and the table's count if it is a new one. */
		slot = &table[index_at(va, LEAF_LEVEL)];
		old = __atomic_exchange_n(slot, entry, __ATOMIC_ACQ_REL);
		if (old & PTE_PRESENT)
			entry_replaced(pmap, va, old, entry);
		else
			page_of_table(table)->offset++;
		/* LAB 1.5 end */
	}
	spin_unlock(&pmap->lock);
	return table != NULL;
}

/* Takes rights away from an entry; with prot 0, all. Returns whether it changed. */
static bool
entry_restrict(uint64_t *slot, vm_prot_t prot)
{
	uint64_t old = *slot, entry;

	do {
		entry = old;
		if (!(prot & VM_PROT_WRITE))
			entry &= ~PTE_WRITE;
		if (!(prot & VM_PROT_EXECUTE))
			entry |= PTE_NX;
		if (prot == 0)
			entry = 0;
		if (entry == old)
			return false;
	} while (!__atomic_compare_exchange_n(slot, &old, entry, false,
					      __ATOMIC_ACQ_REL, __ATOMIC_RELAXED));
	return true;
}

/* entry_restrict for a range, below the table path[level]; frees tables that become empty. */
static void
range_restrict(struct pmap *pmap, uint64_t *path[4], unsigned level, uint64_t start, uint64_t end,
	       vm_prot_t prot, struct flush *flush)
{
	/* LAB 1.6 begin [until then: return]: each entry of this table that the range touches.
	 * Hint: absent entries are skipped. Above the leaf level: note the table below in `path` and go down
	 * with the part of the range it covers. At the leaf level entry_restrict does the work: note what it
	 * changed, count what went, and prune at the end.
	 */
	uint64_t step = 1ull << level_shift(level);
	uint64_t *table = path[level];

	for (uint64_t va = start; va < end; va = (va & ~(step - 1)) + step) {
		uint64_t *slot = &table[index_at(va, level)];
		uint64_t stop = (va & ~(step - 1)) + step;

		if (!(*slot & PTE_PRESENT))
			continue;
		if (level < LEAF_LEVEL) {
			path[level + 1] = table_of(*slot);
			range_restrict(pmap, path, level + 1, va, stop < end ? stop : end, prot,
				       flush);
		} else if (entry_restrict(slot, prot)) {
			flush_add(flush, va);
			if (prot == 0)
				page_of_table(table)->offset--;
		}
	}
	if (prot == 0 && level == LEAF_LEVEL)
		prune(pmap, path, LEAF_LEVEL, start, flush);
	/* LAB 1.6 end */
}

void
pmap_protect(struct pmap *pmap, uint64_t start, uint64_t end, vm_prot_t prot)
{
	uint64_t *path[4];
	struct flush flush;

	if (start >= end)
		return;
	debug_assert((start | end) % PAGE_SIZE == 0);
	debug_assert(pmap == &kernel_pmap ? start >= KVA_BASE && end <= KVA_END
					  : end <= VM_MAX_ADDRESS);
	flush_begin(&flush);
	spin_lock(&pmap->lock);
	path[0] = pmap->root;
	range_restrict(pmap, path, 0, start, end, prot, &flush);
	flush_commit(pmap, &flush);
	spin_unlock(&pmap->lock);
}

void
pmap_remove(struct pmap *pmap, uint64_t start, uint64_t end)
{
	pmap_protect(pmap, start, end, VM_PROT_NONE);
}

bool
pmap_test_and_clear_accessed(struct pmap *pmap, uint64_t va)
{
	uint64_t *slot, old = 0;
	unsigned level;

	spin_lock(&pmap->lock);
	slot = pmap_entry_find(pmap, va, &level);
	if (slot != NULL)
		old = __atomic_fetch_and(slot, ~PTE_ACCESSED, __ATOMIC_ACQ_REL);
	spin_unlock(&pmap->lock);
	return old & PTE_ACCESSED;
}

bool
pmap_lookup(struct pmap *pmap, uint64_t va, uint64_t *pa, vm_prot_t *prot)
{
	uint64_t *slot, entry, offset;
	unsigned level;

	spin_lock(&pmap->lock);
	slot = pmap_entry_find(pmap, va, &level);
	entry = slot != NULL ? *slot : 0;
	spin_unlock(&pmap->lock);
	if (entry == 0)
		return false;
	offset = va & ((1ull << level_shift(level)) - 1) & ~(uint64_t)(PAGE_SIZE - 1);
	if (pa != NULL)
		*pa = (entry & PTE_ADDRESS & ~((1ull << level_shift(level)) - 1)) + offset;
	if (prot != NULL)
		*prot = entry_protection(entry);
	return true;
}

bool
pmap_kernel_enter(uint64_t va, uint64_t pa, vm_prot_t prot, unsigned cache)
{
	return pmap_enter(&kernel_pmap, va, pa, prot, cache);
}

void
pmap_kernel_remove_pieces(const uint64_t *starts, unsigned count, uint64_t size)
{
	uint64_t *path[4];
	struct flush flush;

	flush_begin(&flush);
	spin_lock(&kernel_pmap.lock);
	path[0] = kernel_pmap.root;
	for (unsigned i = 0; i < count; i++) {
		debug_assert(starts[i] >= KVA_BASE && size <= KVA_END - starts[i]);
		range_restrict(&kernel_pmap, path, 0, starts[i], starts[i] + size, VM_PROT_NONE, &flush);
	}
	flush_commit(&kernel_pmap, &flush);
	spin_unlock(&kernel_pmap.lock);
}

uint64_t
pmap_table_pages(struct pmap *pmap)
{
	return pmap->tables;
}
