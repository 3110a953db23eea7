/*
 * Lab 1, exercises 1.5 to 1.7: mappings of kernel addresses, which the grader looks at in the machine's own tables; what is read through
 * them; and the heap.
 */
#include "monitor/selftest_lab.h"

#include "arch/pmap.h"
#include "init/string.h"
#include "mm/kalloc.h"
#include "mm/page.h"
#include "monitor/command.h"
#include "monitor/selftest.h"

#define PLACES		40u
#define AREA		(KVA_BASE + (1ull << 36))	/* kernel addresses that nobody else maps */
#define NOTHING		UINT64_MAX

static const vm_prot_t both = VM_PROT_READ | VM_PROT_WRITE;

/* --- pages that stay mapped from one check to the next --- */

static struct place {
	uint64_t va;				/* 0: not mapped */
	struct page *page;
} places[PLACES];

/* Page addresses in clusters, so that some share their lowest table, some only higher ones. */
static uint64_t
address_draw(uint64_t *seed)
{
	uint64_t gigabyte = selftest_random(seed, 3), table = selftest_random(seed, 3), page = selftest_random(seed, 512);

	if (selftest_random(seed, 3) == 0)
		page = selftest_random(seed, 2) * 511;		/* a table's first and last entry */
	return AREA + (gigabyte << 30) + (table << 21) + (page << 12);
}

static bool
is_mapped(uint64_t va)
{
	for (unsigned i = 0; i < PLACES; i++)
		if (places[i].va == va)
			return true;
	return false;
}

static void
map(uint64_t seed)
{
	for (unsigned i = 0; i < PLACES; i++) {
		uint64_t va = address_draw(&seed);
		vm_prot_t prot = selftest_random(&seed, 2) ? both : VM_PROT_READ;
		struct page *page;
		bool entered;

		if (is_mapped(va))
			continue;
		page = page_alloc(0, PAGE_USE_KERNEL, PAGE_ALLOC_ZERO);
		if (page == NULL)
			break;
		*(uint64_t *)page_virtual(page) = va ^ seed;
		entered = pmap_kernel_enter(va, page_address(page), prot, PMAP_CACHED);
		SAY("map", va, page_address(page), prot, entered, va ^ seed, entered ? *(volatile uint64_t *)va : 0);
		places[i] = (struct place){ va, page };
	}
	SAY("end", 0);
}

static void
range_remove(uint64_t start, uint64_t end)
{
	pmap_kernel_remove(start, end);
	SAY("unmap", start, end);
	for (unsigned i = 0; i < PLACES; i++)
		if (places[i].va >= start && places[i].va < end && places[i].va != 0) {
			page_drop(places[i].page);
			places[i].va = 0;
		}
}

/* Ranges that end inside tables, cross tables, hold nothing; not all pages go. */
static void
unmap(uint64_t seed)
{
	uint64_t at = AREA + (1ull << 21) + (selftest_random(&seed, 512) << 12);

	range_remove(at, at + ((1 + selftest_random(&seed, 600)) << 12));
	at = AREA + (1ull << 30) - (selftest_random(&seed, 100) << 12);
	range_remove(at, at + (2ull << 21) + (selftest_random(&seed, 512) << 12));
	range_remove(AREA + (7ull << 30), AREA + (9ull << 30) + PAGE_SIZE);
	for (unsigned i = 0; i < 6; i++) {
		at = places[selftest_random(&seed, PLACES)].va;
		if (at != 0)
			range_remove(at, at + PAGE_SIZE);
	}
	SAY("end", 0);
}

static void
unmap_all(uint64_t seed)
{
	(void)seed;
	range_remove(AREA, AREA + (3ull << 30));
	SAY("end", 0);
}

/* What the frame at a physical address, given in place of a seed, is used for. */
static void
frame(uint64_t address)
{
	const struct page *page = page_of(address);

	if (page == NULL)
		SAY("frame", address, NOTHING, 0, 0);
	else
		SAY("frame", address, page->state, page->use, page->refs);
}

