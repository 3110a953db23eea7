/*
 * Physical frames: the buddy system behind a lock, per-CPU caches of single frames, reference counts, statistics.
 *
 * The struct page array covers all RAM from the lowest to the highest address and lies in the largest range of RAM.
 */
#include "mm/page.h"

#include "arch/bootinfo.h"
#include "arch/pmap.h"
#include "init/panic.h"
#include "init/printk.h"
#include "init/string.h"
#include "mm/buddy.h"
#include "mm/memmap.h"
#include "sched/cpu.h"
#include "sync/spinlock.h"

#define CACHE_FRAMES	32		/* per CPU */
#define CACHE_BATCH	16		/* moved at a time */
#define POISON		0xdbdbdbdbdbdbdbdbull

struct frame_cache {
	unsigned count;
	struct page *frames[CACHE_FRAMES];
};

static struct spinlock frames_lock = SPINLOCK_INIT("frames", RANK_FRAMES);
static struct buddy frames;
static struct frame_cache caches[CPU_MAX];
static uint64_t frames_total;
static uint64_t frames_reserve;
static uint64_t frames_system_share;
static uint64_t frames_refused;		/* allocations that failed; frames_lock not needed: only a change means anything */

bool (*page_privileged)(void);
static int64_t frames_used[CPU_MAX][PAGE_USES];	/* per CPU, so that counting needs no lock; only sums mean anything */

struct page *
page_of(phys_addr_t address)
{
	uint64_t index = (address >> PAGE_SHIFT) - frames.first;

	if (index >= frames.count || frames.pages[index].state == PAGE_HOLE)
		return NULL;
	return &frames.pages[index];
}

phys_addr_t
page_address(const struct page *page)
{
	return (frames.first + (page - frames.pages)) << PAGE_SHIFT;
}

void *
page_virtual(const struct page *page)
{
	return phys_to_virt(page_address(page));
}

/* --- boot --- */

static bool
range_reserved(uint64_t start, uint64_t end, uint64_t *skip_to)
{
	for (unsigned i = 0; i < bootinfo.reserved_count; i++) {
		const struct boot_range *r = &bootinfo.reserved[i];

		if (start < r->base + r->size && r->base < end) {
			*skip_to = vm_page_round(r->base + r->size);
			return true;
		}
	}
	return false;
}

/* Finds unreserved RAM for the page array: the first place that is large enough. */
static uint64_t
array_place(uint64_t bytes)
{
	for (unsigned i = 0; i < bootinfo.memory_count; i++) {
		const struct boot_range *m = &bootinfo.memory[i];
		uint64_t at = vm_page_round(m->base);

		while (at + bytes <= m->base + m->size)
			if (!range_reserved(at, at + bytes, &at))
				return at;
	}
	panic("no room for the page array (%lu KB)", (unsigned long)(bytes >> 10));
}

/* RAM is first all reserved; free_unreserved then gives away what nobody claimed. */
static void
mark_ram(const struct boot_range *range)
{
	for (uint64_t at = vm_page_round(range->base); at + PAGE_SIZE <= range->base + range->size; at += PAGE_SIZE)
		frames.pages[(at >> PAGE_SHIFT) - frames.first].state = PAGE_RESERVED;
}

static void
block_give(uint64_t frame, unsigned order)
{
	const char *wrong = buddy_free(&frames, &frames.pages[frame - frames.first], order);

	if (wrong != NULL)
		panic("boot gave away frame %#lx, order %u: %s", (unsigned long)frame, order, wrong);
	frames_total += 1ull << order;
}

/* What no range of bootinfo reserves. */
static void
free_unreserved(void)
{
	struct memmap map = { bootinfo.memory, bootinfo.memory_count, bootinfo.reserved, bootinfo.reserved_count };

	memmap_free_blocks(&map, block_give);
}

void
page_init(void)
{
	uint64_t low = UINT64_MAX, high = 0, bytes, place;

	assert(bootinfo.memory_count > 0 && bootinfo.reserved_count < BOOT_RANGES_MAX);
	for (unsigned i = 0; i < bootinfo.memory_count; i++) {
		const struct boot_range *m = &bootinfo.memory[i];

		if (m->base < low)
			low = m->base;
		if (m->base + m->size > high)
			high = m->base + m->size;
	}
	low = (low >> PAGE_SHIFT) & ~((1ull << PAGE_ORDER_MAX) - 1);
	high >>= PAGE_SHIFT;
	bytes = vm_page_round((high - low) * sizeof(struct page));
	place = array_place(bytes);
	bootinfo.reserved[bootinfo.reserved_count++] = (struct boot_range){ place, bytes };

	memset(phys_to_virt(place), 0, bytes);
	buddy_init(&frames, phys_to_virt(place), low, high - low);
	for (unsigned i = 0; i < bootinfo.memory_count; i++)
		mark_ram(&bootinfo.memory[i]);
	free_unreserved();
	frames_reserve = frames_total / 64 < 256 ? frames_total / 64 : 256;
	frames_system_share = frames_total / 16 < 4096 ? frames_total / 16 : 4096;
}

