/*
 * The kernel's own tables, made once at boot, and printing a translation.
 *
 *	level 0 entry	256	direct map: the tables that boot/x86_64 made; large pages, split
 *				where kernel text needs 4 KB
 *			384	KVA: stacks with guard pages
 *			511	kernel image, 4 KB pages: text R-X, constants R--, data RW-, the
 *				page below the boot stack absent
 */
#include "arch/bootinfo.h"
#include "arch/cpu.h"
#include "arch/pmap.h"
#include "init/panic.h"
#include "pmap_internal.h"

extern uint64_t boot_root[ENTRIES];
extern const char _image[], _text[], _etext[], _erodata[], _end[], boot_stack_guard[];

static uint64_t kernel_root[ENTRIES] __attribute__((aligned(4096)));

static uint64_t *
bootstrap_table(void)
{
	uint64_t *table = pmap_table_alloc(&kernel_pmap);

	if (table == NULL)
		panic("no memory for the kernel's page tables");
	return table;
}

/* Replaces a large entry by a table of the next smaller size. */
static void
entry_split(uint64_t *slot, unsigned level)
{
	uint64_t *table = bootstrap_table();
	uint64_t step = 1ull << level_shift(level + 1);
	uint64_t first = level + 1 == LEAF_LEVEL ? *slot & ~PTE_LARGE : *slot;

	for (unsigned i = 0; i < ENTRIES; i++)
		table[i] = first + i * step;
	page_of(virt_to_phys(table))->offset = ENTRIES;
	*slot = virt_to_phys(table) | PTE_PRESENT | PTE_WRITE;
}

/* The 4 KB entry of an address, with the tables on the way to it. */
static uint64_t *
page_entry(uint64_t va)
{
	uint64_t *table = kernel_pmap.root;

	for (unsigned level = 0; level < LEAF_LEVEL; level++) {
		uint64_t *slot = &table[index_at(va, level)];

		if (!(*slot & PTE_PRESENT))
			*slot = virt_to_phys(bootstrap_table()) | PTE_PRESENT | PTE_WRITE;
		else if (is_leaf(*slot, level))
			entry_split(slot, level);
		table = table_of(*slot);
	}
	return &table[index_at(va, LEAF_LEVEL)];
}

/* Maps [start, end) of the image at its linked addresses. These entries stay for ever: nobody counts them. */
static void
image_map(const char *start, const char *end, uint64_t rights)
{
	for (const char *at = start; at < end; at += PAGE_SIZE) {
		if (at == boot_stack_guard)
			continue;
		*page_entry((uint64_t)at) = image_to_phys(at) | PTE_PRESENT | PTE_GLOBAL | rights;
	}
}

void
pmap_bootstrap(void)
{
	unsigned direct = index_at(DIRECT_MAP_BASE, 0);
	unsigned kva = index_at(KVA_BASE, 0), image = index_at(KERNEL_BASE, 0);

	kernel_pmap.root = phys_to_virt(image_to_phys(kernel_root));
	kernel_root[direct] = boot_root[direct];
	kernel_root[kva] = virt_to_phys(bootstrap_table()) | PTE_PRESENT | PTE_WRITE;
	kernel_root[image] = virt_to_phys(bootstrap_table()) | PTE_PRESENT | PTE_WRITE;
	image_map(_text, _etext, 0);
	image_map(_etext, _erodata, PTE_NX);
	image_map(_erodata, _end, PTE_WRITE | PTE_NX);
	for (const char *at = _image; at < _erodata; at += PAGE_SIZE)
		*page_entry((uint64_t)phys_to_virt(image_to_phys(at))) &= ~PTE_WRITE;
	for (unsigned i = USER_ENTRIES; i < ENTRIES; i++)
		boot_root[i] = kernel_root[i];		/* for CPUs that start later */
	write_cr3(pmap_kernel_root());
	tlb_flush_local(DIRECT_MAP_BASE, TLB_ALL);
}

bool
pmap_mapped(uint64_t va)
{
	unsigned level;

	if (kernel_pmap.root == NULL)
		return va >= KERNEL_BASE;
	return pmap_entry_find(&kernel_pmap, va, &level) != NULL;
}

void
pmap_walk_print(struct pmap *pmap, uint64_t va, void (*print)(const char *format, ...))
{
	static const char *const sizes[] = { "", " 1 GB page", " 2 MB page", " page" };
	uint64_t *table = pmap->root;

	for (unsigned level = 0; level <= LEAF_LEVEL; level++) {
		uint64_t entry = table[index_at(va, level)];

		print("level %u index %3u entry %016lx", level, index_at(va, level), entry);
		if (!(entry & PTE_PRESENT)) {
			print(": not present\n");
			return;
		}
		print(": %012lx %c%c%c%s%s%s%s\n", entry & PTE_ADDRESS,
		      entry & PTE_USER ? 'u' : '-', entry & PTE_WRITE ? 'w' : '-',
		      entry & PTE_NX ? '-' : 'x', entry & PTE_ACCESSED ? " accessed" : "",
		      is_leaf(entry, level) && (entry & PTE_DIRTY) ? " dirty" : "",
		      is_leaf(entry, level) && (entry & PTE_UNCACHED) ? " device" : "",
		      is_leaf(entry, level) ? sizes[level] : "");
		if (is_leaf(entry, level))
			return;
		table = table_of(entry);
	}
}
