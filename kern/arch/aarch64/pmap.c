/*
 * Page-table operations: arch/pmap.h for the contracts, pmap_internal.h for tables and ASIDs.
 *
 * Order of a change (Arm ARM, D8.14): a new entry is a store and a barrier. An entry whose address
 * or memory type changes is made invalid and flushed first (break before make). Removed or
 * restricted entries are collected, flushed together with one barrier at the end, and only then are
 * emptied tables freed. TLBI ...IS reaches all CPUs; no interrupts between CPUs are needed.
 */
#include "arch/pmap.h"

#include "init/panic.h"
#include "pmap_internal.h"

#define VA_SPAN		(1ull << 48)

uint64_t
pmap_physical_end(void)
{
	static const uint8_t bits[] = {32, 36, 40, 42, 44, 48};		/* boot/aarch64/start.S uses no more */
	uint64_t range = sysreg_read(id_aa64mmfr0_el1) & 15;

	return 1ull << bits[range < sizeof(bits) ? range : sizeof(bits) - 1];
}

/* --- tables --- */

pte_t *
table_alloc(struct pmap *pmap)
{
	struct page *page = page_alloc(0, PAGE_USE_TABLE, PAGE_ALLOC_ZERO);

	if (page == NULL)
		return NULL;
	page->offset = 0;
	pmap->tables++;
	return page_virtual(page);
}

static struct page *
table_page(const pte_t *table)
{
	return page_of(virt_to_phys(table));
}

/*
 * Counts an entry of a table. The roots and the kernel's boot-time tables are never freed: what
 * they count does not matter.
 */
static void
table_count(const pte_t *table, int change)
{
	struct page *page = table_page(table);

	if (page != NULL)
		page->offset += (uint64_t)(int64_t)change;
}

/*
 * The slot for va at the leaf level, with its table, or NULL. With `make`, tables that are missing
 * are added; NULL then means no memory, and tables added so far may be left empty.
 */
static pte_t *
leaf_slot(struct pmap *pmap, uint64_t va, bool make, pte_t **leaf_table)
{
	/* LAB 1.5 begin [until then: return NULL]: walk from the root down to the table of pages.
	 * Hint: an entry that is 0 has no table below it yet: make one (it counts as an entry of the table
	 * above), and let the new table's zeros be seen before the entry that leads to them. A block stands
	 * where a table should be: NULL.
	 */
	pte_t *table = pmap->root;

#pragma GCC unroll 3
	for (unsigned level = 0; level < LEAF_LEVEL; level++) {
		pte_t *slot = &table[level_index(va, level)];

		if (*slot == 0) {
			pte_t *below = make ? table_alloc(pmap) : NULL;

			if (below == NULL)
				return NULL;
			table_count(table, 1);
			dsb(ishst);
			entry_write(slot, virt_to_phys(below) | PTE_VALID | PTE_TABLE);
		}
		if (!entry_is_table(*slot, level))
			return NULL;
		table = entry_table(*slot);
	}
	*leaf_table = table;
	return &table[level_index(va, LEAF_LEVEL)];
	/* LAB 1.5 end */
}

/* --- attributes --- */

pte_t
entry_attributes(bool user, vm_prot_t prot, unsigned cache)
{
	pte_t entry = PTE_VALID | PTE_TABLE | PTE_ACCESSED | PTE_PXN | PTE_UXN;

	entry |= cache == PMAP_DEVICE ? PTE_ATTR_DEVICE : PTE_ATTR_NORMAL | PTE_INNER;
	if (user)
		entry |= PTE_USER | PTE_NOT_GLOBAL;
	if (!(prot & VM_PROT_WRITE))
		entry |= PTE_READ_ONLY;
	if ((prot & VM_PROT_EXECUTE) && cache != PMAP_DEVICE)
		entry &= user ? ~PTE_UXN : ~PTE_PXN;
	return entry;
}

