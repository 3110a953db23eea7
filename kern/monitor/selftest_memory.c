/*
 * Checks of the frame allocator, the heap and the kernel's page tables. They give back all they
 * take.
 */
#include "monitor/selftest.h"

#include "arch/pmap.h"
#include "init/printk.h"
#include "init/string.h"
#include "mm/kalloc.h"
#include "mm/page.h"
#include "monitor/command.h"

#define HELD		24		/* blocks held at a time */
#define STEPS		120
#define PATTERN		0x9e3779b97f4a7c15ull
#define TEST_BASE	(KVA_BASE + 0x3f00000000ull)	/* kernel addresses that nobody else maps */

static uint64_t
free_frames(void)
{
	struct page_statistics s;

	memory_drain();
	page_statistics_get(&s);
	return s.free;
}

/* --- frames --- */

struct held_block {
	struct page *page;
	unsigned order;
};

static bool
blocks_overlap(const struct held_block *a, const struct held_block *b)
{
	uint64_t from_a = page_address(a->page), from_b = page_address(b->page);

	return from_a < from_b + (PAGE_SIZE << b->order) &&
	    from_b < from_a + (PAGE_SIZE << a->order);
}

static void
block_take(struct held_block *held, unsigned at, uint64_t *seed)
{
	struct held_block *block = &held[at];
	uint64_t address;

	block->order = selftest_random(seed, 7);
	block->page = page_alloc(block->order, PAGE_USE_KERNEL, 0);
	if (!selftest_check(block->page != NULL, "no block of order %u", block->order))
		return;
	address = page_address(block->page);
	printk("alloc %u -> %#lx\n", block->order, (unsigned long)address);
	selftest_check(address % (PAGE_SIZE << block->order) == 0, "%#lx is not aligned",
	    (unsigned long)address);
	for (unsigned i = 0; i < HELD; i++)
		if (i != at && held[i].page != NULL)
			selftest_check(!blocks_overlap(&held[i], block),
			    "%#lx was handed out twice", (unsigned long)address);
	memset(page_virtual(block->page), at, PAGE_SIZE << block->order);
}

static void
block_give(struct held_block *held, unsigned at)
{
	struct held_block *block = &held[at];
	const unsigned char *bytes = page_virtual(block->page);

	selftest_check(bytes[0] == at && bytes[(PAGE_SIZE << block->order) - 1] == at,
	    "somebody wrote into a used block");
	printk("free %u -> %#lx\n", block->order, (unsigned long)page_address(block->page));
	page_drop(block->page);
	block->page = NULL;
}

static void
print_free_blocks(void)
{
	struct page_statistics s;

	memory_drain();
	page_statistics_get(&s);
	printk("blocks");
	for (unsigned order = 0; order <= PAGE_ORDER_MAX; order++)
		printk(" %lu", (unsigned long)s.free_blocks[order]);
	printk("\n");
}

static void
buddies(uint64_t seed)
{
	struct held_block held[HELD];
	uint64_t before = free_frames();

	memset(held, 0, sizeof(held));
	print_free_blocks();
	for (unsigned step = 0; step < STEPS; step++) {
		unsigned at = selftest_random(&seed, HELD);

		if (held[at].page != NULL)
			block_give(held, at);
		else
			block_take(held, at, &seed);
	}
	for (unsigned i = 0; i < HELD; i++)
		if (held[i].page != NULL)
			block_give(held, i);
	print_free_blocks();
	selftest_check(free_frames() == before, "%ld frames are lost",
	    (long)(before - free_frames()));
}

/* --- heap --- */

static const uint32_t heap_limits[] = { 64, 512, 4096, 8192, 40000 };	/* bytes */

static void
heap_fill(uint64_t *memory, size_t bytes, uint64_t value)
{
	for (size_t i = 0; i < bytes / 8; i++)
		memory[i] = value + i;
}

static bool
heap_holds(const uint64_t *memory, size_t bytes, uint64_t value)
{
	for (size_t i = 0; i < bytes / 8; i++)
		if (memory[i] != value + i)
			return false;
	return true;
}

