/*
 * Inside the page-table code: pmap.c (operations), pmap_space.c (address spaces), pmap_bootstrap.c
 * (kernel table), tlb.c (flushing, ASIDs).
 *
 * Tables: each is one frame. `offset` of its struct page counts the valid entries of a user or KVA
 * table below the root; a table whose count reaches 0 is unlinked and freed. A table is freed only
 * after a TLB invalidation, as walkers may remember it.
 *
 * ASIDs: each user pmap has one of its own while it lives. A freed ASID is handed out again only
 * after the whole TLB was invalidated, which happens once every table full of ASIDs; so creating
 * and destroying address spaces costs no invalidations. ASID 0 is the kernel's.
 */
#ifndef AARCH64_PMAP_INTERNAL_H
#define AARCH64_PMAP_INTERNAL_H

#include "arch/cpu.h"
#include "arch/pmap.h"
#include "arch_pmap.h"
#include "pte.h"
#include "sync/spinlock.h"

#define TABLE_ENTRIES	512u
#define LEAF_LEVEL	3u

static inline unsigned
level_shift(unsigned level)
{
	return PAGE_SHIFT + 9 * (LEAF_LEVEL - level);
}

static inline unsigned
level_index(uint64_t va, unsigned level)
{
	return va >> level_shift(level) & (TABLE_ENTRIES - 1);
}

static inline pte_t *
entry_table(pte_t entry)
{
	return phys_to_virt(entry & PTE_ADDRESS);
}

static inline bool
entry_is_table(pte_t entry, unsigned level)
{
	return level < LEAF_LEVEL && (entry & PTE_TABLE) != 0;
}

/* Entries are read by walkers at any time: one store each. */
static inline void
entry_write(pte_t *slot, pte_t entry)
{
	__atomic_store_n(slot, entry, __ATOMIC_RELAXED);
}

/* Attributes of a page for a kernel or user mapping (no address). */
pte_t entry_attributes(bool user, vm_prot_t prot, unsigned cache);

/* A zeroed table frame, or NULL. */
pte_t *table_alloc(struct pmap *pmap);

#define ASID_SHIFT	48		/* in ttbr and in TLBI arguments */
#define FLUSH_MAX	16u		/* more pages than this: flush the whole address space */

/* What one operation has taken out of the tables and not flushed yet. */
struct flush {
	struct pmap *pmap;
	unsigned count;			/* addresses below, or FLUSH_MAX + 1: too many */
	uint64_t va[FLUSH_MAX];
	struct list tables;		/* struct page of unlinked tables */
};

static inline uint64_t
pmap_asid(const struct pmap *pmap)
{
	return pmap->ttbr >> ASID_SHIFT;
}

/*
 * Pmap locked. Finishing flushes what was noted, then frees the tables; no CPU uses the old
 * translations afterwards.
 */
void flush_begin(struct flush *flush, struct pmap *pmap);
void flush_note(struct flush *flush, uint64_t va);
void flush_finish(struct flush *flush);

/*
 * Drops what TLBs hold for an address: the page and the tables on the way to it. A barrier before
 * and after is the caller's.
 */
void tlb_drop_page(const struct pmap *pmap, uint64_t va);

/* Returns 0: all are taken. */
uint16_t asid_alloc(void);
void asid_free(uint16_t asid);

/* Sets the access flag after a fault because of it. */
void pmap_mark_accessed(struct pmap *pmap, uint64_t va);

/*
 * The running CPU leaves the address space it has loaded if that one is dying; frees those that no
 * CPU has any more.
 */
void pmap_leave_dying(void);
bool pmap_loaded_anywhere(const struct pmap *pmap);

/* start.S: replaces the kernel's table, a physical address. The tables of boot. */
void kernel_table_switch(uint64_t table);
extern char boot_table[], boot_empty[];

#endif
