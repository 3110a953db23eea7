/*
 * Commands about frames, the heap, page tables and kernel memory.
 */
#include "arch/pmap.h"
#include "init/panic.h"
#include "init/printk.h"
#include "init/string.h"
#include "mm/kalloc.h"
#include "mm/page.h"
#include "monitor/command.h"
#include "sched/cpu.h"
#if LAYER >= 2
#include "task/kstack.h"
#endif

#define DUMP_MAX	4096u		/* bytes of one dump */
#define DUMP_ROW	16u

static const char *const use_names[PAGE_USES] = { "heap", "page tables", "kernel stacks",
    "anonymous", "objects", "dma" };
static const char *const state_names[] = { "hole", "reserved", "free", "inside a free block",
    "used", "cached by a CPU" };

#define STATES (sizeof(state_names) / sizeof(state_names[0]))

/* --- memory --- */

static void
print_heap(void)
{
	printk("heap: %lu bytes in use\n", (unsigned long)kalloc_total());
	for (unsigned type = 0; type < KALLOC_TYPES; type++) {
		struct kalloc_statistics s;

		kalloc_statistics_get(type, &s);
		if (s.objects > 0)
			printk("  %-8s %8lu bytes %6lu objects\n", kalloc_type_name(type),
			    (unsigned long)s.bytes,
			    (unsigned long)s.objects);
	}
}

int
memory_print(void)
{
	struct page_statistics s;

	page_statistics_get(&s);
	printk("frames of 4 KB: %lu free, %lu used, %lu total\n", (unsigned long)s.free,
	    (unsigned long)(s.total - s.free),
	    (unsigned long)s.total);
	printk("  %lu of the free ones are cached by CPUs, %lu kept in reserve\n",
	    (unsigned long)s.cached,
	    (unsigned long)s.reserve);
	for (unsigned use = 0; use < PAGE_USES; use++)
		if (s.used[use] > 0)
			printk("  %-14s %8lu frames\n", use_names[use], (unsigned long)s.used[use]);
	print_heap();
	return 0;
}

void
memory_drain(void)
{
#if LAYER >= 2
	if (!panic_active)
		kstack_drain();
#endif
	cpu_call_all(kalloc_drain);
	cpu_call_all(page_drain);
}

void
memory_print_terse(void)
{
	struct page_statistics pages;

	page_statistics_get(&pages);
	printk("frames %lu\nframes_free %lu\nframes_total %lu\n",
	    (unsigned long)(pages.total - pages.free),
	    (unsigned long)pages.free, (unsigned long)pages.total);
	printk("heap %lu\n", (unsigned long)kalloc_total());
	for (unsigned type = 0; type < KALLOC_TYPES; type++) {
		struct kalloc_statistics s;
		const char *name = kalloc_type_name(type);

		kalloc_statistics_get(type, &s);
		printk("heap_%s %lu\nobjects_%s %lu\n", name, (unsigned long)s.bytes, name,
		    (unsigned long)s.objects);
	}
}

static int
memory(int argc, char **argv)
{
	if (argc == 1)
		return memory_print();
	if (strcmp(argv[1], "-q") != 0)
		return complain("%.40s: the only option is -q", argv[1]);
	memory_drain();
	memory_print_terse();
	return 0;
}

/* --- frames --- */

static int
frame_print(uint64_t address)
{
	struct page *page = page_of(address);

	if (page == NULL)
		return complain("%#lx: no RAM there", (unsigned long)address);
	printk("frame %#lx: %s", (unsigned long)page_address(page),
	    page->state < STATES ? state_names[page->state] : "?");
	if (page->state == PAGE_FREE)
		printk(", block of order %u", page->order);
	if (page->state == PAGE_USED)
		printk(" for %s, order %u, references %u, flags %#x, owner %p, offset %#lx, "
		    "wired %u, pins %u", page->use < PAGE_USES ? use_names[page->use] : "?",
		    page->order, page->refs, page->flags, page->owner, (unsigned long)page->offset,
		    page->wired, page->pins);
	printk("\n");
	return 0;
}