static vm_prot_t
entry_prot(pte_t entry)
{
	vm_prot_t prot = VM_PROT_READ;

	if (!(entry & PTE_READ_ONLY))
		prot |= VM_PROT_WRITE;
	if (!(entry & (entry & PTE_USER ? PTE_UXN : PTE_PXN)))
		prot |= VM_PROT_EXECUTE;
	return prot;
}

/* Makes what was written to a frame visible to instruction fetches of all CPUs. */
static void
fetch_sync(uint64_t pa)
{
	uint64_t at = (uint64_t)phys_to_virt(pa), end = at + PAGE_SIZE;

	if (cpu_features.clean_to_unify)
		for (; at < end; at += cpu_features.line_size)
			__asm__ volatile("dc cvau, %0" :: "r"(at) : "memory");
	dsb(ish);
	if (cpu_features.fetch_invalidate) {
		__asm__ volatile("ic ialluis" ::: "memory");
		dsb(ish);
	}
	isb();
}

/* --- mapping --- */

static bool
same_target(pte_t old, pte_t new)
{
	return ((old ^ new) & (PTE_ADDRESS | PTE_ATTR_MASK)) == 0;
}

/* Stores a leaf entry over whatever is in the slot. */
static void
leaf_replace(struct pmap *pmap, uint64_t va, pte_t *slot, pte_t *table, pte_t entry)
{
	/* LAB 1.5 begin: the page's entry, whatever stood there before.
	 * Hint: a new entry is counted, stored, and followed by a barrier; nobody can have the old one in a
	 * TLB, as there was none. Another frame or memory type: break before make (the head of this file).
	 * Same frame, other rights: store, then flush.
	 */
	pte_t old = *slot;

	if (old == 0) {
		table_count(table, 1);
		entry_write(slot, entry);
		dsb(ishst);
		isb();
		return;
	}
	if (!same_target(old, entry)) {
		entry_write(slot, 0);
		dsb(ish);
		tlb_drop_page(pmap, va);
		dsb(ish);
	}
	entry_write(slot, entry);
	dsb(ish);
	if (same_target(old, entry) && old != entry) {
		tlb_drop_page(pmap, va);
		dsb(ish);
	}
	isb();
	/* LAB 1.5 end */
}

static void remove_pieces(struct pmap *pmap, const uint64_t *starts, unsigned count, uint64_t size);

static bool
enter_entry(struct pmap *pmap, uint64_t va, pte_t entry)
{
	pte_t *table, *slot;

	spin_lock(&pmap->lock);
	slot = leaf_slot(pmap, va, true, &table);
	if (slot != NULL)
		leaf_replace(pmap, va, slot, table, entry);
	else
		remove_pieces(pmap, &va, 1, PAGE_SIZE);
	spin_unlock(&pmap->lock);
	return slot != NULL;
}

bool
pmap_enter(struct pmap *pmap, uint64_t va, uint64_t pa, vm_prot_t prot, unsigned cache)
{
	debug_assert(va < VM_MAX_ADDRESS && prot != 0 && ((va | pa) & VM_PAGE_MASK) == 0);
	if ((prot & VM_PROT_EXECUTE) && cache == PMAP_CACHED)
		fetch_sync(pa);
	return enter_entry(pmap, va, pa | entry_attributes(true, prot, cache));
}

bool
pmap_kernel_enter(uint64_t va, uint64_t pa, vm_prot_t prot, unsigned cache)
{
	debug_assert(va >= KVA_BASE && va < KVA_END && prot != 0);
	return enter_entry(&kernel_pmap, va, pa | entry_attributes(false, prot, cache));
}

/* --- removing: lock held --- */

struct removal {
	struct flush flush;
	uint64_t start, last;		/* last: inclusive, the kernel's half ends at 2^64 */
};