/* --- another frame at an address that was in use --- */

static void
fill(struct page *page, uint64_t value)
{
	uint64_t *words = page_virtual(page);

	for (unsigned i = 0; i < PAGE_SIZE / 8; i++)
		words[i] = value + i;
}

/*
 * Page by page: word `at` of old and new frame, and what is read at the address before and after. `remove`: unmapped in between. All pages
 * are read before any changes, so the TLB knows them. The page behind them stays as it is.
 */
static void
exchange(uint64_t *seed, unsigned count, bool remove)
{
	static struct page *old[64], *new[64];
	uint64_t va = AREA + (11ull << 30) + (selftest_random(seed, 4096) << 12), at = selftest_random(seed, 512);
	uint64_t before[64];

	for (unsigned i = 0; i <= count; i++) {
		old[i] = page_alloc(0, PAGE_USE_KERNEL, 0);
		new[i] = page_alloc(0, PAGE_USE_KERNEL, 0);
		if (old[i] == NULL || new[i] == NULL)
			return;
		fill(old[i], selftest_random(seed, NOTHING));
		fill(new[i], selftest_random(seed, NOTHING));
		if (!pmap_kernel_enter(va + i * PAGE_SIZE, page_address(old[i]), both, PMAP_CACHED))
			return;
	}
	for (unsigned i = 0; i < count; i++)
		before[i] = *(volatile uint64_t *)(va + i * PAGE_SIZE + at * 8);
	if (remove) {
		pmap_kernel_remove(va, va + count * PAGE_SIZE);
		for (unsigned i = 0; i < count; i++)
			SAY("unmapped", va + i * PAGE_SIZE, !pmap_lookup(&kernel_pmap, va + i * PAGE_SIZE, NULL, NULL));
	}
	SAY("neighbour", va + count * PAGE_SIZE, ((uint64_t *)page_virtual(old[count]))[at],
	    *(volatile uint64_t *)(va + count * PAGE_SIZE + at * 8));
	for (unsigned i = 0; i < count; i++)
		if (!pmap_kernel_enter(va + i * PAGE_SIZE, page_address(new[i]), both, PMAP_CACHED))
			return;
	for (unsigned i = 0; i < count; i++)
		SAY("read", va + i * PAGE_SIZE, ((uint64_t *)page_virtual(old[i]))[at],
		    ((uint64_t *)page_virtual(new[i]))[at], before[i], *(volatile uint64_t *)(va + i * PAGE_SIZE + at * 8));
}

static void
replace(uint64_t seed)
{
	for (unsigned i = 0; i < 6; i++)
		exchange(&seed, 1 + selftest_random(&seed, 3), false);
	SAY("end", 0);
}

/* Few pages, and more than any flush does one by one. */
static void
flush(uint64_t seed)
{
	exchange(&seed, 1, true);
	exchange(&seed, 2 + selftest_random(&seed, 5), true);
	exchange(&seed, 40 + selftest_random(&seed, 20), true);
	SAY("end", 0);
}

/*
 * A page that stays mapped gets other rights: the grader looks at its entry. When rights are taken away, a write follows, which must end in
 * a fault; `lab1-gone` does the same with a read of a page that was unmapped.
 */
static void
rights(uint64_t seed)
{
	struct page *page = page_alloc(0, PAGE_USE_KERNEL, PAGE_ALLOC_ZERO);
	uint64_t va = address_draw(&seed) + (16ull << 30);
	bool first, second;

	if (page == NULL)
		return;
	first = pmap_kernel_enter(va, page_address(page), VM_PROT_READ, PMAP_CACHED);
	if (!first)
		return;
	(void)*(volatile uint64_t *)va;
	second = pmap_kernel_enter(va, page_address(page), both, PMAP_CACHED);
	SAY("rights", va, page_address(page), first, second);
	*(volatile uint64_t *)va = seed;
	SAY("wrote", seed, *(volatile uint64_t *)page_virtual(page));
	SAY("end", 0);
}