/* --- poisoning, debug builds --- */

#ifdef DEBUG
static void
poison_fill(struct page *page, unsigned order)
{
	uint64_t *word = page_virtual(page);

	for (uint64_t i = 0; i < (PAGE_SIZE << order) / 8; i++)
		word[i] = POISON;
}

static void
poison_check(struct page *page, unsigned order)
{
	const uint64_t *word = page_virtual(page);

	if (page->flags == 0)			/* never freed since boot: not filled */
		return;
	for (uint64_t i = 0; i < (PAGE_SIZE << order) / 8; i++)
		if (word[i] != POISON)
			panic("frame %#lx was written at offset %#lx after it was freed",
			    (unsigned long)page_address(page), (unsigned long)(i * 8));
}
#endif

/* --- allocation --- */

/* The number of free frames that an allocation must leave, by its flags. */
static uint64_t
must_stay(unsigned flags)
{
	if ((flags & PAGE_ALLOC_RESERVE) != 0)
		return page_privileged != NULL ? frames_reserve / 2 : 0;
	return (flags & PAGE_ALLOC_ORDINARY) != 0 ? frames_system_share : frames_reserve;
}

/* The same for the running thread, which may be one that pages for the others. Asked when memory is short only. */
static uint64_t
must_stay_now(uint64_t wanted, unsigned flags)
{
	uint64_t stays = must_stay(flags);

	if (frames.free < stays + wanted && page_privileged != NULL && page_privileged())
		return 0;
	return stays;
}

/* Fills the cache half; near the limit it takes one frame at a time, so that caches hold nothing back. */
static void
cache_refill(struct frame_cache *cache, unsigned flags)
{
	uint64_t stays = must_stay_now(1, flags);

	spin_lock(&frames_lock);
	while (cache->count < CACHE_BATCH && frames.free > stays) {
		struct page *page = buddy_alloc(&frames, 0);

		if (page == NULL)
			break;
		page->state = PAGE_CACHED;
		cache->frames[cache->count++] = page;
		if (frames.free <= frames_system_share)
			break;
	}
	spin_unlock(&frames_lock);
}

static void
cache_flush(struct frame_cache *cache, unsigned keep)
{
	spin_lock(&frames_lock);
	while (cache->count > keep) {
		struct page *page = cache->frames[--cache->count];
		const char *wrong;

		page->state = PAGE_USED;
		wrong = buddy_free(&frames, page, 0);
		assert(wrong == NULL);
	}
	spin_unlock(&frames_lock);
}

static struct page *
alloc_single(unsigned flags)
{
	struct frame_cache *cache = &caches[cpu_self()->number];

	if (cache->count == 0)
		cache_refill(cache, flags);
	if (cache->count == 0)
		return NULL;
	return cache->frames[--cache->count];
}

static struct page *
alloc_block(unsigned order, unsigned flags)
{
	uint64_t stays = must_stay_now(1ull << order, flags);
	struct page *page = NULL;

	spin_lock(&frames_lock);
	if (frames.free >= stays + (1ull << order))
		page = buddy_alloc(&frames, order);
	spin_unlock(&frames_lock);
	return page;
}

#ifdef DEBUG

bool (*page_refuses)(void);

bool
page_refused(void)
{
	bool refused = page_refuses != NULL && page_refuses();

	if (refused)
		__atomic_add_fetch(&frames_refused, 1, __ATOMIC_RELAXED);
	return refused;
}

#endif

struct page *
page_alloc(unsigned order, enum page_use use, unsigned flags)
{
	struct page *page;

	if (order > PAGE_ORDER_MAX || page_refused())
		return NULL;
	page = order == 0 ? alloc_single(flags) : alloc_block(order, flags);
	if (page == NULL) {
		__atomic_add_fetch(&frames_refused, 1, __ATOMIC_RELAXED);
		return NULL;
	}
#ifdef DEBUG
	if (order == 0)
		poison_check(page, 0);
#endif
	page->state = PAGE_USED;
	page->order = order;
	page->use = use;
	page->flags = 0;
	page->owner = NULL;
	page->offset = 0;
	page->wired = page->pins = 0;
	list_node_init(&page->link);
	refcount_set(&page->refs, 1);
	frames_used[cpu_self()->number][use] += 1l << order;
	if ((flags & PAGE_ALLOC_ZERO) != 0)
		cpu_clear_pages(page_virtual(page), PAGE_SIZE << order);
	return page;
}

