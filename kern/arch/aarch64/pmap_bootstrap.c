/*
 * The kernel's final table: the direct map of RAM with the rights of the kernel image's parts, and
 * the kernel's own devices.
 *
 *	0xffff800000000000 + devices	interrupt controller, serial port, clock: pages
 *			   + RAM	rw, never executable: blocks of 1 GB or 2 MB, odd ends pages
 *			   + image	text rx | rodata r | data rw | guard page | rest of data rw
 *	0xffffc00000000000		stacks and registers of run time (pmap_kernel_enter)
 */
#include "arch/bootinfo.h"
#include "init/panic.h"
#include "machine.h"
#include "pmap_internal.h"

extern char _text[], _rodata[], _data[], _end[], boot_stack_guard[];

static pte_t kernel_root[TABLE_ENTRIES] __attribute__((aligned(4096)));

struct pmap kernel_pmap = {
	.lock = SPINLOCK_INIT("kernel pmap", RANK_PMAP),
	.root = kernel_root,
	.ran_on = ~0u,
};

/* The table below a slot, made if need be. */
static pte_t *
table_below(pte_t *slot)
{
	if (*slot == 0) {
		pte_t *table = table_alloc(&kernel_pmap);

		if (table == NULL)
			panic("no memory for the kernel's page tables");
		entry_write(slot, virt_to_phys(table) | PTE_VALID | PTE_TABLE);
	}
	return entry_table(*slot);
}

/* The highest level whose entries cover aligned pieces of the range; level 0 has no blocks. */
static unsigned
best_level(uint64_t start, uint64_t end)
{
	for (unsigned level = 1; level < LEAF_LEVEL; level++) {
		uint64_t span = 1ull << level_shift(level);

		if ((start & (span - 1)) == 0 && end - start >= span)
			return level;
	}
	return LEAF_LEVEL;
}

/* Maps physical [start, end), page aligned, into the direct map. */
static void
map_direct(uint64_t start, uint64_t end, vm_prot_t prot, unsigned cache)
{
	pte_t attributes = entry_attributes(false, prot, cache);

	while (start < end) {
		unsigned level = best_level(start, end);
		uint64_t va = (uint64_t)phys_to_virt(start);
		pte_t *table = kernel_root;

		for (unsigned above = 0; above < level; above++)
			table = table_below(&table[level_index(va, above)]);
		entry_write(&table[level_index(va, level)],
		    start | (level < LEAF_LEVEL ? attributes & ~PTE_TABLE : attributes));
		start += 1ull << level_shift(level);
	}
}

static void
map_image(void)
{
	uint64_t guard = virt_to_phys(boot_stack_guard);

	map_direct(virt_to_phys(_text), virt_to_phys(_rodata), VM_PROT_READ | VM_PROT_EXECUTE,
	    PMAP_CACHED);
	map_direct(virt_to_phys(_rodata), virt_to_phys(_data), VM_PROT_READ, PMAP_CACHED);
	map_direct(virt_to_phys(_data), guard, VM_PROT_DEFAULT, PMAP_CACHED);
	map_direct(guard + PAGE_SIZE, virt_to_phys(_end), VM_PROT_DEFAULT, PMAP_CACHED);
}

/* The whole pages of a range of RAM, leaving out the kernel image. */
static void
map_memory(const struct boot_range *range)
{
	uint64_t start = vm_page_round(range->base), end = vm_page_trunc(range->base + range->size);
	uint64_t image = virt_to_phys(_text), image_end = virt_to_phys(_end);

	if (image >= start && image_end <= end) {
		map_direct(start, image, VM_PROT_DEFAULT, PMAP_CACHED);
		map_direct(image_end, end, VM_PROT_DEFAULT, PMAP_CACHED);
	} else {
		map_direct(start, end, VM_PROT_DEFAULT, PMAP_CACHED);
	}
}

static void
map_device(uint64_t base, uint64_t size)
{
	if (base != 0)
		map_direct(vm_page_trunc(base), vm_page_round(base + size), VM_PROT_DEFAULT,
		    PMAP_DEVICE);
}

void
pmap_bootstrap(void)
{
	for (unsigned i = 0; i < bootinfo.memory_count; i++)
		map_memory(&bootinfo.memory[i]);
	map_image();
	map_device(machine.uart, PAGE_SIZE);
	map_device(machine.rtc, PAGE_SIZE);
	map_device(machine.gic_distributor, PAGE_SIZE);
	map_device(machine.gic_cpu, 2 * PAGE_SIZE);
	kernel_pmap.ttbr = virt_to_phys(boot_empty);	/* no user half */
	dsb(ishst);
	kernel_table_switch(virt_to_phys(kernel_root));
	pmap_activate(&kernel_pmap);
}