static uint64_t
later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t
earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Clears one slot that is in use; what it pointed to is flushed and freed later. */
static void
slot_clear(struct removal *removal, pte_t *table, pte_t *slot, unsigned level, uint64_t va)
{
	/* LAB 1.6 begin: one entry goes: out of the table and its count, noted for the flush.
	 * A table that is unlinked goes to removal->flush.tables: other CPUs may be walking it, so it may be
	 * freed only after the flush.
	 */
	pte_t old = *slot;

	entry_write(slot, 0);
	table_count(table, -1);
	flush_note(&removal->flush, va);
	if (entry_is_table(old, level)) {
		removal->flush.pmap->tables--;
		list_append(&removal->flush.tables, &table_page(entry_table(old))->link);
	}
	/* LAB 1.6 end */
}

/* Removes what a table, which covers addresses from `base` on, maps in the range. */
static void
remove_from(struct removal *removal, pte_t *table, unsigned level, uint64_t base)
{
	/* LAB 1.6 begin [until then: return]: each entry of this table that the range touches.
	 * Hint: below the leaf level, first go down; clear the entry only if nothing is left below it, or
	 * a neighbour of the range would lose its mapping. `last` is inclusive: base + 2^48 may be 2^64.
	 */
	uint64_t span = 1ull << level_shift(level);
	uint64_t va = later(removal->start, base) & ~(span - 1);
	uint64_t last = earlier(removal->last, base + (span * TABLE_ENTRIES - 1));

	for (; va <= last; va += span) {
		pte_t *slot = &table[level_index(va, level)];

		if (*slot == 0)
			continue;
		if (level < LEAF_LEVEL) {
			pte_t *below = entry_table(*slot);

			remove_from(removal, below, level + 1, va);
			if (table_page(below)->offset != 0)
				continue;
		}
		slot_clear(removal, table, slot, level, va);
	}
	/* LAB 1.6 end */
}

/*
 * Ranges of the same size, with one flush. Recursion depth is the number of levels. The kernel's
 * ranges are in KVA, the tables of which are all counted.
 */
static void
remove_pieces(struct pmap *pmap, const uint64_t *starts, unsigned count, uint64_t size)
{
	struct removal removal;

	flush_begin(&removal.flush, pmap);
	for (unsigned i = 0; i < count; i++) {
		debug_assert(pmap != &kernel_pmap || (starts[i] >= KVA_BASE && size <= KVA_END - starts[i]));
		removal.start = starts[i];
		removal.last = starts[i] + size - 1;
		remove_from(&removal, pmap->root, 0, starts[i] & ~(VA_SPAN - 1));
	}
	flush_finish(&removal.flush);
}

void
pmap_remove(struct pmap *pmap, uint64_t start, uint64_t end)
{
	if (start >= end)
		return;
	spin_lock(&pmap->lock);
	remove_pieces(pmap, &start, 1, end - start);
	spin_unlock(&pmap->lock);
}

void
pmap_kernel_remove_pieces(const uint64_t *starts, unsigned count, uint64_t size)
{
	spin_lock(&kernel_pmap.lock);
	remove_pieces(&kernel_pmap, starts, count, size);
	spin_unlock(&kernel_pmap.lock);
}

/* --- single pages: restricting, asking --- */

/*
 * The next address at or after va whose leaf table exists; its slot. Returns NULL: none before end.
 */
static pte_t *
next_leaf(struct pmap *pmap, uint64_t *va, uint64_t end)
{
	while (*va < end) {
		pte_t *table = pmap->root;
		unsigned level;

		for (level = 0; level < LEAF_LEVEL; level++) {
			pte_t entry = table[level_index(*va, level)];

			if (!entry_is_table(entry, level))
				break;
			table = entry_table(entry);
		}
		if (level == LEAF_LEVEL)
			return &table[level_index(*va, LEAF_LEVEL)];
		*va = ((*va >> level_shift(level)) + 1) << level_shift(level);
	}
	return NULL;
}

