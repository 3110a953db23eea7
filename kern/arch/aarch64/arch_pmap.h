/*
 * An address space, and its switch in place (arch/pmap.h). The rest is in pmap_internal.h.
 */
#ifndef AARCH64_ARCH_PMAP_H
#define AARCH64_ARCH_PMAP_H

#include "arch/cpu.h"
#include "arch_cpu.h"
#include "sync/spinlock.h"

typedef uint64_t pte_t;

struct pmap {
	struct spinlock lock;		/* tables and counts */
	pte_t *root;			/* level 0 */
	uint64_t ttbr;			/* root's physical address, ASID in the upper 16 bits */
	struct pmap *next_abandoned;	/* pmap_space.c */
	volatile uint32_t ran_on;	/* CPUs that ever had it loaded, a bit each */
	volatile bool dying;		/* CPUs that have it loaded must leave */
	uint64_t tables;		/* frames below the root */
};

/* Before this CPU, whose bit this is, loads it for the first time (pmap_space.c). */
void pmap_ran_here(struct pmap *pmap, uint32_t bit);

/* The new tables are in use before arch->pmap says so: nobody frees those of a task that runs. */
static inline void
pmap_switch_back(struct arch_cpu *arch, uint32_t bit, struct pmap *pmap)
{
	(void)bit;
	sysreg_write(ttbr0_el1, pmap->ttbr);
	isb();
	__atomic_store_n(&arch->pmap, pmap, __ATOMIC_RELEASE);
}

static inline void
pmap_switch(struct arch_cpu *arch, uint32_t bit, struct pmap *pmap)
{
	if (__builtin_expect((pmap->ran_on & bit) == 0, 0))
		pmap_ran_here(pmap, bit);
	pmap_switch_back(arch, bit, pmap);
}

#endif
