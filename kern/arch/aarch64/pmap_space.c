/*
 * Address spaces as a whole: making them, loading them into TTBR0, destroying them.
 *
 * The root lives as long as some CPU has it loaded, each of which holds a reference: an idle CPU
 * keeps the last user address space until it runs another, or is told to leave a dying one.
 */
#include "arch/pmap.h"

#include "gic.h"
#include "mm/kalloc.h"
#include "pmap_internal.h"
#include "sched/cpu.h"

struct pmap *
pmap_create(void)
{
	struct pmap *pmap = kalloc(sizeof *pmap, KALLOC_PMAP);
	struct page *root;
	uint16_t asid;

	if (pmap == NULL)
		return NULL;
	root = page_alloc(0, PAGE_USE_TABLE, PAGE_ALLOC_ZERO);
	if (root == NULL)
		goto free_pmap;
	asid = asid_alloc();
	if (asid == 0)
		goto free_root;
	spin_init(&pmap->lock, "pmap", RANK_PMAP);
	refcount_set(&pmap->refs, 1);
	pmap->root = page_virtual(root);
	pmap->ttbr = page_address(root) | (uint64_t)asid << ASID_SHIFT;
	return pmap;
free_root:
	page_drop(root);
free_pmap:
	kfree(pmap);
	return NULL;
}

/* Drops a reference; the last one frees the root, which CPUs may have had in TTBR0 until now. */
static void
pmap_drop(struct pmap *pmap)
{
	if (!refcount_drop(&pmap->refs))
		return;
	asid_free((uint16_t)pmap_asid(pmap));
	page_drop(page_of(virt_to_phys(pmap->root)));
	kfree(pmap);
}

static void
ran_here(struct pmap *pmap, uint32_t bit)
{
	if (!(pmap->ran_on & bit)) {
		__atomic_fetch_or(&pmap->ran_on, bit, __ATOMIC_SEQ_CST);
		dsb(ish);
	}
}

void
pmap_activate(struct pmap *pmap)
{
	struct cpu *cpu = cpu_self();
	struct pmap *old = cpu->arch.pmap;

	if (old == pmap)
		return;
	if (pmap != &kernel_pmap) {
		refcount_take(&pmap->refs);
		ran_here(pmap, 1u << cpu->number);
	}
	cpu->arch.pmap = pmap;
	sysreg_write(ttbr0_el1, pmap == &kernel_pmap ? virt_to_phys(boot_empty) : pmap->ttbr);
	isb();
	if (old != NULL && old != &kernel_pmap)
		pmap_drop(old);
}

void
pmap_leave_dying(void)
{
	struct cpu *cpu = cpu_self();

	if (cpu->arch.pmap == NULL || !cpu->arch.pmap->dying)
		return;
	cpu->pmap = &kernel_pmap;
	pmap_activate(&kernel_pmap);
}

/*
 * Other CPUs only hold the root: when it is empty and flushed, they cannot walk into the tables
 * that are freed here, and need not be waited for.
 */
void
pmap_destroy(struct pmap *pmap)
{
	pmap->dying = true;
	pmap_leave_dying();
	pmap_remove(pmap, 0, VM_MAX_ADDRESS);
	for (unsigned i = 0; i < CPU_MAX; i++)
		if (cpus[i].arch.pmap == pmap)
			gic_send(&cpus[i], GIC_LEAVE);
	pmap_drop(pmap);
}