void
pmap_protect(struct pmap *pmap, uint64_t start, uint64_t end, vm_prot_t prot)
{
	pte_t taken = entry_attributes(true, prot, PMAP_CACHED) & (PTE_READ_ONLY | PTE_UXN);
	struct flush flush;
	pte_t *slot;

	if (prot == VM_PROT_NONE) {
		pmap_remove(pmap, start, end);
		return;
	}
	spin_lock(&pmap->lock);
	flush_begin(&flush, pmap);
	for (uint64_t va = start; (slot = next_leaf(pmap, &va, end)) != NULL; va += PAGE_SIZE)
		if (*slot != 0 && (*slot & taken) != taken) {
			entry_write(slot, *slot | taken);
			flush_note(&flush, va);
		}
	flush_finish(&flush);
	spin_unlock(&pmap->lock);
}

bool
pmap_test_and_clear_accessed(struct pmap *pmap, uint64_t va)
{
	pte_t *table, *slot;
	bool accessed;

	spin_lock(&pmap->lock);
	slot = leaf_slot(pmap, va, false, &table);
	accessed = slot != NULL && (*slot & PTE_ACCESSED) != 0;
	if (accessed)
		entry_write(slot, *slot & ~PTE_ACCESSED);
	spin_unlock(&pmap->lock);
	return accessed;
}

void
pmap_mark_accessed(struct pmap *pmap, uint64_t va)
{
	pte_t *table, *slot;

	spin_lock(&pmap->lock);
	slot = leaf_slot(pmap, va, false, &table);
	if (slot != NULL && *slot != 0)
		entry_write(slot, *slot | PTE_ACCESSED);
	dsb(ishst);
	isb();
	spin_unlock(&pmap->lock);
}

/* The entry that maps va, at whatever level. Returns 0: none. */
static pte_t
find_entry(struct pmap *pmap, uint64_t va, unsigned *level)
{
	pte_t entry = pmap->root[level_index(va, 0)];

	for (*level = 0; entry_is_table(entry, *level); ++*level)
		entry = entry_table(entry)[level_index(va, *level + 1)];
	return entry;
}

bool
pmap_lookup(struct pmap *pmap, uint64_t va, uint64_t *pa, vm_prot_t *prot)
{
	unsigned level;
	pte_t entry;

	spin_lock(&pmap->lock);
	entry = find_entry(pmap, va, &level);
	spin_unlock(&pmap->lock);
	if (entry == 0)
		return false;
	if (pa != NULL)
		*pa = (entry & PTE_ADDRESS) | (va & ((1ull << level_shift(level)) - 1));
	if (prot != NULL)
		*prot = entry_prot(entry);
	return true;
}

uint64_t
pmap_table_pages(struct pmap *pmap)
{
	return pmap->tables + 1;
}

void
pmap_walk_print(struct pmap *pmap, uint64_t va, void (*print)(const char *format, ...))
{
	pte_t *table = pmap->root;

	for (unsigned level = 0;; level++) {
		unsigned index = level_index(va, level);
		pte_t entry = table[index];

		if (entry == 0) {
			print("level %u [%3u] %016lx not mapped\n", level, index, entry);
			return;
		}
		if (entry_is_table(entry, level)) {
			print("level %u [%3u] %016lx table\n", level, index, entry);
			table = entry_table(entry);
			continue;
		}
		print("level %u [%3u] %016lx %s: %s r%s%s%s%s\n", level, index, entry,
		    level == LEAF_LEVEL ? "page" : "block", entry & PTE_USER ? "user" : "kernel",
		    entry & PTE_READ_ONLY ? "-" : "w",
		    entry_prot(entry) & VM_PROT_EXECUTE ? "x" : "-",
		    (entry & PTE_ATTR_MASK) == PTE_ATTR_DEVICE ? " device" : "",
		    entry & PTE_ACCESSED ? " accessed" : "");
		return;
	}
}