void
page_take(struct page *page)
{
	debug_assert(page->state == PAGE_USED && page->refs > 0);
	refcount_take(&page->refs);
}

void
page_split(struct page *page)
{
	unsigned count = 1u << page->order;

	debug_assert(page->refs == 1);
	page->order = 0;
	for (unsigned i = 1; i < count; i++) {
		struct page *single = &page[i];

		single->order = 0;
		single->use = page->use;
		single->flags = 0;
		single->owner = NULL;
		single->offset = 0;
		single->wired = single->pins = 0;
		list_node_init(&single->link);
		refcount_set(&single->refs, 1);
	}
}

void
page_set_use(struct page *page, enum page_use use)
{
	frames_used[cpu_self()->number][page->use]--;
	frames_used[cpu_self()->number][use]++;
	page->use = use;
}

static void
free_block(struct page *page)
{
	const char *wrong;

	spin_lock(&frames_lock);
	wrong = buddy_free(&frames, page, page->order);
	spin_unlock(&frames_lock);
	if (wrong != NULL)
		panic("page_drop: %s (frame %#lx)", wrong, (unsigned long)page_address(page));
}

/*
 * An emulator keeps what it translated from a frame until stores overwrite it, and until then all stores to the frame are slow: a kernel stack
 * in a frame where a program had been took ten times as long (QEMU 7.2, whose DC ZVA does not count as a store; memset uses it for zeros only).
 */
static void
forget_instructions(struct page *page)
{
	memset(page_virtual(page), 0xdb, PAGE_SIZE << page->order);
	page->executed = false;
}

void
page_drop(struct page *page)
{
	struct frame_cache *cache = &caches[cpu_self()->number];

	if (page->state != PAGE_USED || page->refs == 0)
		panic("page_drop: double free (frame %#lx)", (unsigned long)page_address(page));
	if (!refcount_drop(&page->refs))
		return;
	debug_assert(page->pins == 0 && !list_linked(&page->link));
	frames_used[cpu_self()->number][page->use] -= 1l << page->order;
	if (page->executed)
		forget_instructions(page);
#ifdef DEBUG
	for (unsigned i = 0; i < 1u << page->order; i++) {
		page[i].flags = 1;
		poison_fill(&page[i], 0);
	}
#endif
	if (page->order > 0) {
		free_block(page);
		return;
	}
	if (cache->count == CACHE_FRAMES)
		cache_flush(cache, CACHE_FRAMES - CACHE_BATCH);
	page->state = PAGE_CACHED;
	cache->frames[cache->count++] = page;
	if (frames.free <= frames_system_share)	/* short: who needs it may be on another CPU */
		cache_flush(cache, 0);
}

bool
page_cached(void)
{
	for (unsigned i = 0; i < CPU_MAX; i++)
		if (caches[i].count != 0)
			return true;
	return false;
}

void
page_drain(void)
{
	cache_flush(&caches[cpu_self()->number], 0);
}

static uint64_t
goal(void)
{
	return frames_system_share + frames_system_share / 2;
}

void
page_statistics_get(struct page_statistics *statistics)
{
	memset(statistics, 0, sizeof(*statistics));
	spin_lock(&frames_lock);
	statistics->total = frames_total;
	statistics->reserve = frames_reserve;
	statistics->system_share = frames_system_share;
	statistics->goal = goal();
	statistics->object_floor = frames_system_share / 2;
	for (unsigned i = 0; i <= PAGE_ORDER_MAX; i++)
		statistics->free_blocks[i] = frames.blocks[i];
	for (unsigned i = 0; i < CPU_MAX; i++) {
		statistics->cached += caches[i].count;
		for (unsigned use = 0; use < PAGE_USES; use++)
			statistics->used[use] += frames_used[i][use];
	}
	statistics->free = frames.free + statistics->cached;
	spin_unlock(&frames_lock);
}

bool
page_would_leave(uint64_t count, unsigned flags)
{
	uint64_t stays = must_stay(flags);

	return frames.free >= stays && frames.free - stays >= count;
}

bool
page_would_fit(uint64_t count, unsigned flags)
{
	uint64_t stays = must_stay_now(count, flags);

	return frames.free >= stays && frames.free - stays >= count;
}

uint64_t
page_refusals(void)
{
	return __atomic_load_n(&frames_refused, __ATOMIC_RELAXED);
}

bool
page_plenty(uint64_t count)
{
	uint64_t free = frames.free;

	return free >= goal() && free - goal() >= count;
}

bool
page_low(void)
{
	return frames.free < frames_system_share + frames_system_share / 4;
}

uint64_t
page_wanted(void)
{
	uint64_t free = frames.free;

	return free < goal() ? goal() - free : 0;
}

bool
page_nearly_out(void)
{
	return frames.free < frames_reserve / 4;
}
