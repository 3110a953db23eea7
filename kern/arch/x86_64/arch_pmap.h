/*
 * An address space, and its switch in place (arch/pmap.h). The rest is in pmap_internal.h.
 */
#ifndef ARCH_X86_64_PMAP_H
#define ARCH_X86_64_PMAP_H

#include "arch/cpu.h"
#include "arch/pmap.h"
#include "arch_cpu.h"
#include "sync/spinlock.h"

struct pmap {
	struct spinlock lock;
	uint64_t *root;			/* level-0 table, in the direct map */
	volatile uint32_t cpus;		/* bit n: CPU n has it loaded; atomic, not under the lock */
	uint64_t tables;		/* frames */
};

/* There is nothing to note: `cpus` is of the present. */
static inline void
pmap_ran_here(struct pmap *pmap, uint32_t bit)
{
	(void)pmap;
	(void)bit;
}

static inline void
pmap_switch(struct arch_cpu *arch, uint32_t bit, struct pmap *pmap)
{
	struct pmap *old = arch->loaded;

	arch->loaded = pmap;
	__atomic_fetch_or(&pmap->cpus, bit, __ATOMIC_SEQ_CST);
	write_cr3(virt_to_phys(pmap->root));
	if (old != &kernel_pmap)
		__atomic_fetch_and(&old->cpus, ~bit, __ATOMIC_RELEASE);
}

static inline void
pmap_switch_back(struct arch_cpu *arch, uint32_t bit, struct pmap *pmap)
{
	pmap_switch(arch, bit, pmap);
}

#endif