static void
narrow(uint64_t seed)
{
	struct page *page = page_alloc(0, PAGE_USE_KERNEL, PAGE_ALLOC_ZERO);
	uint64_t va = address_draw(&seed) + (16ull << 30);

	if (page == NULL || !pmap_kernel_enter(va, page_address(page), both, PMAP_CACHED))
		return;
	*(volatile uint64_t *)va = seed;
	if (!pmap_kernel_enter(va, page_address(page), VM_PROT_READ, PMAP_CACHED))
		return;
	SAY("touch", va);
	*(volatile uint64_t *)va = seed + 1;
	SAY("survived", 0);
}

static void
gone(uint64_t seed)
{
	struct page *page = page_alloc(0, PAGE_USE_KERNEL, PAGE_ALLOC_ZERO);
	uint64_t va = address_draw(&seed) + (16ull << 30);

	if (page == NULL || !pmap_kernel_enter(va, page_address(page), both, PMAP_CACHED) ||
	    !pmap_kernel_enter(va ^ PAGE_SIZE, page_address(page), both, PMAP_CACHED))
		return;
	*(volatile uint64_t *)va = seed;
	pmap_kernel_remove(va, va + PAGE_SIZE);
	SAY("neighbour", va ^ PAGE_SIZE, seed, *(volatile uint64_t *)(va ^ PAGE_SIZE));
	SAY("touch", va);
	seed = *(volatile uint64_t *)va;
	SAY("survived", seed);
}

/* --- no memory for a table --- */

static uint64_t
table_frames(void)
{
	struct page_statistics s;

	page_statistics_get(&s);
	return s.used[PAGE_USE_TABLE];
}

static void
no_memory(uint64_t seed)
{
	struct list held = LIST_INIT(held);
	uint64_t va = AREA + (100ull << 30) + (selftest_random(&seed, 1u << 18) << 12), taken = 0;
	struct page *page, *spare = page_alloc(0, PAGE_USE_KERNEL, 0);
	bool entered;

	SAY("tables", table_frames());
	while ((page = page_alloc(0, PAGE_USE_KERNEL, 0)) != NULL) {
		list_append(&held, &page->link);
		taken++;
	}
	/* One frame is left: two tables at least are missing. */
	if (taken > 0) {
		page = list_entry(list_pop(&held), struct page, link);
		page_drop(page);
	}
	entered = pmap_kernel_enter(va, page_address(spare), both, PMAP_CACHED);
	SAY("full", va, entered);
	SAY("tables", table_frames());
	while (!list_empty(&held))
		page_drop(list_entry(list_pop(&held), struct page, link));
	entered = pmap_kernel_enter(va, page_address(spare), both, PMAP_CACHED);
	SAY("again", va, entered, page_address(spare));
	pmap_kernel_remove(va, va + PAGE_SIZE);
	SAY("tables", table_frames());
	SAY("end", 0);
}

/* --- the heap --- */

#define OBJECTS 400u

static struct object {
	uint64_t *memory;
	uint32_t bytes;
	uint8_t type;
	uint64_t value;
} objects[OBJECTS];

static uint64_t
heap_frames(void)
{
	struct page_statistics s;

	kalloc_drain();
	page_statistics_get(&s);
	return s.used[PAGE_USE_KERNEL];
}

static void
object_take(struct object *o, uint32_t bytes, enum kalloc_type type, uint64_t value)
{
	*o = (struct object){ kalloc_raw(bytes, type), bytes, type, value };
	if (o->memory == NULL)
		return;
	for (uint32_t i = 0; i < bytes / 8; i++)
		o->memory[i] = value + i;
}

/* How many of its words are not what was written. */
static unsigned
object_damage(const struct object *o)
{
	unsigned damaged = 0;

	for (uint32_t i = 0; i < o->bytes / 8; i++)
		damaged += o->memory[i] != o->value + i;
	return damaged;
}

static void
object_give(struct object *o)
{
	SAY("gave", (uintptr_t)o->memory, o->bytes, object_damage(o));
	kfree(o->memory);
	o->memory = NULL;
}

