/*
 * Whole address spaces: made, loaded, left, freed. What is in their tables is changed by pmap.c.
 */
#include "arch/pmap.h"

#include "arch/cpu.h"
#include "init/panic.h"
#include "mm/kalloc.h"
#include "pmap_internal.h"
#include "sched/cpu.h"

struct pmap *
pmap_create(void)
{
	struct pmap *pmap = kalloc(sizeof(*pmap), KALLOC_PMAP);

	if (pmap == NULL)
		return NULL;
	spin_init(&pmap->lock, "pmap", RANK_PMAP);
	pmap->root = pmap_table_alloc(pmap);
	if (pmap->root == NULL) {
		kfree(pmap);
		return NULL;
	}
	for (unsigned i = USER_ENTRIES; i < ENTRIES; i++)
		pmap->root[i] = kernel_pmap.root[i];
	return pmap;
}

static void
tables_free(struct pmap *pmap, uint64_t *table, unsigned level)
{
	for (unsigned i = 0; i < (level == 0 ? USER_ENTRIES : ENTRIES); i++)
		if (level < LEAF_LEVEL && (table[i] & PTE_PRESENT))
			tables_free(pmap, table_of(table[i]), level + 1);
	pmap->tables--;
	page_drop(page_of_table(table));
}

void
pmap_destroy(struct pmap *pmap)
{
	pmap_leave(pmap);
	tlb_shootdown(pmap->cpus, 0, 0, pmap, true);
	assert(pmap->cpus == 0 || smp_stopper >= 0);
	tables_free(pmap, pmap->root, 0);
	kfree(pmap);
}

void
pmap_activate(struct pmap *pmap)
{
	struct cpu *cpu = cpu_self();

	cpu->pmap = pmap;
	if (pmap != cpu->arch.loaded)
		pmap_switch(&cpu->arch, cpu->bit, pmap);
}

void
pmap_leave(struct pmap *pmap)
{
	if (cpu_self()->arch.loaded == pmap)
		pmap_activate(&kernel_pmap);
}

/*
 * The kernel's translations are in every CPU at all times, so no CPU ever leaves kernel_pmap.cpus.
 */
void
pmap_cpu_joins(int number)
{
	__atomic_fetch_or(&kernel_pmap.cpus, 1u << number, __ATOMIC_SEQ_CST);
}

uint32_t
pmap_kernel_cpus(void)
{
	return kernel_pmap.cpus;
}

uint64_t
pmap_kernel_root(void)
{
	return virt_to_phys(kernel_pmap.root);
}