static int
frames(int argc, char **argv)
{
	struct page_statistics s;
	uint64_t address;

	if (argc > 1 && !argument_number(argv[1], "physical address", UINT64_MAX, &address))
		return STATUS_FAILED;
	if (argc > 1)
		return frame_print(address);
	page_statistics_get(&s);
	for (unsigned order = 0; order <= PAGE_ORDER_MAX; order++)
		printk("order %2u: %6lu free blocks of %4lu KB\n", order,
		    (unsigned long)s.free_blocks[order], 4ul << order);
	printk("and %lu single frames cached by CPUs\n", (unsigned long)s.cached);
	return 0;
}

/* --- page tables --- */

/* Addresses whose upper 17 bits are not all the same have no meaning. */
static bool
is_canonical(uint64_t address)
{
	return address >> 47 == 0 || address >> 47 == 0x1ffff;
}

int
translate_in(struct pmap *pmap, const char *word)
{
	uint64_t address, physical;
	vm_prot_t prot;

	if (!argument_number(word, "virtual address", UINT64_MAX, &address))
		return STATUS_FAILED;
	if (!is_canonical(address))
		return complain("%#lx: not an address of this machine (48 bits, sign-extended)",
		    (unsigned long)address);
	pmap_walk_print(pmap, address, printk);
	if (!pmap_lookup(pmap, address, &physical, &prot))
		return complain("%#lx: not mapped", (unsigned long)address);
	physical = (physical & ~(PAGE_SIZE - 1)) | (address & (PAGE_SIZE - 1));
	printk("%#lx -> %#lx %c%c%c\n", (unsigned long)address, (unsigned long)physical,
	    prot & VM_PROT_READ ? 'r' : '-',
	    prot & VM_PROT_WRITE ? 'w' : '-', prot & VM_PROT_EXECUTE ? 'x' : '-');
	return 0;
}

static int
translate(int argc, char **argv)
{
	(void)argc;
	return translate_in(&kernel_pmap, argv[1]);
}

/* --- dump --- */

/* Whether a kernel address can be read without a fault and without touching a device. */
static bool
readable(uint64_t address)
{
	uint64_t physical;

	return is_canonical(address) && address >= DIRECT_MAP_BASE &&
	       pmap_lookup(&kernel_pmap, address, &physical, NULL) && page_of(physical) != NULL;
}

static void
dump_row(uint64_t address, unsigned count)
{
	const unsigned char *bytes = (const unsigned char *)address;
	char hex[3 * DUMP_ROW + 1], text[DUMP_ROW + 1];

	for (unsigned i = 0; i < count; i++) {
		ksnprintf(hex + 3 * i, 4, " %02x", bytes[i]);
		text[i] = bytes[i] >= ' ' && bytes[i] < 0x7f ? bytes[i] : '.';
	}
	text[count] = 0;
	printk("%#018lx %-48s  %s\n", (unsigned long)address, hex, text);
}

static int
dump(int argc, char **argv)
{
	uint64_t address, length = 64, end;

	if (!argument_number(argv[1], "kernel address", UINT64_MAX, &address) ||
	    (argc > 2 && !argument_number(argv[2], "bytes, at most 4096", DUMP_MAX, &length)))
		return STATUS_FAILED;
	if (__builtin_add_overflow(address, length, &end))
		return complain("%#lx: the range wraps", (unsigned long)address);
	while (address < end) {
		uint64_t row = (address | (DUMP_ROW - 1)) + 1;
		unsigned count = end < row || row == 0 ? end - address : row - address;

		if (!readable(address))
			return complain("%#lx: not mapped kernel memory", (unsigned long)address);
		dump_row(address, count);
		address += count;
	}
	return 0;
}

const struct command commands_memory[] = {
	{ "memory", "[-q]", "frames and heap in use; -q: drains caches, terse", 0, 1, memory },
	{ "frames", "[ADDRESS]", "free blocks by order, or one frame", 0, 1, frames },
	{ "translate", "ADDRESS", "the page-table walk of a kernel address", 1, 1, translate },
	{ "dump", "ADDRESS [BYTES]", "kernel memory", 1, 2, dump },
	{ NULL, NULL, NULL, 0, 0, NULL },
};