/* Somebody else uses frames meanwhile: what the heap gave back too early is overwritten. */
static void
scribble(uint64_t value)
{
	struct page *page[8];

	for (unsigned i = 0; i < 8; i++)
		if ((page[i] = page_alloc(0, PAGE_USE_DMA, 0)) != NULL)
			fill(page[i], value);
	for (unsigned i = 0; i < 8; i++)
		if (page[i] != NULL)
			page_drop(page[i]);
}

static void
objects_apart(uint64_t seed)
{
	static const enum kalloc_type types[] = { KALLOC_MISC, KALLOC_DEVICE, KALLOC_MAP };
	static const uint32_t sizes[] = { 16, 40, 64, 200, 256, 512, 1000, 2048, 8192 };

	SAY("heap", heap_frames());
	for (unsigned step = 0; step < 900; step++) {
		struct object *o = &objects[selftest_random(&seed, 60)];
		uint32_t size = sizes[selftest_random(&seed, 9)];
		enum kalloc_type type = types[selftest_random(&seed, 3)];

		if (o->memory != NULL) {
			object_give(o);
		} else {
			object_take(o, size, type, selftest_random(&seed, NOTHING));
			SAY("took", (uintptr_t)o->memory, size, type);
		}
		if (step % 32 == 31) {
			kalloc_drain();
			page_drain();
			scribble(seed);
		}
	}
	for (unsigned i = 0; i < 60; i++)
		if (objects[i].memory != NULL)
			object_give(&objects[i]);
	SAY("heap", heap_frames());
	SAY("end", 0);
}

/* How many frames so many objects of a size take: all taken, every other one given back, those taken again, all given back. */
static void
fill_once(uint64_t *seed, uint32_t bytes)
{
	unsigned count = 150 + selftest_random(seed, OBJECTS - 150);
	uint64_t row[7] = { bytes, count, heap_frames() };

	for (unsigned i = 0; i < count; i++)
		object_take(&objects[i], bytes, KALLOC_MISC, i);
	row[3] = heap_frames();
	for (unsigned i = 0; i < count; i += 2)
		kfree(objects[i].memory);
	row[4] = heap_frames();
	for (unsigned i = 0; i < count; i += 2)
		object_take(&objects[i], bytes, KALLOC_MISC, i);
	row[5] = heap_frames();
	for (unsigned i = count; i-- > 0;) {
		unsigned k = selftest_random(seed, i + 1);
		struct object o = objects[k];

		objects[k] = objects[i];
		kfree(o.memory);
	}
	row[6] = heap_frames();
	memset(objects, 0, sizeof(objects));
	lab_say("frames", row, 7);
}

static void
heap_frames_used(uint64_t seed)
{
	static const uint32_t sizes[] = { 16, 64, 96, 192, 384, 512, 1024, 4096 };

	for (unsigned i = 0; i < 8; i++)
		fill_once(&seed, sizes[i]);
	SAY("end", 0);
}

const struct selftest selftests_lab1_memory[] = {
	{ "lab1-map", "pages mapped, which stay", map },
	{ "lab1-unmap", "some of them unmapped", unmap },
	{ "lab1-unmap-all", "all of them unmapped", unmap_all },
	{ "lab1-frame", "what the frame at an address is (in place of the seed)", frame },
	{ "lab1-replace", "another frame at an address in use", replace },
	{ "lab1-rights", "more rights for a page in use", rights },
	{ "lab1-narrow", "fewer rights, then a write: panics", narrow },
	{ "lab1-gone", "a page unmapped, then a read: panics", gone },
	{ "lab1-flush", "another frame after unmapping", flush },
	{ "lab1-no-memory", "a mapping without memory for its tables", no_memory },
	{ "lab1-objects", "objects of the heap, taken and given back", objects_apart },
	{ "lab1-slabs", "frames that the heap takes", heap_frames_used },
	{ NULL, NULL, NULL },
};
