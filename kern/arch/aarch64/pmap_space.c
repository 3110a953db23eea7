/*
 * Address spaces as a whole: making them, loading them into TTBR0, destroying them.
 *
 * A switch is nothing but the new root in TTBR0 and in arch.pmap. The root lives as long as some CPU
 * has it there: an idle CPU keeps the last user address space until it runs another, or is told to
 * leave a dying one. A pmap that dies while a CPU still has it waits in the list of the abandoned.
 */
#include "arch/pmap.h"

#include "gic.h"
#include "mm/kalloc.h"
#include "pmap_internal.h"
#include "sched/cpu.h"

static struct spinlock abandoned_lock = SPINLOCK_INIT("abandoned pmaps", RANK_PMAP);
static struct pmap *abandoned;

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
	pmap->root = page_virtual(root);
	pmap->ttbr = page_address(root) | (uint64_t)asid << ASID_SHIFT;
	return pmap;
free_root:
	page_drop(root);
free_pmap:
	kfree(pmap);
	return NULL;
}

bool
pmap_loaded_anywhere(const struct pmap *pmap)
{
	for (unsigned i = 0; i < CPU_MAX; i++)
		if (__atomic_load_n(&cpus[i].arch.pmap, __ATOMIC_ACQUIRE) == pmap)
			return true;
	return false;
}

static void
pmap_free(struct pmap *pmap)
{
	asid_free((uint16_t)pmap_asid(pmap));
	page_drop(page_of(virt_to_phys(pmap->root)));
	kfree(pmap);
}

/* Takes a pmap that no CPU has loaded any more off the list of those left behind. */
static struct pmap *
take_abandoned(void)
{
	struct pmap **link, *pmap;

	spin_lock(&abandoned_lock);
	for (link = &abandoned; (pmap = *link) != NULL; link = &pmap->next_abandoned)
		if (!pmap_loaded_anywhere(pmap)) {
			*link = pmap->next_abandoned;
			break;
		}
	spin_unlock(&abandoned_lock);
	return pmap;
}

static void
free_abandoned(void)
{
	struct pmap *pmap;

	while (abandoned != NULL && (pmap = take_abandoned()) != NULL)
		pmap_free(pmap);
}

void
pmap_ran_here(struct pmap *pmap, uint32_t bit)
{
	__atomic_fetch_or(&pmap->ran_on, bit, __ATOMIC_SEQ_CST);
	dsb(ish);
}

void
pmap_activate(struct pmap *pmap)
{
	struct cpu *cpu = cpu_self();

	if (cpu->arch.pmap != pmap)
		pmap_switch(&cpu->arch, cpu->bit, pmap);
}

void
pmap_leave_dying(void)
{
	struct cpu *cpu = cpu_self();

	if (cpu->arch.pmap != NULL && cpu->arch.pmap->dying) {
		cpu->pmap = &kernel_pmap;
		pmap_activate(&kernel_pmap);
	}
	free_abandoned();
}

/*
 * Other CPUs only hold the root: when it is empty and flushed, they cannot walk into the tables
 * that are freed here, and need not be waited for. They are told to leave; the last to do so, or
 * whoever is told next, frees the root.
 */
void
pmap_destroy(struct pmap *pmap)
{
	pmap->dying = true;
	pmap_leave_dying();
	pmap_remove(pmap, 0, VM_MAX_ADDRESS);
	if (!pmap_loaded_anywhere(pmap)) {
		pmap_free(pmap);
		return;
	}
	spin_lock(&abandoned_lock);
	pmap->next_abandoned = abandoned;
	abandoned = pmap;
	spin_unlock(&abandoned_lock);
	for (unsigned i = 0; i < CPU_MAX; i++)
		if (cpus[i].arch.pmap == pmap)
			gic_send(&cpus[i], GIC_LEAVE);
	free_abandoned();
}