static bool
all_zero(const uint64_t *memory, size_t bytes)
{
	for (size_t i = 0; i < bytes / 8; i++)
		if (memory[i] != 0)
			return false;
	return true;
}

static void
heap(uint64_t seed)
{
	uint64_t *held[HELD] = { NULL }, before = free_frames(), bytes_before = kalloc_total();
	size_t bytes[HELD];
	unsigned taken = 0;

	for (unsigned step = 0; step < 2000; step++) {
		unsigned at = selftest_random(&seed, HELD);

		if (held[at] != NULL) {
			selftest_check(heap_holds(held[at], bytes[at], PATTERN * at),
			    "a block of %lu bytes was overwritten",
			    (unsigned long)bytes[at]);
			kfree(held[at]);
			held[at] = NULL;
			continue;
		}
		bytes[at] = 8 + selftest_random(&seed, heap_limits[selftest_random(&seed, 5)]);
		held[at] = kalloc(bytes[at], KALLOC_MISC);
		if (!selftest_check(held[at] != NULL, "no %lu bytes", (unsigned long)bytes[at]))
			continue;
		taken++;
		selftest_check((uintptr_t)held[at] % 16 == 0, "%p is not aligned",
		    (void *)held[at]);
		selftest_check(all_zero(held[at], bytes[at]), "%p is not zeroed", (void *)held[at]);
		heap_fill(held[at], bytes[at], PATTERN * at);
	}
	for (unsigned i = 0; i < HELD; i++)
		kfree(held[i]);
	printk("%u blocks taken; heap %lu bytes before, %lu after\n", taken,
	    (unsigned long)bytes_before,
	    (unsigned long)kalloc_total());
	selftest_check(kalloc_total() == bytes_before, "bytes in use have changed");
	selftest_check(free_frames() == before, "%ld frames are lost",
	    (long)(before - free_frames()));
}

/* --- page tables --- */

/*
 * Maps a frame, writes through the new address, reads through the direct map; then the mapping
 * goes.
 */
static void
map_once(uint64_t va, uint64_t value)
{
	struct page *page = page_alloc(0, PAGE_USE_KERNEL, PAGE_ALLOC_ZERO);
	uint64_t physical = 0;
	const vm_prot_t both = VM_PROT_READ | VM_PROT_WRITE;
	vm_prot_t prot = 0;
	bool entered;

	if (!selftest_check(page != NULL, "no frame"))
		return;
	entered = pmap_kernel_enter(va, page_address(page), both, PMAP_CACHED);
	if (selftest_check(entered, "no table")) {
		*(volatile uint64_t *)va = value;
		selftest_check(pmap_lookup(&kernel_pmap, va, &physical, &prot) &&
		    physical == page_address(page) && prot == both,
		    "%#lx is mapped to %#lx with %#x", (unsigned long)va, (unsigned long)physical,
		    prot);
		selftest_check(*(volatile uint64_t *)page_virtual(page) == value,
		    "a write went elsewhere");
		printk("map %#lx -> %#lx\n", (unsigned long)va, (unsigned long)page_address(page));
		pmap_kernel_remove(va, va + PAGE_SIZE);
	}
	selftest_check(!pmap_lookup(&kernel_pmap, va, NULL, NULL), "%#lx is still mapped",
	    (unsigned long)va);
	page_drop(page);
}

static void
mappings(uint64_t seed)
{
	uint64_t before;

	map_once(TEST_BASE, seed);
	before = free_frames();
	for (unsigned i = 0; i < 20; i++) {
		uint64_t va = TEST_BASE + selftest_random(&seed, 1u << 18) * PAGE_SIZE;

		map_once(va, seed);
	}
	selftest_check(free_frames() == before, "%ld frames of tables are left",
	    (long)(before - free_frames()));
}

const struct selftest selftests_memory[] = {
	{ "buddy", "blocks of frames: aligned, disjoint, joined again", buddies },
	{ "heap", "blocks of bytes: aligned, zeroed, disjoint, given back", heap },
	{ "pmap", "kernel mappings: made, found, removed with their tables", mappings },
	{ NULL, NULL, NULL },
};
