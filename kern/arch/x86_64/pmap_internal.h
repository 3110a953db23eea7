/*
 * The tables themselves, for pmap.c, pmap_space.c and pmap_bootstrap.c: levels, indexes, entries (bits: x86.h).
 */
#ifndef X86_PMAP_INTERNAL_H
#define X86_PMAP_INTERNAL_H

#include "arch/pmap.h"
#include "arch_pmap.h"
#include "mm/page.h"
#include "sync/spinlock.h"
#include "x86.h"

#define ENTRIES		512u
#define LEAF_LEVEL	3u		/* 4 KB; PTE_LARGE in level 1: 1 GB, in level 2: 2 MB */
#define USER_ENTRIES	256u		/* of a level-0 table */

static inline unsigned
level_shift(unsigned level)
{
	return 39 - 9 * level;
}

static inline unsigned
index_at(uint64_t va, unsigned level)
{
	return (unsigned)(va >> level_shift(level)) & (ENTRIES - 1);
}

static inline uint64_t *
table_of(uint64_t entry)
{
	return phys_to_virt(entry & PTE_ADDRESS);
}

static inline struct page *
page_of_table(uint64_t *table)
{
	return page_of(virt_to_phys(table));
}

static inline bool
is_leaf(uint64_t entry, unsigned level)
{
	return level == LEAF_LEVEL || (entry & PTE_LARGE);
}

/*
 * The entry that translates `va` and its level (that of a large page, or LEAF_LEVEL), or NULL.
 * Conditions: the lock held, or boot.
 */
uint64_t *pmap_entry_find(struct pmap *pmap, uint64_t va, unsigned *level);

/* A new empty table, counted in the pmap, or NULL. Conditions: as above. */
uint64_t *pmap_table_alloc(struct pmap *pmap);

#endif
