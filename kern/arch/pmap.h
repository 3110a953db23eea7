/*
 * Page tables: four levels, 4 KB granule, 48-bit addresses.
 *
 *	 47      39 38      30 29      21 20      12 11         0
 *	+----------+----------+----------+----------+------------+
 *	|  level 0 |  level 1 |  level 2 |  level 3 |   offset   |
 *	+----------+----------+----------+----------+------------+
 *
 * A pmap is the machine's view of one address space. It is a cache of what kern/vm knows, except for kernel mappings. User pmaps share
 * the kernel half (x86_64: the upper 256 level-0 entries, all filled in at boot; aarch64: TTBR1).
 *
 * Locking: each pmap has a spinlock, last in the lock order but the frame allocator's. Calls take it themselves. No call but pmap_init
 * and pmap_enter allocates, and pmap_enter says so when it cannot.
 *
 * After a call that removes or restricts a mapping returns, no CPU uses the old translation any more (aarch64: broadcast TLBI;
 * x86_64: invlpg and inter-processor interrupts to the CPUs in pmap->cpus).
 */
#ifndef ARCH_PMAP_H
#define ARCH_PMAP_H

#include <mach/types.h>
#include <mach/vm.h>
#include "mm/page.h"

struct pmap;

extern struct pmap kernel_pmap;

#define PMAP_CACHED	0u		/* normal memory */
#define PMAP_DEVICE	1u		/* uncached, ordered: registers */

/* Direct map: all RAM at a fixed offset. */
#define DIRECT_MAP_BASE	0xffff800000000000ull
#define phys_to_virt(pa)	((void *)((uint64_t)(pa) + DIRECT_MAP_BASE))
#define virt_to_phys(va)	((uint64_t)(va) - DIRECT_MAP_BASE)	/* of direct-map addresses only */

/* Physical addresses from here on do not fit into the processor's tables. */
uint64_t pmap_physical_end(void);

/* Kernel virtual addresses that are not the direct map: stacks with guard pages, device registers. 512 GB. */
#define KVA_BASE	0xffffc00000000000ull
#define KVA_END		0xffffc08000000000ull

/* Builds the final kernel tables: direct map (kernel text and its alias read-only, data never executable). Boot CPU, once, after page_init. */
void pmap_bootstrap(void);

/* Makes an empty user pmap. Returns NULL: no memory. */
struct pmap *pmap_create(void);

/* Frees the tables. Conditions: loaded on no CPU but as the leftover of an idle one; those are told to leave. */
void pmap_destroy(struct pmap *pmap);

/*
 * Maps one page, replacing what was there. prot 0 is not allowed. Does not touch frame reference counts.
 * Returns false: no memory for a table, nothing changed.
 */
bool pmap_enter(struct pmap *pmap, uint64_t va, uint64_t pa, vm_prot_t prot, unsigned cache);

/* Unmaps a range; empty tables are freed. */
void pmap_remove(struct pmap *pmap, uint64_t start, uint64_t end);

/* Takes rights away in a range (never adds); prot 0 removes. */
void pmap_protect(struct pmap *pmap, uint64_t start, uint64_t end, vm_prot_t prot);

/*
 * Tells whether the page was accessed since the last call (second chance). TLBs are left alone, so an access through what one of them
 * still holds may go unnoticed: an approximation that costs other CPUs nothing.
 */
bool pmap_test_and_clear_accessed(struct pmap *pmap, uint64_t va);

/* Looks a page up. Returns false: not mapped. pa and prot may be NULL. */
bool pmap_lookup(struct pmap *pmap, uint64_t va, uint64_t *pa, vm_prot_t *prot);

/* Switches the running CPU to a pmap (kernel_pmap: no user half). Called by the scheduler with interrupts masked. */
void pmap_activate(struct pmap *pmap);

/* Number of table frames in use, for statistics. */
uint64_t pmap_table_pages(struct pmap *pmap);

/*
 * Maps and unmaps kernel addresses in [KVA_BASE, KVA_END). Unmapping has to reach every CPU, which is dear: several pieces of `size` bytes
 * go with one message.
 */
bool pmap_kernel_enter(uint64_t va, uint64_t pa, vm_prot_t prot, unsigned cache);
void pmap_kernel_remove_pieces(const uint64_t *starts, unsigned count, uint64_t size);

static inline void
pmap_kernel_remove(uint64_t start, uint64_t end)
{
	pmap_kernel_remove_pieces(&start, 1, end - start);
}

/* For the monitor's `translate`: prints the entry at each level through the given printf-like function. */
void pmap_walk_print(struct pmap *pmap, uint64_t va, void (*print)(const char *format, ...));

#endif
